"""Filter, Condition and Switch: what they share; test_switch.py has its rules."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.expressions.sandbox import Limits
from apps.nodes import steps
from apps.nodes.conditions import regex
from apps.nodes.context import Services, bound
from tests.nodes.twins import going_on, outputs_of, sources_of


def over(limit: Any, left: str = "={{ $json.n }}") -> dict[str, Any]:
    operator = {"type": "number", "operation": "gt"}
    return {"conditions": [{"leftValue": left, "operator": operator, "rightValue": limit}]}


def switch(*limits: int, **more: Any) -> dict[str, Any]:
    """Params of a Switch with a rule “over n” for each limit."""
    rules = [{"name": f"over {limit}", "conditions": over(limit)} for limit in limits]
    return {"rules": rules, **more}


def numbered(*numbers: Any) -> list[Any]:
    return [{"n": number} for number in numbers]


def routed(type: str, params: dict[str, Any], *numbers: Any) -> dict[str, list[Any]]:
    outputs = outputs_of(type, params, numbered(*numbers))
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


@every_type
def test_an_item_that_fails_is_not_let_through_where_the_node_goes_on(type: str) -> None:
    outcome = going_on(type, PARAMS[type], "continue", numbered(5, "x", 0))
    yes, no = OUTPUTS[type]
    assert [item.json["n"] for item in outcome.outputs[yes]] == [5]
    assert [item.json["n"] for item in outcome.outputs[no]] == ["x", 0]
    assert outcome.outputs[no][0].json["error"]["code"] == "type_mismatch"
    assert outcome.error is None


@every_type
def test_an_item_that_fails_leaves_by_the_output_for_errors(type: str) -> None:
    outcome = going_on(type, PARAMS[type], "route", numbered(5, "x", 0))
    assert [item.json["n"] for item in outcome.outputs["error"]] == ["x"]
    assert [len(outcome.outputs[name]) for name in OUTPUTS[type]] == [1, 1]


def test_params_that_cannot_be_read_are_the_items_own_error() -> None:
    params = {"conditions": {"combinator": "={{ $json.n }}", **over(0, left=1)}}  # type: ignore[arg-type]
    outcome = going_on("filter", params, "route", numbered("and", "nor", "or"))
    assert [item.json["n"] for item in outcome.outputs["main"]] == ["and", "or"]
    assert [item.json["n"] for item in outcome.outputs["error"]] == ["nor"]


def test_a_bad_regular_expression_is_the_error_of_its_item(services: Services) -> None:
    operator = {"type": "string", "operation": "regex"}
    condition = {"leftValue": "x", "operator": operator, "rightValue": "={{ $json.n }}"}
    outcome = going_on(
        "filter", {"conditions": {"conditions": [condition]}}, "route", numbered("x", "(", "y")
    )
    assert [item.json["n"] for item in outcome.outputs["error"]] == ["("]
    assert [item.json["n"] for item in outcome.outputs["discarded"]] == ["y"]


RUNS_AWAY = "^(a+)+$"
FINDS = {
    "conditions": [
        {
            "leftValue": "={{ $json.text }}",
            "operator": {"type": "string", "operation": "regex"},
            "rightValue": RUNS_AWAY,
        }
    ]
}
FINDING = {
    "filter": {"conditions": FINDS},
    "condition": {"conditions": FINDS},
    "switch": {"rules": [{"name": "found", "conditions": FINDS}]},
}
TEXTS = [{"text": "aaa"}, {"text": "a" * 40 + "!"}, {"text": "b"}]


@pytest.fixture
def short_of_time(services: Services) -> Iterator[None]:
    with bound(replace(services, expression_limits=Limits(wall_s=0.3, memory_mb=64))):
        yield


@every_type
@pytest.mark.usefixtures("short_of_time")
def test_a_regular_expression_that_runs_away_is_the_error_of_its_item(type: str) -> None:
    outcome = going_on(type, FINDING[type], "route", TEXTS)
    assert [item.json["text"] for item in outcome.outputs["error"]] == [TEXTS[1]["text"]]
    assert outcome.outputs["error"][0].json["error"]["code"] == "js_timeout"
    others = [items for name, items in outcome.outputs.items() if name != "error"]
    assert [sources_of(items) for items in others] == [[[0]], [[2]]]


@pytest.mark.usefixtures("short_of_time")
def test_a_regular_expression_that_runs_away_is_told_with_its_item() -> None:
    with pytest.raises(NodeError, match="condition 0 of item 1") as failure:
        outputs_of("filter", FINDING["filter"], TEXTS)
    assert failure.value.code == "js_timeout"


@pytest.mark.usefixtures("short_of_time")
def test_a_step_does_not_lose_time_to_every_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex, "MOST_LOST_S", 0)
    with pytest.raises(NodeError) as failure:
        going_on("filter", FINDING["filter"], "continue", TEXTS)
    assert failure.value.code == "js_timeout"
