"""Switch: its rules and outputs; what it shares with Filter and Condition: test_routing.py."""

from typing import Any

import pytest

from apps.engine.items import Json
from tests.nodes.twins import going_on, outputs_of, sources_of, type_of

WAY = {"rules": [{"name": "a"}, {"name": "b"}], "expression": "={{ $json.n }}"}


def over(limit: Any, left: str = "={{ $json.n }}") -> dict[str, Any]:
    operator = {"type": "number", "operation": "gt"}
    return {"conditions": [{"leftValue": left, "operator": operator, "rightValue": limit}]}


def switch(*limits: int, **more: Any) -> dict[str, Any]:
    """Params with a rule “over n” for each limit."""
    rules = [{"name": f"over {limit}", "conditions": over(limit)} for limit in limits]
    return {"rules": rules, **more}


def routed(params: dict[str, Any], *numbers: Any) -> dict[str, list[Any]]:
    outputs = outputs_of("switch", params, [{"n": number} for number in numbers])
    return {name: [item.json["n"] for item in items] for name, items in outputs.items()}


def test_a_switch_takes_the_first_rule_that_matches_or_all() -> None:
    assert routed(switch(1, 3), 0, 2, 4) == {
        "over 1": [2, 4],
        "over 3": [],
        "fallback": [0],
    }
    assert routed(switch(1, 3, all_matches=True), 0, 2, 4) == {
        "over 1": [2, 4],
        "over 3": [4],
        "fallback": [0],
    }


def test_the_fallback_of_a_switch_may_have_another_name() -> None:
    assert routed(switch(1, fallback_name="small"), 0, 2) == {"over 1": [2], "small": [0]}
    assert routed(switch(1, fallback="none"), 0, 2) == {"over 1": [2]}


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, "rules"),
        ({"rules": []}, "rules"),
        ({"rules": [{"name": f"{n}"} for n in range(101)]}, "rules"),
        ({"rules": [{"name": "a"}, {"name": "a"}]}, "rules[1].name"),
        ({"rules": [{"name": "error"}]}, "rules[0].name"),
        ({"rules": [{"name": "fallback"}]}, "rules[0].name"),
        ({"rules": [{"name": "a"}], "fallback_name": "a"}, "rules[0].name"),
        ({"rules": [{"name": "a"}], "fallback_name": "error"}, "fallback_name"),
        ({"rules": [{"name": "a"}], "fallback_name": ""}, "fallback_name"),
        ({"rules": [{"name": "a"}], "fallback": "first"}, "fallback"),
        # What outputs there are must be known before an item is there.
        ({"rules": "={{ $json.rules }}"}, "rules"),
        ({"rules": ["={{ $json.rule }}"]}, "rules[0]"),
        ({"rules": [{"name": "={{ 1 }}"}]}, "rules[0].name"),
        ({"rules": [{"name": "a"}], "fallback": "={{ 'none' }}"}, "fallback"),
        ({"rules": [{"name": "a"}], "fallback_name": "={{ 1 }}"}, "fallback_name"),
    ],
)
def test_outputs_that_cannot_be_are_a_fault(params: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in type_of("switch").check(params)] == [path]


@pytest.mark.parametrize(
    ("way", "output"),
    [
        ("a", "a"),
        (1, "b"),
        (1.0, "b"),
        (2, "fallback"),
        (-1, "fallback"),
        ("z", "fallback"),
        ("", "fallback"),
    ],
)
def test_an_expression_names_a_rule(way: Any, output: str) -> None:
    assert routed(WAY, way)[output] == [way]


@pytest.mark.parametrize("way", [True, 1.5, [], {}, None])
def test_an_expression_that_names_none_is_the_items_error(way: Any) -> None:
    takes: list[Json] = [{"n": way}, {"n": "b"}, {}]
    outcome = going_on("switch", WAY, "route", takes)
    assert sources_of(outcome.outputs["error"]) == [[0], [2]]
    assert sources_of(outcome.outputs["b"]) == [[1]]
    assert {item.json["error"]["code"] for item in outcome.outputs["error"]} == {"invalid_params"}
    outcome = going_on("switch", WAY, "continue", takes)
    assert sources_of(outcome.outputs["fallback"]) == [[0], [2]]


def test_an_expression_without_anything_leaves_it_to_the_rules() -> None:
    assert routed(switch(1, expression="={{ }}"), 2, 0) == {"over 1": [2], "fallback": [0]}


def test_what_no_expression_names_may_be_dropped() -> None:
    assert routed({**WAY, "fallback": "none"}, "a", "z", 7) == {"a": ["a"], "b": []}


def test_an_item_may_leave_by_several_rules_and_keeps_its_lineage() -> None:
    takes = [{"n": 0}, {"n": 4}]
    outputs = outputs_of("switch", switch(1, 3, all_matches=True), takes)
    assert [sources_of(items) for items in outputs.values()] == [[[1]], [[1]], [[0]]]


def test_the_outputs_of_a_switch_follow_its_rules() -> None:
    outputs = type_of("switch").outputs
    assert outputs({"rules": [{"name": "a"}, {"name": "b"}]}) == ("a", "b", "fallback")
    assert outputs({"rules": [{"name": "a"}, 5, {}], "fallback": "none"}) == ("a",)
    assert outputs({"rules": [{"name": "a"}], "fallback_name": "z"}) == ("a", "z")
    assert outputs({"rules": [], "fallback_name": "error"}) == ("fallback",)
    assert outputs({"rules": "x"}) == ("fallback",)
