"""To have something done to many runs, in the background, and to stop that."""

from django.db import connection, transaction
from django.utils import timezone

from apps.engine.errors import Fault, FaultsError
from apps.operations.bulk.choose import (
    MOST_RUNS,
    Asked,
    chosen,
    refuse_too_many,
    refuse_without_note,
)
from apps.operations.models import BulkJob
from apps.runs import sql
from apps.workspaces.audit import made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

RIGHTS = {
    BulkJob.Deed.CANCEL: "run.cancel",
    BulkJob.Deed.RETRY: "run.retry",
    BulkJob.Deed.MARK_FAILED: "run.cancel",
    BulkJob.Deed.DELETE: "run.delete",
}


def begin_job(asked: Asked, *, by: Principal) -> BulkJob:
    """Note which runs the filter finds now; workers do the deed to each of them, once.

    Raises FaultsError where the filter is none, or finds no run or more than a job takes.
    """
    refuse_without_note(asked)
    with transaction.atomic():
        is_retry = asked.deed == BulkJob.Deed.RETRY
        job = BulkJob.objects.create(
            workspace=asked.workspace,
            deed=asked.deed,
            start=asked.start if is_retry else "",
            version=asked.version if is_retry else "",
            note=asked.note.strip() if asked.deed == BulkJob.Deed.MARK_FAILED else "",
            filter=dict(asked.filter),
            created_by=by.as_user,
            api_key=by.as_api_key,
        )
        count = _note_runs(job, asked)
        record("bulk.begin", job, made(status=job.status), by=by, runs=count, **_told(job))
    return job


def stop_job(job: BulkJob, *, by: Principal | None, because: str = "") -> None:
    """Do no more; what was done stays. Raises ConflictError where the job has ended."""
    with transaction.atomic():
        running = BulkJob.objects.filter(pk=job.pk, status=BulkJob.Status.RUNNING)
        if not running.update(
            status=BulkJob.Status.STOPPED, stopped_because=because, finished_at=timezone.now()
        ):
            raise ConflictError("job_ended", "The job has ended.")
        told = {"status": (BulkJob.Status.RUNNING, BulkJob.Status.STOPPED)}
        record("bulk.stop", job, told, by=by, because=because)


def _note_runs(job: BulkJob, asked: Asked) -> int:
    runs = chosen(asked).order_by("pk").values("pk")[: MOST_RUNS + 1]
    # Not elided: what can find nothing is asked all the same, and told below.
    compiler = runs.query.get_compiler(connection=connection, elide_empty=False)
    found, params = compiler.as_sql()
    with connection.cursor() as cursor:
        job_id = "%s::uuid" if sql.is_postgres() else "%s"
        cursor.execute(
            "INSERT INTO bulk_job_runs (job_id, run, outcome, error)"  # noqa: S608 - Django's own SQL
            f" WITH found(id) AS ({found})"
            f" SELECT {job_id}, found.id, 'to_do', '' FROM found ORDER BY found.id",
            [*params, *sql.adapted([job.pk])],
        )
        count = cursor.rowcount
    if count == 0:
        raise FaultsError([Fault("filter", "no_runs", "It finds no run that this can be done to.")])
    refuse_too_many(count)
    return count


def _told(job: BulkJob) -> dict[str, object]:
    told = {"deed": job.deed, "start": job.start, "version": job.version, "filter": job.filter}
    return told | ({"note": job.note} if job.note else {})
