"""Objects and arrays as people write them."""

from typing import Any

import pytest

from apps.nodes.values.literals import NotLiteralError, read_literal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, true, null]}', {"a": [1, 2.5, True, None]}),
        ("{a: 1, $b_2: 'x'}", {"a": 1, "$b_2": "x"}),
        ("{'a': '1', \"b\": \"it's\"}", {"a": "1", "b": "it's"}),
        (r"{'\'one\' \"two\"': -1}", {"'one' \"two\"": -1}),
        (r"['\u00e4\x41\n', '\ud83d\ude00', '\ud83d']", ["äA\n", "😀", "\ufffd"]),
        ("[1, [2, {a: []}], ]", [1, [2, {"a": []}]]),
        ("{a: {b: {}},}", {"a": {"b": {}}}),
        ("{1: 'one', null: 2}", {"1": "one", "null": 2}),
        ("{a: 1, a: 2}", {"a": 2}),
        ("[undefined, +1, .5, 1e3]", [None, 1, 0.5, 1000.0]),
        (" 'alone' ", "alone"),
        (f"[{'9' * 200}]", [int("9" * 200)]),
    ],
)
def test_json_and_literals_are_read(text: str, value: Any) -> None:
    assert read_literal(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one",
        "{",
        "[1, 2, 3",
        "1, 2, 3]",
        "[1 2]",
        "{1, 2, {3, 4}, 5}",
        "{a}",
        "{a: b}",
        "{a: 1} {b: 2}",
        "[f(1)]",
        "{[x]: 1}",
        "`text`",
        "'unclosed",
        "[NaN]",
        "[1e999]",
        f"[{'9' * 5000}]",
        "[" * 5000,
        "{a:" * 5000,
        "[,]",
    ],
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(NotLiteralError):
        read_literal(text)
