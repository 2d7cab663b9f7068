"""The runs that a database is seeded with to be measured are like real ones."""

import os
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command

from apps.operations.admin.jobs import BulkJobAdmin
from apps.operations.bulk.counts import counts_of
from apps.operations.models import BulkJob, BulkJobRun
from apps.operations.seed.seed import seed
from apps.runs.events import read_events
from apps.runs.models import Run, StepRun, Worker
from apps.runs.states import RunStatus
from apps.runs.worker import this_worker
from apps.triggers.models import ScheduleFire, WebhookRequest
from apps.workspaces.models import AuditEntry, Workspace
from tests.factories import make_user, make_workspace
from tests.operations.seeded import seeded
from tests.runs.work import fresh_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_database_is_seeded_with_runs_that_can_be_read() -> None:
    runs = 400
    seeded(runs)

    filled = list(Run.objects.order_by("id")[:runs])
    assert StepRun.objects.filter(run__in=filled).count() > 9 * runs
    assert all(before.created_at < after.created_at for before, after in pairwise(filled))
    ended = {RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED}
    assert {run.status for run in filled} == {RunStatus.WAITING, *ended}
    assert {run.error_code for run in filled} > {"", "stopped"}
    assert len({run.workspace_id for run in filled}) == 3
    for status in ended:
        told = read_events(next(run.pk for run in filled if run.status == status), 0)
        assert told.is_last
        assert [event["seq"] for event in told.events] == list(range(1, len(told.events) + 1))


def test_what_started_them_is_kept_with_them() -> None:
    runs = 400
    seeded(runs)

    filled = Run.objects.order_by("id")[:runs]
    hooks = WebhookRequest.objects.filter(run__in=list(filled))
    fires = ScheduleFire.objects.filter(run__in=list(filled))
    started = AuditEntry.objects.filter(
        action="run.start", object_id__in=[run.pk for run in filled]
    )
    assert all(hook.run and hook.received_at == hook.run.created_at for hook in hooks)
    by_trigger = [run.trigger for run in filled]
    for kept, trigger in ((hooks, "webhook"), (fires, "schedule"), (started, "manual")):
        assert kept.count() == by_trigger.count(trigger) > 0


@pytest.mark.timeout(60)
def test_a_slow_machine_is_seeded_too() -> None:
    owner = make_user()
    with fresh_worker():
        this_worker().confirmed_at -= 3_600  # as after a long stillness
        seed("Load", owner, 50)
    assert not Run.objects.filter(status=RunStatus.PENDING).exists()
    assert not Worker.objects.filter(pid=os.getpid()).exists()


def test_jobs_were_done_to_them() -> None:
    seeded(400)

    jobs = BulkJob.objects.all()
    assert jobs.count() > BulkJobAdmin.list_per_page
    assert {counts_of(job)["done"] + counts_of(job)["refused"] for job in jobs} == {400 // 50}
    assert jobs.filter(counts__isnull=False).exists()
    assert set(BulkJobRun.objects.values_list("run", flat=True)) <= {
        *Run.objects.values_list("pk", flat=True)
    }


def test_the_command_makes_its_own_workspaces_and_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    owner = make_user()

    call_command("seed_runs", "Load", owner=owner.email, runs=10)

    assert "Making the workspace “Load” and two beside it, with 10 runs" in capsys.readouterr().out
    assert {*owner.roles()} == {*Workspace.objects.values_list("pk", flat=True)}


def test_a_workspace_that_is_there_is_left_alone() -> None:
    make_workspace("Load")

    with pytest.raises(CommandError, match="There is a workspace “Load” already"):
        call_command("seed_runs", "Load", owner=make_user().email, runs=10)

    assert not Run.objects.exists()
    assert Workspace.objects.count() == 1


def test_nobody_owns_what_nobody_is_named_for() -> None:
    with pytest.raises(CommandError, match="There is no user"):
        call_command("seed_runs", "Load", owner="who@example.com", runs=10)
    assert not Workspace.objects.exists()
