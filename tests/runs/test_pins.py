"""Pins: what nodes give instead of running."""

from typing import Any

import pytest

from apps.runs.events import read_events
from apps.runs.models import Payload
from apps.runs.retry import FROM_START, retry_run
from apps.runs.start import StartRequest, start_run
from apps.runs.states import RunStatus, StepStatus, Trigger
from apps.versions.models import WorkflowVersion
from apps.workspaces.permissions import Role
from tests.factories import make_api_key, make_version
from tests.graphs import chain, graph, node
from tests.runs.parts import line, ran, started
from tests.runs.work import execute, output_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)
CALL = {"method": "GET", "url": "http://127.0.0.1:9/"}


def pinned_call(**members: Any) -> WorkflowVersion:
    """A workflow with a call that would fail, and a node behind it."""
    nodes = [node("start", "manual"), node("call", "http_call", params=CALL, **members), node("z")]
    return make_version(graph=graph(nodes, ["start -> call", "call -> z"]), is_published=True)


@pytest.mark.parametrize(
    "pin", [[{"n": 1}], [{"json": {"n": 1}}], {"main": [{"json": {"n": 1}}]}], ids=str
)
def test_a_pinned_node_gives_its_pins_and_does_not_run(pin: Any) -> None:
    run = ran(pinned_call(), pins={"call": pin})
    assert run.status == RunStatus.COMPLETED
    step = steps_of(run)["call"]
    assert (step.status, step.attempts[0]["pinned"]) == (StepStatus.COMPLETED, True)
    assert output_of(run, "z")["main"][0]["json"] == {"n": 1}


def test_the_graphs_own_pins_count_when_a_person_starts_the_run() -> None:
    run = ran(pinned_call(pinned={"main": [{"json": {"n": 2}}]}))
    assert output_of(run, "z")["main"][0]["json"] == {"n": 2}


def test_the_runs_pins_go_before_the_graphs() -> None:
    run = ran(pinned_call(pinned={"main": [{"json": {"n": 2}}]}), pins={"call": [{"n": 3}]})
    assert output_of(run, "z")["main"][0]["json"] == {"n": 3}


@pytest.mark.parametrize(("asked", "count"), [({}, False), ({"stop_node": "z"}, True)])
def test_for_a_program_the_graphs_pins_count_only_in_a_partial_run(
    asked: dict[str, Any], count: bool
) -> None:
    version = pinned_call(pinned={"main": [{"json": {"n": 2}}]})
    key, _ = make_api_key(version.workspace, Role.EDITOR)
    run = execute(start_run(version.workflow, StartRequest(version=1, **asked), by=key))
    assert run.trigger == Trigger.API
    assert (run.status == RunStatus.COMPLETED) == count


def test_a_pinned_node_before_the_start_is_what_the_start_takes() -> None:
    run = ran(line(), start_node="b", pins={"a": [{"n": 7}], "start": [{"text": "pinned"}]})
    assert run.status == RunStatus.COMPLETED
    assert list(steps_of(run)) == ["start", "a", "b", "c"]
    given = output_of(run, "b")["main"][0]["json"]
    assert (given["n"], given["seen"]) == (7, "pinned")
    events = read_events(run.pk, 0).events
    assert [event["seq"] for event in events] == list(range(1, run.seq + 1))


def test_input_that_is_sent_goes_before_what_the_trigger_has_pinned() -> None:
    pinned = chain("start", "a")
    pinned["nodes"][0]["pinned"] = {"main": [{"json": {"n": 1}}]}
    version = make_version(graph=pinned, is_published=True)
    assert output_of(ran(version), "a")["main"][0]["json"] == {"n": 1}
    assert output_of(ran(version, input={"n": 2}), "a")["main"][0]["json"] == {"n": 2}


def test_large_pins_are_kept_as_a_payload() -> None:
    text = "x" * 300_000
    run = started(pinned_call(), pins={"call": [{"text": text}]})
    assert (run.pins, Payload.objects.filter(pk=run.pins_payload_id).count()) == (None, 1)
    steps = steps_of(execute(run))
    assert steps["z"].status == StepStatus.COMPLETED
    assert steps["call"].output_payload_id is not None


def test_a_retry_keeps_the_pins() -> None:
    version = pinned_call()
    run = ran(version, pins={"call": [{"n": 1}]})
    again = execute(retry_run(run, FROM_START, version, by=None))
    assert output_of(again, "z")["main"][0]["json"] == {"n": 1}
    assert steps_of(again)["call"].attempts[0]["pinned"]
