"""A run that fails starts the error workflow that its version names: once, and never in circles."""

from typing import Any
from uuid import uuid4

import pytest

from apps.engine.errors import FaultsError
from apps.runs.execute import MAX_CRASHES
from apps.runs.models import Run
from apps.runs.retry import retry_run
from apps.runs.states import RunStatus, Trigger
from apps.triggers import failures
from apps.triggers.failures import tell_failures, until_next_s
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, archive_workflow
from apps.workflows.models import Workflow
from apps.workspaces.models import Workspace
from tests.factories import make_run, make_step, make_version, make_workflow, make_workspace
from tests.graphs import Document, graph, node
from tests.runs.work import created, execute
from tests.triggers.test_two_beats import at_once

pytestmark = pytest.mark.django_db

BREAKS = node("break", "stop_and_error", params={"message": "No stock."})


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def alarm(workspace: Workspace, *more: Document, **settings: Any) -> Workflow:
    """A published workflow that begins at an error, and goes on with `more`."""
    workflow = make_workflow(workspace, name="Alarm")
    edges = [f"failed -> {each['id']}" for each in more]
    document = graph([node("failed", "error"), *more], edges, **settings)
    return make_version(workflow, document, is_published=True).workflow


def failing(workspace: Workspace, error_workflow: Any, **settings: Any) -> WorkflowVersion:
    """A published version whose runs fail."""
    document = graph(
        [node("start", "manual"), BREAKS],
        ["start -> break"],
        error_workflow=str(error_workflow),
        **settings,
    )
    workflow = make_workflow(workspace, name="Sync orders")
    return make_version(workflow, document, is_published=True)


def told_of(workflow: Workflow) -> list[Any]:
    """What the runs of an error workflow were given."""
    runs = Run.objects.filter(workflow=workflow, trigger=Trigger.ERROR).order_by("id")
    return [run.input_json[0]["json"] for run in runs]


def test_a_failed_run_is_told_with_its_node_and_error(workspace, settings):
    settings.PUBLIC_URL = "https://flow.example"
    target = alarm(workspace)
    version = failing(workspace, target.pk)
    run = execute(created(version))
    tell_failures()
    [told] = told_of(target)
    times = told.pop("started_at"), told.pop("failed_at")
    assert times[0] <= times[1]
    assert told == {
        "run": str(run.pk),
        "url": f"https://flow.example/runs/{run.pk}",
        "trigger": "api",
        "workflow": {"id": str(version.workflow_id), "name": "Sync orders"},
        "version": 1,
        "node": {"id": "break", "name": "break", "type": "stop_and_error"},
        "error": {"code": run.error_code, "message": "No stock."},
    }
    [error_run] = Run.objects.filter(workflow=target)
    assert execute(error_run).status == RunStatus.COMPLETED


def test_it_is_told_once_however_often_one_looks(workspace):
    target = alarm(workspace)
    execute(created(failing(workspace, target.pk)))
    assert until_next_s() is not None
    assert [tell_failures(), tell_failures()] == [1, 0]
    assert len(told_of(target)) == 1
    assert until_next_s() is None


def test_a_run_that_its_workers_died_of_is_told(workspace):
    target = alarm(workspace)
    run = make_run(failing(workspace, target.pk), crashes=MAX_CRASHES, seq=2)
    make_step(run, "break", seq_started=2, seq=2)
    execute(run)
    tell_failures()
    [told] = told_of(target)
    assert told["error"]["code"] == "worker_lost"
    assert told["node"]["id"] == "break"


def test_a_run_that_failed_of_no_single_node_is_told_without_one(workspace):
    target = alarm(workspace)
    execute(created(failing(workspace, target.pk), deadline_s=-1))
    tell_failures()
    [told] = told_of(target)
    assert (told["node"], told["error"]["code"]) == (None, "deadline")


def test_a_run_that_completes_or_names_no_error_workflow_is_not_marked(workspace):
    target = alarm(workspace)
    nodes = [node("start", "manual"), node("end")]
    document = graph(nodes, ["start -> end"], error_workflow=str(target.pk))
    execute(created(make_version(make_workflow(workspace), document, is_published=True)))
    silent = graph([node("start", "manual"), BREAKS], ["start -> break"])
    execute(created(make_version(make_workflow(workspace), silent, is_published=True)))
    assert not Run.objects.exclude(failure_due_at=None).exists()


def test_a_draft_that_is_tried_out_alarms_nobody(workspace):
    target = alarm(workspace)
    version = failing(workspace, target.pk)
    WorkflowVersion.objects.filter(pk=version.pk).update(published_at=None)
    version.refresh_from_db()
    execute(created(version))
    tell_failures()
    assert told_of(target) == []


