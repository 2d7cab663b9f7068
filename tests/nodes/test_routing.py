"""Filter, Condition and Switch: what their examples cannot say."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node, OnError
from apps.engine.outcomes import Done
from apps.nodes import steps
from apps.nodes.context import Services
from apps.nodes.registry import library
from tests.nodes.twins import MemoryAttempt, make_call, outputs_of, sources_of


def over(limit: Any, left: str = "={{ $json.n }}") -> dict[str, Any]:
    operator = {"type": "number", "operation": "gt"}
    return {"conditions": [{"leftValue": left, "operator": operator, "rightValue": limit}]}


def switch(*limits: int, **more: Any) -> dict[str, Any]:
    """Params of a Switch with a rule “over n” for each limit."""
    rules = [{"name": f"over {limit}", "conditions": over(limit)} for limit in limits]
    return {"rules": rules, **more}


def routed(type: str, params: dict[str, Any], *numbers: Any) -> dict[str, list[Any]]:
    outputs = outputs_of(type, params, [{"n": number} for number in numbers])
    return {name: [item.json["n"] for item in items] for name, items in outputs.items()}


PARAMS = {
    "filter": {"conditions": over(1)},
    "condition": {"conditions": over(1)},
    "switch": switch(1),
}
OUTPUTS = {
    "filter": ("main", "discarded"),
    "condition": ("true", "false"),
    "switch": ("over 1", "fallback"),
}
every_type = pytest.mark.parametrize("type", list(PARAMS))


@every_type
def test_no_items_give_none(type: str) -> None:
    assert routed(type, PARAMS[type]) == {name: [] for name in OUTPUTS[type]}


@every_type
def test_items_leave_by_one_way_or_the_other_and_keep_their_lineage(type: str) -> None:
    outputs = outputs_of(type, PARAMS[type], [{"n": n} for n in (0, 2, 1, 3)])
    assert [sources_of(outputs[name]) for name in OUTPUTS[type]] == [[[1], [3]], [[0], [2]]]


@every_type
def test_many_items_leave_as_a_few_do(type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROUTED_AT_ONCE", 3)
    yes, no = OUTPUTS[type]
    assert routed(type, PARAMS[type], *range(10)) == {yes: list(range(2, 10)), no: [0, 1]}


@every_type
def test_an_item_that_fails_is_told_by_its_place(
    type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "ROUTED_AT_ONCE", 2)
    with pytest.raises(NodeError) as failure:
        routed(type, PARAMS[type], 5, 0, 0, "x")
    assert failure.value.code == "type_mismatch"
    assert "condition 0 of item 3" in failure.value.message


def going_on(type: str, params: dict[str, Any], on_error: OnError, *numbers: Any) -> Done:
    spec = library().find(type, 1)
    assert spec is not None
    node = Node("n1", type, "Step", params, on_error=on_error)
    call = make_call(spec, params, [{"n": number} for number in numbers], node=node)
    outcome = spec.prepare(call).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome


@every_type
def test_an_item_that_fails_is_not_let_through_where_the_node_goes_on(type: str) -> None:
    outcome = going_on(type, PARAMS[type], "continue", 5, "x", 0)
    yes, no = OUTPUTS[type]
    assert [item.json["n"] for item in outcome.outputs[yes]] == [5]
    assert [item.json["n"] for item in outcome.outputs[no]] == ["x", 0]
    assert outcome.outputs[no][0].json["error"]["code"] == "type_mismatch"
    assert outcome.error is None


@every_type
def test_an_item_that_fails_leaves_by_the_output_for_errors(type: str) -> None:
    outcome = going_on(type, PARAMS[type], "route", 5, "x", 0)
    assert [item.json["n"] for item in outcome.outputs["error"]] == ["x"]
    assert [len(outcome.outputs[name]) for name in OUTPUTS[type]] == [1, 1]


def test_params_that_cannot_be_read_are_the_items_own_error() -> None:
    params = {"conditions": {"combinator": "={{ $json.n }}", **over(0, left=1)}}  # type: ignore[arg-type]
    outcome = going_on("filter", params, "route", "and", "nor", "or")
    assert [item.json["n"] for item in outcome.outputs["main"]] == ["and", "or"]
    assert [item.json["n"] for item in outcome.outputs["error"]] == ["nor"]


def test_a_switch_takes_the_first_rule_that_matches_or_all() -> None:
    assert routed("switch", switch(1, 3), 0, 2, 4) == {
        "over 1": [2, 4],
        "over 3": [],
        "fallback": [0],
    }
    assert routed("switch", switch(1, 3, all_matches=True), 0, 2, 4) == {
        "over 1": [2, 4],
        "over 3": [4],
        "fallback": [0],
    }


def test_the_fallback_of_a_switch_may_have_another_name() -> None:
    assert routed("switch", switch(1, fallback_name="small"), 0, 2) == {"over 1": [2], "small": [0]}
    assert routed("switch", switch(1, fallback="none"), 0, 2) == {"over 1": [2]}


@pytest.mark.parametrize("name", ["over 1", "error", ""])
def test_the_name_of_the_fallback_is_no_other_outputs(name: str) -> None:
    spec = library().find("switch", 1)
    assert spec is not None
    faults = spec.check({"rules": [{"name": "over 1"}], "fallback_name": name})
    assert [fault.code for fault in faults] == ["invalid_value"]


@pytest.mark.parametrize(
    ("way", "output"),
    [("a", "a"), (1, "b"), (2, "fallback"), (-1, "fallback"), ("z", "fallback")],
)
def test_an_expression_names_a_rule(way: Any, output: str) -> None:
    params = {"rules": [{"name": "a"}, {"name": "b"}], "expression": "={{ $json.n }}"}
    assert routed("switch", params, way)[output] == [way]


@pytest.mark.parametrize("way", [True, 1.5, [], {}])
def test_an_expression_that_names_none_is_the_items_error(way: Any) -> None:
    params = {"rules": [{"name": "a"}], "expression": "={{ $json.n }}"}
    outcome = going_on("switch", params, "route", way, "a")
    assert [item.json["n"] for item in outcome.outputs["error"]] == [way]


def test_a_bad_regular_expression_is_the_error_of_its_item(services: Services) -> None:
    operator = {"type": "string", "operation": "regex"}
    condition = {"leftValue": "x", "operator": operator, "rightValue": "={{ $json.n }}"}
    outcome = going_on(
        "filter", {"conditions": {"conditions": [condition]}}, "route", "x", "(", "y"
    )
    assert [item.json["n"] for item in outcome.outputs["error"]] == ["("]
    assert [item.json["n"] for item in outcome.outputs["discarded"]] == ["y"]
