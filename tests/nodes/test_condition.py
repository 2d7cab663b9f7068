"""Condition: every setting of its conditions; test_conditions.py has the operations, and
test_routing.py what it shares with Filter and Switch."""

from collections.abc import Sequence
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Json
from tests.nodes.twins import jsons_of, outputs_of, type_of


def comparing(operation: str = "equals", type: str = "string", **operator: str) -> dict[str, Any]:
    return {
        "leftValue": "={{ $json.left }}",
        "operator": {"type": type, "operation": operation, **operator},
        "rightValue": "={{ $json.right }}",
    }


def holding(
    conditions: Sequence[dict[str, Any]], *takes: tuple[Json, Json], **settings: Any
) -> list[bool]:
    """Whether the conditions hold, for each pair of a left and a right value."""
    params = {"conditions": {"conditions": conditions, **settings}}
    items: list[Json] = [
        {"left": left, "right": right, "n": n} for n, (left, right) in enumerate(takes)
    ]
    held = {json["n"] for json in jsons_of("condition", params, items, "true")}
    left_over = {json["n"] for json in jsons_of("condition", params, items, "false")}
    assert held.isdisjoint(left_over)
    assert held | left_over == set(range(len(takes)))
    return [n in held for n in range(len(takes))]


A_AND_B = [comparing(), comparing("contains")]


def test_and_wants_all_conditions_and_or_one() -> None:
    pairs = [("a", "a"), ("ab", "a"), ("c", "a")]  # both hold, only the second, none
    assert holding(A_AND_B, *pairs) == [True, False, False]
    assert holding(A_AND_B, *pairs, combinator="and") == [True, False, False]
    assert holding(A_AND_B, *pairs, combinator="or") == [True, True, False]


def test_without_conditions_all_hold_and_not_one() -> None:
    assert holding([], ("a", "b")) == [True]
    assert holding([], ("a", "b"), combinator="or") == [False]


def test_case_counts_unless_it_is_said_not_to() -> None:
    pairs = [("Foo", "fOO")]
    assert holding([comparing()], *pairs) == [False]
    assert holding([comparing()], *pairs, options={"caseSensitive": True}) == [False]
    assert holding([comparing()], *pairs, options={"caseSensitive": False}) == [True]
    regex = [comparing("regex")]
    assert holding(regex, ("FOO", "^foo$"), options={"caseSensitive": False}) == [True]
    array = [comparing("contains", "array")]
    assert holding(array, (["FOO"], "foo"), options={"caseSensitive": False}) == [True]


@pytest.mark.parametrize(
    ("type", "operation", "left", "right"),
    [
        ("string", "equals", 5, "5"),
        ("number", "gt", "6", 5),
        ("boolean", "equals", "true", True),
        ("dateTime", "after", "2026-01-02", 5),
        ("array", "contains", "[1, 2]", 2),
        ("object", "notEmpty", '{"a": 1}', None),
    ],
)
def test_strict_conditions_take_values_of_their_type_alone(
    type: str, operation: str, left: Json, right: Json
) -> None:
    conditions = [comparing(operation, type)]
    for settings in ({}, {"options": {"typeValidation": "strict"}}):
        with pytest.raises(NodeError, match="condition 0") as failure:
            holding(conditions, (left, right), **settings)
        assert failure.value.code == "type_mismatch"
        assert "loose" in (failure.value.hint or "")
    loose = {"typeValidation": "loose"}
    if type == "dateTime":  # what is no date stays none
        with pytest.raises(NodeError):
            holding(conditions, (left, right), options=loose)
    else:
        assert holding(conditions, (left, right), options=loose) == [True]


def test_a_right_side_may_be_of_another_type() -> None:
    longer = comparing("lengthGt", "array", rightType="number")
    assert holding([longer], ([1, 2], 1), ([1], 1)) == [True, False]
    dated = comparing("contains", "array", rightType="dateTime")
    with pytest.raises(NodeError, match="no date"):
        holding([dated], (["x"], "x"))
    anything = comparing("equals", "string", rightType="any")
    assert holding([anything], ("x", "x"), ("5", 5)) == [True, False]


def test_values_of_any_type_are_there_or_not() -> None:
    pairs: list[tuple[Json, Json]] = [(0, None), ("", None), ({}, None), (None, None)]
    assert holding([comparing("exists", "any")], *pairs) == [True, True, True, False]
    assert holding([comparing("notExists", "any")], *pairs) == [False, False, False, True]


def test_how_loose_booleans_are_read_depends_on_the_version() -> None:
    conditions = [comparing("true", "boolean")]
    loose = {"typeValidation": "loose"}
    pairs: list[tuple[Json, Json]] = [("false", None), ("0", None), ("yes", None), (0, None)]
    assert holding(conditions, *pairs, options=loose) == [False, False, True, False]
    first = {**loose, "version": 1}
    assert holding(conditions, *pairs, options=first) == [True, True, True, False]


@pytest.mark.parametrize(
    ("conditions", "path"),
    [
        ({"combinator": "nor", "conditions": []}, "conditions.combinator"),
        ({"conditions": [], "options": {"typeValidation": "lax"}},
         "conditions.options.typeValidation"),
        ({"conditions": [], "options": {"caseSensitive": "no"}},
         "conditions.options.caseSensitive"),
        ({"conditions": [comparing(type="text")]}, "conditions.conditions[0].operator.type"),
        ({"conditions": [{}] * 1_001}, "conditions.conditions"),
    ],
    ids=["combinator", "strictness", "case", "type", "too-many"],
)  # fmt: skip
def test_what_no_condition_can_be_is_a_fault(conditions: Json, path: str) -> None:
    assert [fault.path for fault in type_of("condition").check({"conditions": conditions})][:1] == [
        path
    ]


def test_an_item_without_the_field_has_null_there() -> None:
    outputs = outputs_of("condition", {"conditions": {"conditions": [comparing("empty")]}}, [{}])
    assert [len(outputs[name]) for name in ("true", "false")] == [1, 0]
