"""JavaScript's text of a value, made in Python."""

import json
import random
import struct
from typing import Any

import orjson
import pytest

from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve
from apps.expressions.text import as_text, json_numbers, number_text


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
    for dumps in (json.dumps, lambda value: orjson.dumps(value).decode()):
        assert json.loads(json_numbers(dumps(numbers)), parse_float=str, parse_int=str) == written


@pytest.mark.parametrize(
    "text",
    [
        '{"2.0":"a 2.0 \\" 1e-07","b":[0.5,-1.25,null,true]}',  # what stands in texts is no number
        f"[{10**25},-{2**63}]",  # integers keep all their digits
        '["\\\\",1]',
        "2",
    ],
)
def test_json_in_which_no_number_is_written_in_another_way_stays(text: str) -> None:
    assert json_numbers(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('{"f":2.0,"sm":1e-07,"l":[1.0,2.5],"oo":{"z":-1.0}}',
         '{"f":2,"sm":1e-7,"l":[1,2.5],"oo":{"z":-1}}'),
        ('["1.0\\"",1.0]', '["1.0\\"",1]'),
        ("[-0.0,1e16,1e+22,1E2]", "[0,10000000000000000,1e+22,100]"),
        ("2.0", "2"),
        ('{\n  "a": 2.0\n}', '{\n  "a": 2\n}'),
    ],
    ids=["nested", "escaped", "exponents", "alone", "laid-out"],
)  # fmt: skip
def test_numbers_in_json_are_written_as_the_engine_writes_them(text: str, written: str) -> None:
    assert json_numbers(text) == written


@pytest.mark.timeout(10)  # the square of their length would take more
@pytest.mark.parametrize("part", ["9" * 4_000 + ",", "9." + "9" * 4_000 + ",", '"' + "\\" * 3_999])
def test_long_numbers_and_texts_cost_no_more_than_their_length(part: str) -> None:
    text = f"[2.0,{part * 1_000}"
    assert json_numbers(text).startswith("[2,")
