"""Runs of a part of a workflow: from a node, up to a node, with pins."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.runs.events import read_events
from apps.runs.models import Payload, Run
from apps.runs.retry import FROM_FAILED, FROM_START, retry_run
from apps.runs.start import StartRequest, start_run
from apps.runs.states import RunStatus, StepStatus, Trigger
from apps.versions.models import WorkflowVersion
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_version, make_workflow
from tests.graphs import Document, chain, graph, node
from tests.runs.executing import execute, output_of, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


def counting(id: str, **members: Any) -> Document:
    """A node that gives `from: id` and, where the node before it gave one, its `seen`."""
    fields = [
        {"name": "from", "type": "string", "value": id},
        {"name": "seen", "type": "string", "value": "={{ $('start').first().json.text }}"},
    ]
    return node(id, "set_fields", params={"mode": "assign", "assignments": fields}, **members)


LINE = graph(
    [node("start", "manual"), counting("a"), counting("b"), counting("c"), counting("beside")],
    ["start -> a", "a -> b", "b -> c", "a -> beside"],
)
CALL = {"method": "GET", "url": "http://127.0.0.1:9/"}


def line() -> WorkflowVersion:
    return make_version(graph=LINE, is_published=True)


def started(version: WorkflowVersion, role: str = Role.EDITOR, **asked: Any) -> Run:
    by = make_user(version.workspace, role)
    return start_run(version.workflow, StartRequest(version=version.version, **asked), by=by)


def ran(version: WorkflowVersion, **asked: Any) -> Run:
    return execute(started(version, **asked))


def post(version: WorkflowVersion, body: Any, role: str = Role.EDITOR) -> Any:
    client = ApiClient(make_user(version.workspace, role))
    return client.post(f"workflows/{version.workflow_id}/runs", body)


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
    """Execute a run that waits in between: each time another claim goes on."""
    for _ in range(5):
        run = execute(run)
        if not run.is_open:
            return run
        Run.objects.filter(pk=run.pk, status=RunStatus.WAITING).update(status=RunStatus.PENDING)
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


# --- What is missing ------------------------------------------------------------------------------


def test_a_start_node_without_anything_to_take_is_refused_and_told_what_is_missing() -> None:
    answer = post(line(), {"start_node": "b"})
    assert answer.status_code == 422
    assert faults(answer) == [("start_node", "missing_input")]
    assert "“a”" in answer.json()["errors"][0]["message"]
    assert not Run.objects.exists()


def test_what_has_changed_since_is_not_taken_over() -> None:
    version = line()
    earlier = ran(version)
    changed = {**LINE, "nodes": [*LINE["nodes"]]}
    changed["nodes"][1] = counting("a", always_output=True)
    newer = make_version(version.workflow, changed, is_published=True)
    answer = post(newer, {"start_node": "b", "data_from": str(earlier.pk)})
    assert faults(answer) == [("start_node", "missing_input")]
    assert "changed" in answer.json()["errors"][0]["message"]


def test_a_node_to_which_nothing_came_cannot_be_started() -> None:
    branches = graph(
        [node("start", "manual"), node("f", "filter", params={"conditions": never()}), node("a")],
        ["start -> f", "f -> a"],
    )
    version = make_version(graph=branches, is_published=True)
    earlier = ran(version)
    answer = post(version, {"start_node": "a", "data_from": str(earlier.pk)})
    assert faults(answer) == [("start_node", "no_items")]


def never() -> Any:
    operator = {"type": "string", "operation": "equals"}
    condition = {"leftValue": "a", "operator": operator, "rightValue": "b"}
    return {"combinator": "and", "conditions": [condition]}


def test_a_node_in_a_loops_body_cannot_be_started() -> None:
    looped = graph(
        [node("start", "manual"), node("loop", "loop"), node("body")],
        ["start -> loop", "loop.loop -> body", "body -> loop"],
    )
    answer = post(make_version(graph=looped, is_published=True), {"start_node": "body"})
    assert faults(answer) == [("start_node", "in_loop_body")]


def test_all_faults_of_a_request_come_at_once() -> None:
    body = {
        "input": [1],
        "start_node": "nobody",
        "stop_node": "nothing",
        "data_from": str(uuid4()),
        "pins": {"x": [], "a": {"side": []}, "b": [1], "c": 5},
    }
    assert faults(post(line(), body)) == [
        ("input[0]", "not_an_object"),
        ("start_node", "unknown_node"),
        ("stop_node", "unknown_node"),
        ("pins.x", "unknown_node"),
        ("pins.a.side", "unknown_output"),
        ("pins.b[0]", "not_an_object"),
        ("pins.c", "wrong_type"),
        ("data_from", "unknown"),
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"data_from": "RUN"}, ("start_node", "missing")),
        ({"start_node": "b", "data_from": "RUN", "input": {}}, ("input", "unexpected")),
        ({"pins": {"start": [{}]}, "input": {}}, ("pins.start", "unexpected")),
        ({"pins": []}, ("pins", "wrong_type")),
        ({"start_node": "b", "stop_node": "a", "data_from": "RUN"}, ("stop_node", "not_reached")),
        ({"start_node": 5}, ("start_node", "invalid")),
        ({"data_from": "x"}, ("data_from", "invalid")),
    ],
)
def test_what_does_not_fit_together_is_refused(body: dict[str, Any], fault: Any) -> None:
    version = line()
    earlier = ran(version)
    asked = {name: str(earlier.pk) if value == "RUN" else value for name, value in body.items()}
    answer = post(version, asked)
    assert answer.status_code in (400, 422)
    assert faults(answer) == [fault]


def test_a_run_of_another_workflow_is_unknown() -> None:
    version, other = line(), line()
    earlier = ran(other)
    answer = post(version, {"start_node": "b", "data_from": str(earlier.pk)})
    assert faults(answer) == [("data_from", "unknown")]


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


# --- Pins -----------------------------------------------------------------------------------------


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


# --- Rights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [{"start_node": "start"}, {"pins": {"a": []}}, {"data_from": str(UUID(int=1))}], ids=str
)
def test_parts_and_pins_take_the_right_to_edit(body: dict[str, Any]) -> None:
    version = line()
    assert post(version, body, Role.OPERATOR).status_code == 403
    assert post(version, body, Role.EDITOR).status_code in (202, 422)


def test_stopping_early_takes_only_the_right_to_run() -> None:
    assert post(line(), {"stop_node": "a"}, Role.OPERATOR).status_code == 202


def test_a_draft_may_be_run_from_a_node_by_an_editor() -> None:
    workflow = make_workflow(draft_graph=LINE)
    client = ApiClient(make_user(workflow.workspace, Role.EDITOR))
    body = {"version": "draft", "start_node": "c", "pins": {"b": [{"n": 1}], "start": [{}]}}
    answer = client.post(f"workflows/{workflow.pk}/runs", body)
    assert answer.status_code == 202
    assert execute(Run.objects.get(pk=answer.json()["id"])).status == RunStatus.COMPLETED


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


def test_a_retry_keeps_the_pins() -> None:
    version = pinned_call()
    run = ran(version, pins={"call": [{"n": 1}]})
    again = execute(retry_run(run, FROM_START, version, by=None))
    assert output_of(again, "z")["main"][0]["json"] == {"n": 1}
    assert steps_of(again)["call"].attempts[0]["pinned"]
