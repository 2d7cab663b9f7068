"""Conditions in n8n's filter form."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.engine.errors import NodeError
from apps.nodes.conditions.typed import Conditions, hold
from apps.nodes.registry import library
from tests.nodes.twins import run_step


def routed(left: Any, type: str, operation: str, right: Any = None, **options: Any) -> str:
    condition = {
        "leftValue": left,
        "operator": {"type": type, "operation": operation},
        "rightValue": right,
    }
    node = library().find("condition", 1)
    assert node is not None
    params = {"conditions": {"conditions": [condition], "options": options}}
    outputs = run_step(node, params).outcome.outputs  # type: ignore[union-attr]
    return next(name for name, items in outputs.items() if items)


@pytest.mark.parametrize(
    ("left", "type", "operation", "right", "verdict"),
    [
        ("abc", "string", "contains", "b", "true"),
        (None, "string", "equals", "", "true"),  # null is the empty text
        (10**30, "number", "gt", 10**30 - 1, "true"),  # exact, over what JavaScript holds
        (1, "number", "equals", 1.0, "true"),
        (None, "number", "lt", 5, "false"),  # nothing is not less than something
        ("2026-01-01T00:00:00+02:00", "dateTime", "before", "2025-12-31T23:00:00Z", "true"),
        ([1, True], "array", "contains", 1, "true"),
        ([True], "array", "contains", 1, "false"),  # true is not 1
        ({}, "object", "empty", None, "true"),
        ("order-7", "string", "regex", r"^order-\d+$", "true"),
        ("ORDER", "string", "regex", "/order/i", "true"),
        ("x", "string", "notRegex", "y", "true"),
    ],
)
def test_a_condition_holds(left: Any, type: str, operation: str, right: Any, verdict: str) -> None:
    assert routed(left, type, operation, right) == verdict


def test_strict_types_do_not_convert_and_loose_ones_do() -> None:
    with pytest.raises(NodeError) as failure:
        routed("15", "number", "equals", 15)
    assert failure.value.code == "type_mismatch"
    assert routed("15", "number", "equals", 15, typeValidation="loose") == "true"
    assert routed("false", "boolean", "true", typeValidation="loose") == "false"
    assert routed("false", "boolean", "true", typeValidation="loose", version=1) == "true"


def test_upper_and_lower_case_may_count_as_the_same() -> None:
    assert routed("FOO", "string", "equals", "foo") == "false"
    assert routed("FOO", "string", "equals", "foo", caseSensitive=False) == "true"


def test_a_regular_expression_that_cannot_be_read_fails_the_step() -> None:
    with pytest.raises(NodeError) as failure:
        routed("x", "string", "regex", "(")
    assert failure.value.code == "invalid_regex"


def test_or_looks_no_further_than_the_first_that_holds() -> None:
    node = library().find("filter", 1)
    assert node is not None
    holds = {
        "leftValue": "a",
        "operator": {"type": "string", "operation": "equals"},
        "rightValue": "a",
    }
    wrong = {"leftValue": "a", "operator": {"type": "number", "operation": "gt"}, "rightValue": 1}
    params = {"conditions": {"combinator": "or", "conditions": [holds, wrong]}}
    assert len(run_step(node, params).outcome.outputs["main"]) == 1  # type: ignore[union-attr]


def test_dates_without_offset_are_in_the_zone_of_the_workflow() -> None:
    early = {
        "leftValue": "2 Jan 2026 01:30",
        "operator": {"type": "dateTime", "operation": "before"},
        "rightValue": "2026-01-02T00:00:00Z",
    }
    conditions = Conditions.model_validate({"conditions": [early]})
    assert hold([conditions], match=lambda pairs: [], zone=ZoneInfo("Europe/Riga")) == [True]
    assert hold([conditions], match=lambda pairs: []) == [False]


@pytest.mark.parametrize(
    ("left", "type", "operation", "verdict"),
    [
        (True, "boolean", "true", "true"),
        (True, "boolean", "false", "false"),
        (False, "boolean", "exists", "true"),
        (5, "number", "exists", "true"),
        (None, "number", "empty", "true"),
        ("2026-01-01", "dateTime", "exists", "true"),
        ("2026-01-01", "dateTime", "notEmpty", "true"),
        ({"a": 1}, "object", "notEmpty", "true"),
        ([], "array", "notExists", "false"),
    ],
)
def test_an_operation_of_one_side_ignores_the_other(
    left: Any, type: str, operation: str, verdict: str
) -> None:
    assert routed(left, type, operation, "") == verdict
    assert routed(left, type, operation, {"of": "no type"}) == verdict


def test_what_is_pasted_with_single_value_is_no_fault() -> None:
    node = library().find("filter", 1)
    assert node is not None
    operator = {"type": "boolean", "operation": "true", "singleValue": True}
    condition = {"leftValue": "={{ $json.b }}", "rightValue": "", "operator": operator}
    assert node.check({"conditions": {"conditions": [condition]}}) == []


@pytest.mark.parametrize(
    ("type", "operation", "told"),
    [
        ("number", "greater", "Did you mean “gt”?"),
        ("number", "greaterThanOrEqual", "Did you mean “gte”?"),
        ("string", "contain", "Did you mean “contains”?"),
        ("array", "zzz", "lengthGt, lengthLt"),
        ("boolean", "gt", "exists, notExists, empty, notEmpty, equals, notEquals, true, false"),
    ],
)
def test_an_unknown_operation_is_told_with_those_that_there_are(
    type: str, operation: str, told: str
) -> None:
    node = library().find("filter", 1)
    assert node is not None
    condition = {"leftValue": 1, "operator": {"type": type, "operation": operation}}
    [fault] = node.check({"conditions": {"conditions": [condition]}})
    assert fault.path == "conditions.conditions[0].operator.operation"
    assert told in fault.message


def test_the_schema_tells_the_operations_of_each_type_in_words() -> None:
    told = Conditions.model_json_schema()["$defs"]["Operator"]["x-operations"]
    assert [each["type"] for each in told][:2] == ["string", "number"]
    (of_object,) = [each["operations"] for each in told if each["type"] == "object"]
    assert [each["name"] for each in of_object] == ["exists", "notExists", "empty", "notEmpty"]
    assert {"name": "gt", "meaning": "is greater than"} in told[1]["operations"]
