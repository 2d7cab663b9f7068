"""Jobs that end runs as failed, and that delete them."""

from typing import Any

import pytest

from apps.engine.errors import FaultsError
from apps.operations.bulk.begin import begin_job
from apps.operations.bulk.choose import Asked, estimate
from apps.operations.bulk.counts import counts_of
from apps.operations.bulk.go_on import go_on
from apps.operations.models import BulkJob
from apps.runs.models import Run, RunSignal
from apps.runs.states import RunStatus
from apps.versions.models import WorkflowVersion
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient
from tests.factories import make_run, make_step, make_user

pytestmark = pytest.mark.django_db
ADD = "/admin/operations/bulkjob/add/"


def asked(version: WorkflowVersion, deed: str, **more: Any) -> Asked:
    return Asked(version.workspace, deed, {}, **more)


def done(job: BulkJob) -> dict[str, int]:
    while go_on():
        pass
    return counts_of(job)


def test_open_runs_are_marked_as_failed_and_the_note_says_why() -> None:
    run = make_run()
    ended = make_run(run.version, RunStatus.COMPLETED)
    user = make_user(run.workspace, "operator")
    wanted = asked(run.version, "mark_failed", note=" The supplier is gone. ")
    assert estimate(wanted).runs == 1
    job = begin_job(wanted, by=user)
    assert done(job)["done"] == 1
    signal = RunSignal.objects.get()
    assert (signal.run, signal.body) == (run, {"failed_because": "The supplier is gone."})
    assert AuditEntry.objects.get(action="bulk.begin").detail["note"] == "The supplier is gone."
    assert Run.objects.get(pk=ended.pk).status == RunStatus.COMPLETED


def test_nothing_is_marked_without_a_word_why() -> None:
    run = make_run()
    wanted = asked(run.version, "mark_failed", note=" ")
    for deed in (estimate, lambda it: begin_job(it, by=make_user(run.workspace, "operator"))):
        with pytest.raises(FaultsError, match="why"):
            deed(wanted)


def test_ended_runs_that_nobody_needs_are_counted_and_deleted() -> None:
    ended = make_run(status=RunStatus.FAILED)
    make_step(ended)
    needed = make_run(ended.version, RunStatus.FAILED)
    retry = make_run(ended.version, retry_of=needed)
    wanted = asked(ended.version, "delete")
    told = estimate(wanted)
    assert (told.runs, told.steps, told.effects) == (1, 1, [])
    job = begin_job(wanted, by=make_user(ended.workspace, "admin"))
    assert done(job)["done"] == 1
    assert set(Run.objects.all()) == {needed, retry}
    assert AuditEntry.objects.filter(action="run.delete", object_id=ended.pk).exists()


def test_who_may_not_delete_runs_begins_no_such_job_by_the_api_or_in_the_admin() -> None:
    ended = make_run(status=RunStatus.FAILED)
    client = ApiClient(make_user(ended.workspace, "operator", is_staff=True))
    path = f"workspaces/{ended.workspace_id}/bulk-jobs"
    assert client.send("POST", path, {"deed": "delete", "filter": {}}).status_code == 403
    answer = {"workspace": str(ended.workspace_id), "what": "delete", "note": "", "begin": ""}
    page = client.django.post(ADD, answer).content.decode()
    assert "delete is not one of the available choices." in page
    assert not BulkJob.objects.exists()


def test_the_admin_asks_for_the_note() -> None:
    run = make_run()
    client = ApiClient(make_user(run.workspace, "operator", is_staff=True)).django
    answer = {"workspace": str(run.workspace_id), "what": "mark_failed", "note": "", "begin": ""}
    assert "Say why." in client.post(ADD, answer).content.decode()
    client.post(ADD, answer | {"note": "Nobody needs them."})
    assert BulkJob.objects.get().note == "Nobody needs them."
