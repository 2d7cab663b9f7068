"""Runs of a part of a workflow: from a node, up to a node, and of both again."""

import time
from typing import Any

import pytest
from django.utils import timezone

from apps.runs.events import read_events
from apps.runs.models import Run
from apps.runs.retry import FROM_FAILED, FROM_START, retry_run
from apps.runs.states import RunStatus
from apps.versions.models import WorkflowVersion
from tests.clients import ApiClient, faults
from tests.factories import make_user, make_version
from tests.graphs import graph, node
from tests.runs.parts import counting, line, post, ran, started
from tests.runs.work import execute, output_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


# --- From a node ----------------------------------------------------------------------------------


def test_a_run_from_a_node_takes_what_an_earlier_run_gave_and_runs_only_what_follows() -> None:
    version = line()
    earlier = ran(version, input={"text": "hello"})
    run = ran(version, start_node="b", data_from=earlier.pk)
    steps = steps_of(run)
    assert run.status == RunStatus.COMPLETED
    assert list(steps) == ["start", "a", "b", "c"]
    assert [steps[id].copied_from_id is not None for id in steps] == [True, True, False, False]
    assert output_of(run, "c") == output_of(earlier, "c")
    assert steps["b"].sources == {"main": [["a", 0, "main"]]}


def test_the_steps_that_are_taken_over_are_numbered_first_and_without_a_gap() -> None:
    version = line()
    earlier = ran(version)
    run = ran(version, start_node="b", data_from=earlier.pk)
    events = read_events(run.pk, 0).events
    assert [event["seq"] for event in events] == list(range(1, run.seq + 1))
    assert [event.get("node") for event in events[:3]] == ["start", "a", None]


def test_what_an_expression_looks_back_at_is_there_in_a_run_from_a_node() -> None:
    version = line()
    earlier = ran(version, input={"text": "hello"})
    run = ran(version, start_node="c", data_from=earlier.pk)
    assert output_of(run, "c")["main"][0]["json"]["seen"] == "hello"


def test_a_run_that_has_failed_gives_what_it_had() -> None:
    broken = graph(
        [
            node("start", "manual"),
            node("a"),
            node("bad", "stop_and_error", params={"message": "x"}),
        ],
        ["start -> a", "a -> bad"],
    )
    version = make_version(graph=broken, is_published=True)
    earlier = ran(version)
    assert earlier.status == RunStatus.FAILED
    assert ran(version, start_node="a", data_from=earlier.pk).status == RunStatus.FAILED


def test_a_run_from_behind_a_loop_takes_what_the_loop_gave() -> None:
    looped = graph(
        [
            node("start", "manual"),
            node("loop", "loop", params={"batch_size": 1}),
            counting("body"),
            node("behind"),
        ],
        ["start -> loop", "loop.loop -> body", "body -> loop", "loop.done -> behind"],
    )
    version = make_version(graph=looped, is_published=True)
    earlier = ran(version, input=[{"n": 1}, {"n": 2}])
    run = ran(version, start_node="behind", data_from=earlier.pk)
    assert run.status == RunStatus.COMPLETED
    assert output_of(run, "behind") == output_of(earlier, "behind")
    again = ran(version, start_node="loop", data_from=earlier.pk)
    assert output_of(again, "behind") == output_of(earlier, "behind")
    assert again.steps.filter(node_id="body", copied_from=None).count() == 2


def test_a_node_behind_the_start_gets_also_what_came_beside_it() -> None:
    joined = graph(
        [node("start", "manual"), counting("a"), counting("b"), node("j", "merge")],
        ["start -> a", "start -> b", "a -> j.input_1", "b -> j.input_2"],
    )
    version = make_version(graph=joined, is_published=True)
    earlier = ran(version)
    run = ran(version, start_node="a", data_from=earlier.pk)
    assert output_of(run, "j") == output_of(earlier, "j")
    assert steps_of(run)["b"].copied_from_id is not None


def test_a_run_may_start_at_a_trigger_and_take_the_input() -> None:
    two = graph(
        [node("start", "manual"), node("hook", "webhook", params={"path": "x"}), node("a")],
        ["start -> a", "hook -> a"],
    )
    version = make_version(graph=two, is_published=True)
    run = ran(version, start_node="hook", input={"n": 5})
    assert list(steps_of(run)) == ["hook", "a"]
    assert output_of(run, "a")["main"][0]["json"] == {"n": 5}


