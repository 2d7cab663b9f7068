"""How far jobs have come: counted while their runs may change, kept with them from then on."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.operations.bulk.begin import begin_job, stop_job
from apps.operations.bulk.choose import Asked
from apps.operations.bulk.counts import SETTLED_AFTER, counts_of, keep_counts
from apps.operations.models import BulkJob, BulkJobRun
from apps.versions.models import WorkflowVersion
from tests.clients import ApiClient
from tests.operations.failed_runs import by, failed_at_the_call, mailing, until_done
from tests.staff import shown, superuser

pytestmark = pytest.mark.django_db
JOBS = "/admin/operations/bulkjob/"
LATER = 2 * SETTLED_AFTER


@pytest.fixture
def version() -> WorkflowVersion:
    version = mailing()
    for _ in range(2):
        failed_at_the_call(version)
    return version


def begun(version: WorkflowVersion) -> BulkJob:
    return begin_job(Asked(version.workspace, "retry", {}), by=by(version))


def counted(client: ApiClient, path: str) -> tuple[str, list[str]]:
    """The page, and what it counted by what became of the runs of jobs."""
    with CaptureQueriesContext(connection) as asked:
        page = shown(client, path)
    return page, [
        each["sql"] for each in asked if "COUNT" in each["sql"] and '."outcome"' in each["sql"]
    ]


def test_a_job_that_ended_long_ago_is_counted_no_more(version: WorkflowVersion) -> None:
    job, client = until_done(begun(version)), superuser()
    for path in (JOBS, f"{JOBS}{job.pk}/change/"):
        page, asked = counted(client, path)
        assert "2 of 2 done" in page
        assert any("bulk_job_runs" in sql for sql in asked)

    assert keep_counts(timezone.now() + LATER) == 1
    for path in (JOBS, f"{JOBS}{job.pk}/change/"):
        page, asked = counted(client, path)
        assert "2 of 2 done" in page
        assert not any("bulk_job_runs" in sql for sql in asked)
    told = ApiClient(by(version)).send("GET", f"bulk-jobs/{job.pk}").json()
    assert told["runs"] == {"to_do": 0, "done": 2, "refused": 0}
    assert keep_counts(timezone.now() + LATER) == 0


def test_a_list_tells_of_jobs_that_ended_and_of_those_that_go_on(version: WorkflowVersion) -> None:
    until_done(begun(version))
    keep_counts(timezone.now() + LATER)
    failed_at_the_call(version)
    begun(version)
    page = shown(superuser(), JOBS)
    assert "2 of 2 done" in page
    assert "0 of 1 done" in page


def test_a_job_that_goes_on_is_counted_however_long_it_takes(version: WorkflowVersion) -> None:
    job = begun(version)
    assert keep_counts(timezone.now() + LATER) == 0
    assert counts_of(job) == {"to_do": 2, "done": 0, "refused": 0}


def test_what_a_worker_was_at_when_a_job_was_stopped_is_counted(version: WorkflowVersion) -> None:
    job: Any = begun(version)
    stop_job(job, by=by(version))
    assert keep_counts(timezone.now() + timedelta(minutes=1)) == 0
    last = job.runs.order_by("id").last()
    BulkJobRun.objects.filter(pk=last.pk).update(outcome="done")
    assert keep_counts(timezone.now() + LATER) == 1
    job.refresh_from_db()
    assert counts_of(job) == job.counts == {"to_do": 1, "done": 1, "refused": 0}
