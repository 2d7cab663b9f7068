"""Retention: by age, by count and by outcome, as the settings or the workflow itself say."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from itertools import count
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apps.runs import expire
from apps.runs.expire import between, delete_expired_runs
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.runs.tidy import chores
from apps.versions.models import WorkflowVersion
from apps.workflows.budget import change_budget
from apps.workflows.models import Workflow
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.factories import make_run, make_step, make_user, make_version, make_workflow

pytestmark = pytest.mark.django_db
COMPLETED, FAILED, CANCELLED = RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED
numbers = count()


def ended(version: WorkflowVersion, days_ago: float, status: str = COMPLETED) -> Run:
    """A run that was made so many days ago, and ended at once if ever."""
    at = timezone.now() - timedelta(days=days_ago)
    id = UUID(int=(int(at.timestamp() * 1000) << 80) + next(numbers))
    ends = None if status == RunStatus.WAITING else at
    return make_run(version, status, id=id, created_at=at, finished_at=ends)


def copy_of(run: Run) -> Run:
    fields = {field.attname: getattr(run, field.attname) for field in Run._meta.concrete_fields}
    return Run(**fields | {"id": uuid4()})


@pytest.fixture
def version() -> WorkflowVersion:
    return make_version()


def left() -> Iterator[Run]:
    delete_expired_runs(timezone.now())
    return iter(Run.objects.order_by("id"))


def test_without_a_limit_runs_are_kept_for_ever(version: WorkflowVersion) -> None:
    run = ended(version, 5_000)
    assert list(left()) == [run]


def test_a_start_that_a_rate_may_still_count_is_kept(
    version: WorkflowVersion, settings: LazySettings
) -> None:
    settings.KEEP_COMPLETED_DAYS = 0.1
    old, young, _ = (ended(version, days) for days in (1.1, 0.9, 0.9))
    for number, run in enumerate((old, young), 1):
        started = {"rate_limit": 1, "rate_s": 86_400, "start_no": number}
        Run.objects.filter(pk=run.pk).update(started_at=run.finished_at, **started)
    assert list(left()) == [young]


def test_runs_are_kept_by_how_they_ended(version: WorkflowVersion, settings: LazySettings) -> None:
    settings.KEEP_COMPLETED_DAYS, settings.KEEP_FAILED_DAYS = 14, 90
    for days, status in ((100, FAILED), (80, COMPLETED), (80, CANCELLED)):
        ended(version, days, status)
    kept = [ended(version, 80, FAILED), ended(version, 13, COMPLETED)]
    assert list(left()) == kept


def test_a_workflow_says_more_than_the_settings(settings: LazySettings) -> None:
    settings.KEEP_COMPLETED_DAYS = 14
    for_ever, shorter, default = (make_version(make_workflow()) for _ in range(3))
    change_budget(for_ever.workflow, {"keep_completed_days": 0}, by=None)
    change_budget(shorter.workflow, {"keep_completed_days": 1}, by=None)
    kept = ended(for_ever, 1_000)
    ended(shorter, 2)
    ended(default, 20)
    also_kept = ended(default, 2)
    assert list(left()) == [kept, also_kept]


def test_of_so_many_runs_the_newest_are_kept(version: WorkflowVersion) -> None:
    change_budget(version.workflow, {"keep_runs": 2}, by=None)
    runs = [ended(version, days) for days in (9, 8, 7, 6)]
    other = ended(make_version(), 9)
    assert list(left()) == [other, *runs[2:]]


def test_what_has_not_ended_counts_and_stays(version: WorkflowVersion) -> None:
    change_budget(version.workflow, {"keep_runs": 1}, by=None)
    waiting = ended(version, 9, RunStatus.WAITING)
    ended(version, 8)
    newest = ended(version, 7)
    assert list(left()) == [waiting, newest]


def test_who_waits_for_the_end_of_a_run_still_finds_it(version: WorkflowVersion) -> None:
    change_budget(version.workflow, {"keep_runs": 1}, by=None)
    runs = [ended(version, days / 24 / 60) for days in (50, 40)]
    assert list(left()) == runs


def test_more_than_one_look_takes_goes_in_small_transactions(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expire, "AT_ONCE", 2)
    change_budget(version.workflow, {"keep_completed_days": 3}, by=None)
    for days in (9, 8, 7, 6, 5):
        make_step(ended(version, days))
    kept = ended(version, 2)
    assert list(left()) == [kept]
    told = AuditEntry.objects.filter(action="run.expire").order_by("id")
    assert [(entry.object_id, entry.detail["runs"]) for entry in told] == [
        (version.workflow_id, each) for each in (2, 2, 1)
    ]


def test_expired_runs_are_found_by_an_index(version: WorkflowVersion) -> None:
    # Of so few runs as to fill one page any index is as good.
    other = make_run()
    Run.objects.bulk_create([copy_of(other) for _ in range(1_000)])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # which few rows are read by
    asked = between(version.workflow, UUID(int=0), ended(version, 9).pk)
    assert "runs_newest_of_workflow" in asked.explain()


def test_the_clean_up_can_be_run_by_hand(version: WorkflowVersion, settings: LazySettings) -> None:
    settings.KEEP_COMPLETED_DAYS = 1
    ended(version, 2)
    said = StringIO()
    call_command("tidy", stdout=said)
    assert "runs: 1\n" in said.getvalue()
    assert next(iter(chores)) == "runs", "what only they refer to goes with them"


# --- To say so ----------------------------------------------------------------------------------


@pytest.fixture
def workflow() -> Workflow:
    return make_workflow()


def test_an_admin_sets_what_is_kept_over_the_api(workflow: Workflow) -> None:
    client = ApiClient(make_user(workflow.workspace, "admin"))
    answer = client.patch(f"workflows/{workflow.pk}", {"keep_failed_days": 90, "keep_runs": 0})
    assert answer.status_code == 200
    assert {key: answer.json()[key] for key in answer.json() if key.startswith("keep_")} == {
        "keep_completed_days": None,
        "keep_failed_days": 90,
        "keep_runs": 0,
    }
    entry = AuditEntry.objects.get(action="workflow.budget")
    assert entry.detail["changes"] == {"keep_failed_days": [None, 90], "keep_runs": [None, 0]}
    assert client.get(f"workflows/{workflow.pk}").json()["name"] == workflow.name


def test_an_editor_renames_and_sets_no_budget(workflow: Workflow) -> None:
    client = ApiClient(make_user(workflow.workspace, "editor"))
    path = f"workflows/{workflow.pk}"
    assert client.patch(path, {"name": "Other"}).status_code == 200
    assert client.patch(path, {"name": "Third", "keep_runs": 1}).status_code == 403
    workflow.refresh_from_db()
    assert (workflow.name, workflow.keep_runs) == ("Other", None)


def test_wrong_limits_are_told_all_at_once(workflow: Workflow) -> None:
    client = ApiClient(make_user(workflow.workspace, "admin"))
    answer = client.patch(f"workflows/{workflow.pk}", {"keep_runs": -1, "keep_failed_days": "9"})
    assert (answer.status_code, {path for path, _ in faults(answer)}) == (
        422,
        {"keep_runs", "keep_failed_days"},
    )
    assert client.patch(f"workflows/{workflow.pk}", {}).status_code == 422


@pytest.mark.parametrize(("role", "kept"), [("admin", 7), ("editor", None)])
def test_the_admin_site_sets_what_is_kept(workflow: Workflow, role: str, kept: int | None) -> None:
    client = ApiClient(make_user(workflow.workspace, role, is_staff=True))
    body = b"name=Renamed&keep_completed_days=7&keep_failed_days=&keep_runs="
    answer = client.post(
        f"/admin/workflows/workflow/{workflow.pk}/change/",
        body,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 302
    workflow.refresh_from_db()
    assert (workflow.name, workflow.keep_completed_days) == ("Renamed", kept)
