"""To run again what has ended."""

from typing import Any

import pytest
from rest_framework.exceptions import PermissionDenied

from apps.engine.errors import FaultsError
from apps.runs.events import read_events
from apps.runs.models import Run, StepRun
from apps.runs.retry import FROM_FAILED, FROM_START, retry_run, version_for_retry
from apps.runs.start import DRAFT
from apps.runs.states import OPEN, RunStatus, Trigger
from apps.versions.draft import begin_draft
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry
from tests.factories import make_run, make_user, make_version, make_workflow
from tests.graphs import Document, graph, node
from tests.runs.work import created, execute

pytestmark = pytest.mark.django_db


def broken(code: str = "throw new Error('broken')", **changes: Any) -> Document:
    """start -> a -> b (which runs the code) -> c, and beside them start -> d."""
    fields = {"mode": "assign", "assignments": []}
    nodes = [
        node("start", "manual"),
        node("a", "set_fields", params=fields | changes),
        node("b", "transform", params={"code": code}),
        node("c"),
        node("d"),
    ]
    return graph(nodes, ["start -> a", "a -> b", "b -> c", "start -> d"])


GOOD = "return $input.all()"


def failed(document: Document | None = None) -> Run:
    run = execute(created(make_version(graph=document or broken()), items=[{"json": {"n": 1}}]))
    assert run.status == RunStatus.FAILED
    return run


def mended(run: Run, **changes: Any) -> WorkflowVersion:
    """The next version of the run's workflow, in which the broken node works."""
    return make_version(run.workflow, broken(GOOD, **changes))


def taken_over(run: Run) -> list[str]:
    rows = run.steps.exclude(copied_from=None).order_by("seq")
    return list(rows.values_list("node_id", flat=True))


def executed_nodes(run: Run) -> set[str]:
    return set(run.steps.filter(copied_from=None).values_list("node_id", flat=True))


@pytest.mark.parametrize("status", OPEN)
def test_what_has_not_ended_is_not_retried(status: RunStatus) -> None:
    run = make_run(status=status)
    with pytest.raises(ConflictError, match="has not ended"):
        retry_run(run, FROM_START, run.version, by=None)
    assert Run.objects.count() == 1


def test_a_retry_is_a_new_run_with_the_same_input() -> None:
    run = make_run(status="failed", input_json=[{"json": {"a": 10**30}}], priority=1)
    user = make_user(run.workspace)
    again = Run.objects.get(pk=retry_run(run, FROM_START, run.version, by=user).pk)
    assert (again.retry_of, again.trigger, again.triggered_by) == (run, Trigger.RETRY, user)
    assert (again.version, again.input_json, again.priority) == (run.version, run.input_json, 1)
    assert (again.status, again.seq, again.fence, again.marks) == (RunStatus.PENDING, 0, 0, [])
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert AuditEntry.objects.get(action="run.retry").object_id == again.pk


def test_from_what_failed_the_finished_steps_are_taken_over() -> None:
    run = failed()
    again = retry_run(run, FROM_FAILED, run.version, by=None)
    finished = run.steps.filter(status="completed").order_by("seq_finished")
    assert taken_over(again) == [step.node_id for step in finished]
    for copy in again.steps.all():
        assert (copy.output_json, copy.sources) == (
            copy.copied_from.output_json,
            copy.copied_from.sources,
        )
        assert copy.attempts == []


def test_what_is_taken_over_is_numbered_first_without_a_gap() -> None:
    run = failed()
    again = execute(retry_run(run, FROM_FAILED, mended(run), by=None))
    assert again.status == RunStatus.COMPLETED
    events = read_events(again.pk, 0).events
    assert [event["seq"] for event in events] == list(range(1, again.seq + 1))
    count = len(taken_over(again))
    assert {event["event"] for event in events[:count]} == {"step_succeeded"}
    assert events[count]["event"] == "run_started"