def test_an_error_workflow_that_fails_is_not_told_to_itself(workspace):
    target = alarm(workspace)
    broken = graph(
        [node("failed", "error"), BREAKS], ["failed -> break"], error_workflow=str(target.pk)
    )
    make_version(target, broken, is_published=True)
    execute(created(failing(workspace, target.pk)))
    tell_failures()
    error_run = execute(Run.objects.get(trigger=Trigger.ERROR))
    assert error_run.status == RunStatus.FAILED
    again = execute(retry_run(error_run, "start", error_run.version, by=None))
    assert again.status == RunStatus.FAILED
    tell_failures()
    assert len(told_of(target)) == 1


def test_what_an_error_workflow_runs_starts_no_other(workspace):
    target = make_workflow(workspace)
    callee = failing(workspace, target.pk)
    call = node("call", "run_workflow", params={"workflow": str(callee.workflow_id)})
    document = graph([node("failed", "error"), call], ["failed -> call"])
    make_version(target, document, is_published=True)
    execute(created(failing(workspace, target.pk)))
    tell_failures()
    execute(Run.objects.get(trigger=Trigger.ERROR))
    assert Run.objects.get(trigger=Trigger.CHILD).status == RunStatus.FAILED
    tell_failures()
    assert len(told_of(target)) == 1


def test_a_run_and_the_run_that_it_made_are_told_each_to_their_own(workspace):
    of_parents, of_children = alarm(workspace), alarm(workspace)
    callee = failing(workspace, of_children.pk)
    call = node("call", "run_workflow", params={"workflow": str(callee.workflow_id)})
    document = graph(
        [node("start", "manual"), call], ["start -> call"], error_workflow=str(of_parents.pk)
    )
    parent = make_version(make_workflow(workspace), document, is_published=True)
    run = execute(created(parent))
    tell_failures()
    assert [told["run"] for told in told_of(of_parents)] == [str(run.pk)]
    assert [told["trigger"] for told in told_of(of_children)] == ["child"]


@pytest.mark.parametrize("why", ["unknown", "no id", "foreign", "archived", "unpublished", "bare"])
def test_an_error_workflow_that_cannot_be_started_is_logged(workspace, caplog, why):
    target = alarm(make_workspace() if why == "foreign" else workspace)
    if why == "archived":
        archive_workflow(target, by=None)
    elif why == "unpublished":
        Workflow.objects.filter(pk=target.pk).update(version=None)
    elif why == "bare":
        make_version(target, is_published=True)
    named = {"unknown": uuid4(), "no id": "alarm"}.get(why, target.pk)
    execute(created(failing(workspace, named)))
    assert tell_failures() == 1
    assert told_of(target) == []
    assert f"its error workflow {named} cannot be started" in caplog.text


def test_what_names_no_error_workflow_that_could_start_cannot_be_activated(workspace):
    target = make_workflow(workspace)
    workflow = failing(workspace, target.pk).workflow
    with pytest.raises(FaultsError) as refused:
        activate_workflow(workflow, by=None)
    [fault] = refused.value.faults
    assert (fault.path, fault.code) == ("settings.error_workflow", "workflow_not_published")
    assert not Workflow.objects.get(pk=workflow.pk).is_active
    make_version(target, graph([node("failed", "error")]), is_published=True)
    activate_workflow(workflow, by=None)
    assert Workflow.objects.get(pk=workflow.pk).is_active


def test_an_active_workflow_cannot_come_to_name_one_that_could_not_start(workspace):
    workflow = failing(workspace, alarm(workspace).pk).workflow
    activate_workflow(workflow, by=None)
    document = graph([node("start", "manual")], error_workflow=str(uuid4()))
    newer = make_version(workflow, document)
    with pytest.raises(FaultsError, match="Nobody would be told"):
        publish_version(newer, by=None)
    assert Workflow.objects.get(pk=workflow.pk).version != newer.version


def test_a_workflow_may_be_told_of_its_own_failures(workspace):
    workflow = make_workflow(workspace)
    document = graph(
        [node("start", "manual"), node("failed", "error")], error_workflow=str(workflow.pk)
    )
    publish_version(make_version(workflow, document), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    assert workflow.is_active


def test_a_failure_that_cannot_be_told_holds_up_no_other(workspace, monkeypatch):
    target = alarm(workspace)
    version = failing(workspace, target.pk)
    first, second = execute(created(version)), execute(created(version))
    tell = failures._tell

    def tell_but_the_first(run: Run) -> None:
        if run.pk == first.pk:
            raise OSError("the disk is full")
        tell(run)

    monkeypatch.setattr(failures, "_tell", tell_but_the_first)
    assert tell_failures() == 2
    assert [told["run"] for told in told_of(target)] == [str(second.pk)]
    first.refresh_from_db()
    assert first.failure_due_at is not None


@pytest.mark.django_db(transaction=True)
def test_those_who_look_at_the_same_time_tell_each_failure_once(workspace):
    target = alarm(workspace)
    version = failing(workspace, target.pk)
    failed = [str(execute(created(version)).pk) for _ in range(6)]
    at_once(*[tell_failures] * 4)
    tell_failures()  # who finds a row locked leaves it to who holds it
    assert sorted(told["run"] for told in told_of(target)) == sorted(failed)