def test_a_run_from_a_node_goes_on_by_another_worker() -> None:
    delay = node("d", "delay", params={"seconds": 0.01})
    waits = graph(
        [node("start", "manual"), counting("a"), delay, counting("b")],
        ["start -> a", "a -> d", "d -> b"],
    )
    version = make_version(graph=waits, is_published=True)
    earlier = started(version, input={"text": "hello"})
    earlier = finished(earlier)
    run = finished(started(version, start_node="d", data_from=earlier.pk))
    assert output_of(run, "b")["main"][0]["json"]["seen"] == "hello"


def finished(run: Run) -> Run:
    """Execute a run that waits in between: when it is due, another claim goes on."""
    while (run := execute(run)).is_open:
        assert run.status == RunStatus.WAITING
        assert run.wake_at is not None
        time.sleep(max((run.wake_at - timezone.now()).total_seconds(), 0))
        Run.objects.filter(pk=run.pk).update(status=RunStatus.PENDING)
    return run


def two_triggers(**members: Any) -> WorkflowVersion:
    """Two triggers that lead to one node; the members are the hook's."""
    hook = node("hook", "webhook", params={"path": "x"}, **members)
    joined = graph(
        [node("start", "manual"), hook, node("a"), node("b")],
        ["start -> a", "hook -> a", "a -> b"],
    )
    return make_version(graph=joined, is_published=True)


PINNED_HOOK = {"pinned": {"main": [{"json": {"from": "hook"}}]}}


@pytest.mark.parametrize("members", [{}, PINNED_HOOK], ids=["not pinned", "pinned"])
def test_what_another_trigger_leads_to_takes_no_part_in_a_run(members: dict[str, Any]) -> None:
    version = two_triggers(**members)
    earlier = ran(version, input={"n": 1})
    run = ran(version, start_node="a", data_from=earlier.pk)
    for each in (earlier, run):
        assert list(steps_of(each)) == ["start", "a", "b"]
        assert [item["json"] for item in output_of(each, "b")["main"]] == [{"n": 1}]


def test_a_run_takes_the_way_of_the_trigger_that_is_pinned_for_it() -> None:
    run = ran(two_triggers(), start_node="a", pins={"hook": [{"from": "hook"}]})
    assert list(steps_of(run)) == ["hook", "a", "b"]


def test_without_pins_of_its_own_a_run_takes_the_way_of_a_run_by_hand() -> None:
    answer = post(two_triggers(**PINNED_HOOK), {"start_node": "a"})
    assert faults(answer) == [("start_node", "missing_input")]
    assert "“start”" in answer.json()["errors"][0]["message"]


# --- Up to a node ---------------------------------------------------------------------------------


def test_a_run_up_to_a_node_makes_steps_only_of_what_leads_there() -> None:
    run = ran(line(), stop_node="b")
    assert list(steps_of(run)) == ["start", "a", "b"]


def test_a_run_up_to_a_node_starts_at_the_trigger_that_leads_there() -> None:
    two = graph(
        [node("start", "manual"), node("hook", "webhook", params={"path": "x"}), node("a")],
        ["hook -> a"],
    )
    run = ran(make_version(graph=two, is_published=True), stop_node="a")
    assert list(steps_of(run)) == ["hook", "a"]


def test_a_run_from_a_node_up_to_a_node_runs_what_lies_between() -> None:
    version = line()
    earlier = ran(version)
    run = ran(version, start_node="a", stop_node="b", data_from=earlier.pk)
    assert list(steps_of(run)) == ["start", "a", "b"]


# --- Retries --------------------------------------------------------------------------------------


@pytest.mark.parametrize("from_", [FROM_START, FROM_FAILED, "c"])
def test_a_retry_of_a_part_is_given_what_the_part_was_given(from_: str) -> None:
    version = line()
    earlier = ran(version, input={"text": "hello"})
    part = ran(version, start_node="b", data_from=earlier.pk)
    again = execute(retry_run(part, from_, version, by=None))
    assert again.status == RunStatus.COMPLETED
    assert list(steps_of(again)) == ["start", "a", "b", "c"]
    assert output_of(again, "c") == output_of(earlier, "c")


def test_a_retry_of_a_part_from_before_its_start_is_refused() -> None:
    version = line()
    part = ran(version, start_node="b", pins={"start": [{}]}, data_from=ran(version).pk)
    client = ApiClient(make_user(version.workspace))
    answer = client.post(f"runs/{part.pk}/retry", {"from": "a"})
    assert faults(answer) == [("from", "missing_input")]