def test_a_step_that_was_taken_over_is_not_executed_again() -> None:
    run = failed()
    again = execute(retry_run(run, FROM_FAILED, mended(run), by=None))
    assert executed_nodes(again) >= {"b", "c"}
    assert not executed_nodes(again) & set(taken_over(again))
    assert {"start", "a"} <= set(taken_over(again))


def test_from_the_start_everything_runs_again() -> None:
    run = failed()
    again = execute(retry_run(run, FROM_START, mended(run), by=None))
    assert again.status == RunStatus.COMPLETED
    assert taken_over(again) == []
    assert executed_nodes(again) == {"start", "a", "b", "c", "d"}


def test_from_a_node_it_and_what_follows_runs_again() -> None:
    run = failed()
    again = execute(retry_run(run, "a", mended(run), by=None))
    assert again.status == RunStatus.COMPLETED
    assert executed_nodes(again) >= {"a", "b", "c"}
    assert "start" in taken_over(again)


def test_on_another_version_what_changed_and_what_follows_runs_again() -> None:
    run = failed()
    changed = mended(run, assignments=[{"name": "x", "type": "string", "value": "y"}])
    again = execute(retry_run(run, FROM_FAILED, changed, by=None))
    assert again.status == RunStatus.COMPLETED
    assert again.version == changed
    assert executed_nodes(again) >= {"a", "b", "c"}
    assert set(taken_over(again)) <= {"start", "d"}
    [last] = again.steps.get(node_id="c").output_json["main"]
    assert last["json"]["x"] == "y"


def test_on_the_draft_the_mended_node_and_what_follows_runs() -> None:
    run = failed()
    begin_draft(run.workflow, broken(GOOD))
    editor = make_user(run.workspace, "editor")
    again = execute(retry_run(run, FROM_FAILED, version_for_retry(run, DRAFT, by=editor), by=None))
    assert again.status == RunStatus.COMPLETED
    assert again.version != run.version
    assert executed_nodes(again) == {"b", "c"}


def test_who_may_not_edit_retries_on_no_draft() -> None:
    run = failed()
    operator = make_user(run.workspace, "operator")
    with pytest.raises(PermissionDenied):
        version_for_retry(run, DRAFT, by=operator)


def test_a_change_of_looks_is_no_change() -> None:
    run = failed()
    document = broken(GOOD)
    document["nodes"][1] |= {"position": [7, 7], "notes": "prettier"}
    again = retry_run(run, FROM_FAILED, make_version(run.workflow, document), by=None)
    assert "a" in taken_over(again)


def test_an_edge_that_was_moved_is_a_change() -> None:
    run = failed()
    document = broken(GOOD)
    document["edges"] = [edge for edge in document["edges"] if edge["target"] != "a"]
    again = retry_run(run, FROM_FAILED, make_version(run.workflow, document), by=None)
    assert set(taken_over(again)) <= {"start", "d"}


def test_a_node_that_the_version_lacks_cannot_be_retried_from() -> None:
    run = make_run(status="failed")
    with pytest.raises(FaultsError) as refused:
        retry_run(run, "nowhere", run.version, by=None)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [
        ("from", "unknown_node")
    ]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (graph([node("begin", "manual"), node("end")]), "unknown_node"),
        (graph([node("start", "manual", disabled=True), node("end")]), "disabled"),
        (graph([node("start", "manual"), node("other")], ["start -> other"]), "not_reached"),
    ],
)
def test_a_version_that_cannot_start_where_the_run_did_cannot_be_retried_on(
    document: Document, code: str
) -> None:
    run = make_run(status="failed", stop_node="end")
    other = WorkflowVersion(workflow=run.workflow, graph_json=document)
    with pytest.raises(FaultsError) as refused:
        retry_run(run, FROM_FAILED, other, by=None)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("version", code)]


def test_a_start_that_lies_in_a_loop_by_now_cannot_be_retried_on() -> None:
    run = make_run(status="failed", trigger_node="end")
    nodes = [node("start", "manual"), node("each", "loop"), node("end")]
    edges = ["start -> each", "each.loop -> end", "end -> each"]
    other = make_version(run.workflow, graph(nodes, edges))
    with pytest.raises(FaultsError) as refused:
        retry_run(run, FROM_FAILED, other, by=None)
    assert [fault.code for fault in refused.value.faults] == ["in_loop_body"]


