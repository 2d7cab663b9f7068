"""Run Workflow: the runs that it makes, and what comes of them; tests/runs/test_children.py runs
them for real."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node, OnError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done, Outcome, Wait
from apps.nodes.context import bound, services
from apps.nodes.inner import ChildEnd, StartRun
from tests.nodes.twins import (
    ID,
    MemoryAttempt,
    MemoryRuns,
    make_call,
    run_step,
    sources_of,
    type_of,
)

THREE: list[Json] = [{"n": 1}, {"n": 2}, {"n": 3}]


def params(**more: Json) -> dict[str, Json]:
    return {"workflow": "w", **more}


def started(takes: Sequence[Json], **more: Json) -> tuple[Outcome, list[StartRun]]:
    with bound(replace(services(), other_runs=MemoryRuns())):
        outcome = run_step(type_of("run_workflow"), params(**more), takes).outcome
    assert isinstance(outcome, Done | Wait)
    return outcome, [write for write in outcome.writes if isinstance(write, StartRun)]


def ended(
    place: int,
    status: str = "completed",
    *items: Item,
    error: str | None = None,
    code: str | None = None,
) -> ChildEnd:
    return ChildEnd(UUID(int=place), place, status, code, error, list(items))


def resumed(
    ends: Sequence[ChildEnd],
    takes: Sequence[Json] = THREE,
    *,
    mode: str = "each",
    on_error: OnError = "stop",
    open: int = 0,
) -> Outcome:
    type = type_of("run_workflow")
    node = Node("n1", type.type, "Call", params(mode=mode), on_error=on_error)
    with bound(replace(services(), other_runs=MemoryRuns(ends, open))):
        return type.resume(make_call(type, node.params, takes, node=node), MemoryAttempt())


def going_on(ends: Sequence[ChildEnd], on_error: OnError, mode: str = "each") -> Done:
    outcome = resumed(ends, on_error=on_error, mode=mode)
    assert isinstance(outcome, Done)
    return outcome


def test_one_run_takes_all_items_with_their_files() -> None:
    file = {"f": {"id": "x"}}
    outcome, [run] = started([{"n": 1}, Item({"n": 2}, file)])
    assert isinstance(outcome, Wait)
    assert [(item.json, item.binary) for item in run.items] == [({"n": 1}, None), ({"n": 2}, file)]
    assert (run.callee.workflow, run.item) == (ID, 0)


def test_each_item_has_a_run_of_its_own() -> None:
    _, runs = started(THREE, mode="each")
    assert [(run.item, [item.json["n"] for item in run.items]) for run in runs] == [
        (0, [1]),
        (1, [2]),
        (2, [3]),
    ]


@pytest.mark.parametrize("mode", ["all", "each"])
@pytest.mark.parametrize("wait", [True, False])
def test_without_items_no_run_is_made(mode: str, wait: bool) -> None:
    assert started([], mode=mode, wait=wait) == (Done({"main": []}), [])


def test_a_step_that_does_not_wait_passes_its_items_each_with_its_run() -> None:
    outcome, runs = started([{"n": 1}, Item({"n": 2}, {"f": {"id": "x"}})], mode="each", wait=False)
    assert isinstance(outcome, Done)
    given = outcome.outputs["main"]
    assert [item.json for item in given] == [
        {"n": place + 1, "run": str(run.id)} for place, run in enumerate(runs)
    ]
    assert sources_of(given) == [[0], [1]]
    assert given[1].binary == {"f": {"id": "x"}}


def test_a_step_makes_so_many_runs_at_most() -> None:
    assert len(started([{}] * 1000, mode="each")[1]) == 1000
    assert len(started([{}] * 1001, mode="all")[1]) == 1
    with pytest.raises(NodeError) as failure:
        started([{}] * 1001, mode="each")
    assert failure.value.code == "too_many_runs"


def test_a_workflow_that_is_not_there_is_a_named_error() -> None:
    with pytest.raises(NodeError) as failure:
        run_step(type_of("run_workflow"), params())
    assert failure.value.code == "workflow_unavailable"


def test_a_step_waits_while_a_run_is_open() -> None:
    assert resumed([ended(0)], open=1) == Wait("child")


def test_what_runs_gave_comes_from_the_item_of_each() -> None:
    ends = [ended(0, "completed", Item({"a": 1}), Item({"a": 2})), ended(1), ended(2)]
    ends[2] = ended(2, "completed", Item({"a": 3}, {"f": {"id": "x"}}))
    outcome = resumed(ends)
    assert isinstance(outcome, Done)
    assert sources_of(outcome.outputs["main"]) == [[0], [0], [2]]
    assert outcome.outputs["main"][2].binary == {"f": {"id": "x"}}


def test_what_one_run_of_all_items_gave_comes_from_none_of_them_alone() -> None:
    ends = [ended(0, "completed", Item({"a": 1}))]
    outcome = resumed(ends, mode="all")
    assert isinstance(outcome, Done)
    assert [item.paired for item in outcome.outputs["main"]] == [None]
    outcome = resumed(ends, [{"n": 1}], mode="all")
    assert isinstance(outcome, Done)
    assert sources_of(outcome.outputs["main"]) == [[0]]


ONE_FAILED = [
    ended(0, "completed", Item({"a": 1})),
    ended(1, "failed", error="two is too much"),
    ended(2, "completed", Item({"a": 3})),
]


def test_the_item_whose_run_failed_goes_on_with_the_error() -> None:
    outcome = going_on(ONE_FAILED, "continue")
    [_, failed, _] = outcome.outputs["main"]
    assert sources_of(outcome.outputs["main"]) == [[0], [1], [2]]
    assert failed.json["n"] == 2
    assert failed.json["error"]["code"] == "child_failed"
    assert failed.json["error"]["message"] == f"two is too much (Run {UUID(int=1)} failed.)"
    assert outcome.error is None


def test_the_item_whose_run_failed_leaves_by_the_output_for_errors() -> None:
    outcome = going_on(ONE_FAILED, "route")
    assert sources_of(outcome.outputs["main"]) == [[0], [2]]
    assert sources_of(outcome.outputs["error"]) == [[1]]


def test_all_items_of_one_run_fail_with_it() -> None:
    outcome = going_on([ended(0, "cancelled")], "route", mode="all")
    assert sources_of(outcome.outputs["error"]) == [[0], [1], [2]]
    assert outcome.error is not None
    assert outcome.error.message == f"Run {UUID(int=0)} was cancelled."


def test_a_run_that_failed_stops_the_step() -> None:
    with pytest.raises(NodeError, match="two is too much") as failure:
        resumed(ONE_FAILED)
    assert failure.value.code == "child_failed"


def test_the_error_of_a_run_further_down_is_told_once() -> None:
    deepest = f"two is too much (Run {UUID(int=7)} failed.)"
    with pytest.raises(NodeError) as failure:
        resumed([ended(0, "failed", error=deepest, code="child_failed")], mode="all")
    assert failure.value.message == deepest


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"workflow": ""}, "workflow"),
        ({"workflow": None}, "workflow"),
        ({"mode": "some"}, "mode"),
        ({"wait": "yes"}, "wait"),
    ],
)
def test_params_that_cannot_be_are_a_fault(wrong: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in type_of("run_workflow").check(params(**wrong))] == [path]
