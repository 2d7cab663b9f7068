"""Runs that steps of other runs make: made with their step, waited for, told of, cancelled."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.runs.cancel import cancel_run
from apps.runs.children import DatabaseRuns
from apps.runs.files import DatabaseFiles
from apps.runs.models import Run, RunFile, RunSignal
from apps.runs.states import RunStatus, SignalKind
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from tests.factories import make_version, make_workflow, make_workspace
from tests.graphs import graph, node
from tests.runs.test_files import info
from tests.runs.work import created, execute, output_of, steps_of

pytestmark = pytest.mark.django_db

DOUBLE = "return items.map((i) => ({ n: i.json.n * 2 }))"


def published(workspace: Any = None, code: str = DOUBLE, start: str = "called") -> Workflow:
    """A workflow that doubles `n`, published."""
    workflow = make_workflow(workspace) if workspace else make_workflow()
    path = {"path": "x"} if start == "webhook" else {}
    nodes = [node("start", start, params=path), node("double", "transform", params={"code": code})]
    version = make_version(workflow, graph(nodes, ["start -> double"]))
    Workflow.objects.filter(pk=workflow.pk).update(version=version.version)
    workflow.refresh_from_db()
    return workflow


def caller(callee: Workflow | str, workspace: Any = None, **params: Json) -> WorkflowVersion:
    """start -> call -> after"""
    id = callee if isinstance(callee, str) else str(callee.pk)
    own = params.pop("node", {})
    nodes = [
        node("start", "manual"),
        node("call", "run_workflow", params={"workflow": id, **params}, **own),
        node("after"),
    ]
    place = workspace or callee.workspace
    return make_version(make_workflow(place), graph(nodes, ["start -> call", "call -> after"]))


def run_of(version: WorkflowVersion, *values: int) -> Run:
    return execute(created(version, items=[{"json": {"n": value}} for value in values]))


def jsons(run: Run, node: str) -> list[Json]:
    return [item["json"] for item in output_of(run, node)["main"]]


def test_a_step_goes_on_with_what_the_run_that_it_made_gave() -> None:
    run = run_of(caller(published()), 1, 2)
    assert run.status == RunStatus.COMPLETED
    assert jsons(run, "after") == [{"n": 2}, {"n": 4}]
    child = Run.objects.get(parent_step__run=run)
    assert (child.trigger, child.status, child.trigger_node) == ("child", "completed", "start")


def test_each_item_may_have_a_run_of_its_own_and_stays_traceable() -> None:
    run = run_of(caller(published(), mode="each"), 1, 2, 3)
    items = output_of(run, "call")["main"]
    assert [item["json"] for item in items] == [{"n": 2}, {"n": 4}, {"n": 6}]
    assert [item["pairedItem"] for item in items] == [{"item": 0}, {"item": 1}, {"item": 2}]
    assert Run.objects.filter(parent_step__run=run).count() == 3


def test_a_step_that_does_not_wait_passes_its_items_with_the_runs_id() -> None:
    run = run_of(caller(published(), wait=False), 1, 2)
    child = Run.objects.get(parent_step__run=run)
    assert jsons(run, "after") == [{"n": 1, "run": str(child.pk)}, {"n": 2, "run": str(child.pk)}]
    assert not RunSignal.objects.exists()


def test_a_manual_trigger_will_do_where_none_is_for_callers() -> None:
    assert jsons(run_of(caller(published(start="manual")), 4), "after") == [{"n": 8}]


def test_a_run_that_failed_fails_the_step_and_says_which() -> None:
    run = run_of(caller(published(code="throw new Error('no')")), 1)
    child = Run.objects.get(parent_step__run=run)
    step = steps_of(run)["call"]
    assert (run.status, step.error_code) == ("failed", "child_failed")
    assert (step.error or "").endswith(f": no (line 1) (Run {child.pk} failed.)")


def test_items_whose_runs_failed_may_go_on_with_the_error() -> None:
    code = "if ($json.n === 2) throw new Error('two'); return $json"
    version = caller(published(code=code), mode="each", node={"on_error": "continue"})
    run = run_of(version, 1, 2, 3)
    given = jsons(run, "call")
    assert [item.get("error", {}).get("code") for item in given] == [None, "child_failed", None]


def test_a_step_without_items_makes_no_run() -> None:
    version = caller(published())
    run = execute(created(version, items=[]))
    assert not Run.objects.filter(parent_step__run=run).exists()


@pytest.mark.parametrize("case", ["unknown", "elsewhere", "unpublished", "archived", "no trigger"])
def test_a_workflow_that_cannot_be_run_is_a_named_error(case: str) -> None:
    workspace = make_workspace()
    workflow = published(make_workspace() if case == "elsewhere" else workspace)
    id = "0190b5a4-7e3c-7000-8000-000000000001" if case == "unknown" else str(workflow.pk)
    if case == "unpublished":
        Workflow.objects.filter(pk=workflow.pk).update(version=None)
    elif case == "archived":
        Workflow.objects.filter(pk=workflow.pk).update(status="archived")
    elif case == "no trigger":
        id = str(published(workspace, start="webhook").pk)
    run = run_of(caller(id, workspace), 1)
    assert steps_of(run)["call"].error_code == "workflow_unavailable"


def test_a_workflow_that_runs_itself_ends_at_twenty_deep() -> None:
    workflow = make_workflow()
    nodes = [
        node("start", "called"),
        node("call", "run_workflow", params={"workflow": str(workflow.pk)}),
    ]
    version = make_version(workflow, graph(nodes, ["start -> call"]))
    Workflow.objects.filter(pk=workflow.pk).update(version=version.version)
    run = run_of(version, 1)
    assert run.status == RunStatus.FAILED
    assert Run.objects.filter(workflow=workflow).count() == 21
    deepest = Run.objects.filter(workflow=workflow).order_by("id").last()
    assert deepest is not None
    too_deep = steps_of(deepest)["call"]
    assert too_deep.error_code == "too_deep"
    assert run.error_message == f"{too_deep.error} (Run {deepest.pk} failed.)"


def test_no_more_is_read_of_the_runs_that_a_step_made_than_it_may_give(settings: Any) -> None:
    run = run_of(caller(published(), mode="each"), 1, 2, 3)
    settings.MAX_STEP_OUTPUT_BYTES = 100
    ends = DatabaseRuns().children(steps_of(run)["call"].pk)
    assert [item.json for item in next(ends).items] == [{"n": 2}]
    with pytest.raises(NodeError) as caught:
        list(ends)
    assert caught.value.code == "output_too_large"


def test_cancelling_a_run_cancels_those_that_it_made() -> None:
    slow = published()
    nodes = [node("start", "called"), node("wait", "delay", params={"seconds": 3600})]
    version = make_version(slow, graph(nodes, ["start -> wait"]))
    Workflow.objects.filter(pk=slow.pk).update(version=version.version)
    run = run_of(caller(slow), 1)
    assert run.status == RunStatus.WAITING
    cancel_run(run, by=None)
    assert execute(run).status == RunStatus.CANCELLED
    assert Run.objects.get(parent_step__run=run).status == RunStatus.CANCELLED


def test_the_end_of_a_run_whose_parent_has_ended_tells_nobody() -> None:
    run_of(caller(published()), 1)
    assert RunSignal.objects.filter(kind=SignalKind.CHILD).count() == 1
    assert not RunSignal.objects.filter(consumed_at=None).exists()


def test_a_called_run_opens_the_files_of_the_items_that_it_is_given() -> None:
    version = caller(published(code="return items"))
    run = created(version, items=[{"json": {"n": 1}}])
    id = DatabaseFiles().keep(info(run), b"x", "text/plain")
    Run.objects.filter(pk=run.pk).update(
        input_json=[{"json": {"n": 1}, "binary": {"data": {"id": id}}}]
    )
    execute(run)
    child = Run.objects.get(parent_step__run=run)
    assert RunFile.objects.filter(run=child, payload=id).exists()
    assert output_of(run, "after")["main"][0]["binary"] == {"data": {"id": id}}