def test_a_run_of_an_archived_workflow_is_not_retried() -> None:
    run = make_run(status="failed")
    run.workflow.status = Workflow.Status.ARCHIVED
    with pytest.raises(ConflictError, match="archived"):
        retry_run(run, FROM_START, run.version, by=None)


def test_a_retry_of_a_retry_goes_on_from_there() -> None:
    run = failed()
    second = execute(retry_run(run, FROM_FAILED, run.version, by=None))
    assert second.status == RunStatus.FAILED
    third = execute(retry_run(second, FROM_FAILED, mended(run), by=None))
    assert (third.status, third.retry_of) == (RunStatus.COMPLETED, second)
    assert StepRun.objects.filter(run=third, node_id="c", status="completed").exists()


def test_long_runs_are_taken_over_in_pieces() -> None:
    run = failed()
    step = run.steps.get(node_id="a")
    StepRun.objects.bulk_create(
        StepRun(
            workspace=run.workspace,
            run=run,
            node_id="a",
            iteration=place,
            status="completed",
            started_at=step.started_at,
            output_json={"main": []},
            seq_started=1_000 + place,
            seq_finished=1_000 + place,
            seq=1_000 + place,
        )
        for place in range(1, 251)
    )
    again = retry_run(run, FROM_FAILED, run.version, by=None)
    numbers = list(again.steps.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 252
    assert Run.objects.get(pk=again.pk).seq == len(numbers)


def test_from_the_start_a_version_that_cannot_be_read_any_more_stands_in_no_ones_way() -> None:
    workflow = make_workflow()
    old = WorkflowVersion.objects.create(
        workspace=workflow.workspace,
        workflow=workflow,
        version=1,
        graph_json=broken() | {"from_an_earlier_release": True},
    )
    run = make_run(old, "failed")
    version = mended(run)
    with pytest.raises(FaultsError):
        retry_run(run, FROM_FAILED, version, by=None)
    assert execute(retry_run(run, FROM_START, version, by=None)).status == RunStatus.COMPLETED


def test_from_the_start_the_trigger_may_give_other_items() -> None:
    run = failed()
    user = make_user(run.workspace)
    again = execute(retry_run(run, FROM_START, mended(run), by=user, input=[{"n": 2}, {"n": 3}]))
    assert again.status == RunStatus.COMPLETED
    [first, second] = again.steps.get(node_id="c").output_json["main"]
    assert (first["json"], second["json"]) == ({"n": 2}, {"n": 3})
    assert run.input_json == [{"json": {"n": 1}}]
    assert AuditEntry.objects.get(action="run.retry").detail["edited"]


def test_what_is_taken_over_is_not_given_other_input() -> None:
    run = failed()
    for start in (FROM_FAILED, "a"):
        with pytest.raises(FaultsError) as refused:
            retry_run(run, start, run.version, by=None, input=[{"n": 2}])
        assert [(fault.path, fault.code) for fault in refused.value.faults] == [
            ("input", "not_from_start")
        ]


def test_other_input_may_bear_the_runs_own_files_and_no_others() -> None:
    own, other = {"id": "0190b5a4-7e3c-7000-8000-000000000001"}, {"id": "another"}
    run = make_run(status="failed", input_json=[{"json": {}, "binary": {"data": own}}])
    edited = [{"json": {"n": 2}, "binary": {"data": own}}]
    again = retry_run(run, FROM_START, run.version, by=None, input=edited)
    assert Run.objects.get(pk=again.pk).input_json == edited
    edited[0]["binary"] = {"data": other}
    with pytest.raises(FaultsError) as refused:
        retry_run(run, FROM_START, run.version, by=None, input=edited)
    assert [fault.path for fault in refused.value.faults] == ["input[0].binary.data"]
