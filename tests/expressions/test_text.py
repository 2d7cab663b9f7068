"""JavaScript's text of a value, made in Python."""

import json
import random
import struct
from typing import Any

import pytest

from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve
from apps.expressions.text import as_text, number_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        ("a", "a"),
        (2**60 + 1, "1152921504606846977"),
        ([1, None, [2, "x"], {"a": 1}], "1,,2,x,[object Object]"),
        ({"a": 1}, "[object Object]"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1.5e-7, "1.5e-7"),
        (0.000001, "0.000001"),
        (123456.789, "123456.789"),
        (-1.25e300, "-1.25e+300"),
        (5e-324, "5e-324"),
    ],
)
def test_text_of_values(value: Any, expected: str) -> None:
    assert as_text(value) == expected


def test_numbers_are_written_as_the_engine_writes_them(sandbox: Sandbox) -> None:
    random.seed(1)
    numbers = [struct.unpack("d", random.randbytes(8))[0] for _ in range(2000)]
    numbers += [random.uniform(-1, 1) * 10 ** random.randint(-25, 25) for _ in range(2000)]
    numbers = [number for number in numbers if abs(number) < float("inf")]
    scope = Scope(items=[{"json": {"n": number}} for number in numbers])
    resolved = resolve(compile_params({"v": "={{ String($json.n) }}"}), scope, sandbox)
    written = [params["v"] for params in resolved.params]
    assert [number_text(json.loads(json.dumps(number))) for number in numbers] == written
