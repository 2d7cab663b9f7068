"""The workers' part: each has a thread that does a few runs of each job at each of its turns.

Each run is a transaction of its own, in which its row is held: whoever is killed has done it or
not, and no two workers do it. Nothing of a job is in memory.
"""

import logging
import time
from collections import deque
from contextlib import suppress
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from apps.engine.errors import FaultsError, FlowForgeError
from apps.operations.bulk.begin import RIGHTS, stop_job
from apps.operations.bulk.counts import counts_of
from apps.operations.models import BulkJob, BulkJobRun
from apps.runs.cancel import cancel_run, mark_failed
from apps.runs.delete import delete_run
from apps.runs.models import Run
from apps.runs.retry import FROM_FAILED, retry_run, version_for_retry
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import ApiKey
from apps.workspaces.permissions import Principal, may

logger = logging.getLogger(__name__)

TURN_S = 0.25
"""So long a turn may take; one run is done at least."""
AGAIN_S = 0.25
"""Between two turns, in which whatever else writes to the database has it for itself."""
MOST_JOBS = 10
"""Of so many it does a run each before it does a second one of any."""
Outcome = BulkJobRun.Outcome


def go_on() -> int:
    """Do some runs of jobs that have not ended, in turn, so that none holds up the others; gives
    how many."""
    running = BulkJob.objects.filter(status=BulkJob.Status.RUNNING)
    # By chance, as a turn may come to one of them only.
    jobs = deque(running.order_by("?")[:MOST_JOBS])
    give_up_at = time.monotonic() + TURN_S
    count = 0
    while jobs and (count == 0 or time.monotonic() < give_up_at):
        job = jobs.popleft()
        by = _principal(job)
        if by is None:
            with suppress(ConflictError):
                stop_job(job, by=None, because="Who began it may not do this any more.")
        elif _do_next(job, by):
            count += 1
            jobs.append(job)
        else:
            _end(job)
    return count


def until_next_s() -> float | None:
    """Seconds until a turn is wanted, if it is."""
    return AGAIN_S if BulkJob.objects.filter(status=BulkJob.Status.RUNNING).exists() else None


def _do_next(job: BulkJob, by: Principal) -> bool:
    """Do the deed to the next run that nobody else is at; False where none is left."""
    with transaction.atomic():
        waiting = job.runs.select_for_update(skip_locked=True).filter(outcome=Outcome.TO_DO)
        row = waiting.order_by("id").first()
        # Read behind the lock: whoever stops a job stops it at once.
        if row is None or not _is_running(job):
            return False
        try:
            with transaction.atomic():
                row.made = _do(job, row, by)
            row.outcome = Outcome.DONE
        except (OperationalError, InterfaceError):
            raise  # it is tried again
        except FlowForgeError as refusal:
            row.outcome, row.error = Outcome.REFUSED, _why(refusal)
        except Exception:
            # A fault of ours, told with its run: the job goes on with the others.
            logger.exception("job %s: run %s could not be done", job.pk, row.run)
            row.outcome = Outcome.REFUSED
            row.error = "It failed unexpectedly; the server's log has the details."
        row.save(update_fields=["outcome", "made", "error"])
    return True


def _do(job: BulkJob, row: BulkJobRun, by: Principal) -> UUID | None:
    """Gives the run that it made."""
    # Held, so that nobody deletes it meanwhile, and no other job retries it.
    runs = Run.objects.select_for_update(no_key=True)
    run = runs.filter(pk=row.run, workspace=job.workspace_id).first()
    if run is None:
        raise ConflictError("deleted", "The run is deleted.")
    if job.deed == BulkJob.Deed.CANCEL:
        cancel_run(run, by=by)
        return None
    if job.deed == BulkJob.Deed.MARK_FAILED:
        mark_failed(run, job.note, by=by)
        return None
    if job.deed == BulkJob.Deed.DELETE:
        delete_run(run, by=by)
        return None
    if job.start == FROM_FAILED and Run.objects.filter(retry_of=run).exists():
        raise ConflictError("retried", "It was retried already.")
    return retry_run(run, job.start, version_for_retry(run, job.version, by=by), by=by).pk


def _end(job: BulkJob) -> None:
    """Note the end, where no run is left: others may still be at some."""
    with transaction.atomic():
        if job.runs.filter(outcome=Outcome.TO_DO).exists():
            return
        running = BulkJob.objects.filter(pk=job.pk, status=BulkJob.Status.RUNNING)
        if running.update(status=BulkJob.Status.DONE, finished_at=timezone.now()):
            told = {"status": (BulkJob.Status.RUNNING, BulkJob.Status.DONE)}
            record("bulk.done", job, told, by=None, **counts_of(job))


def _is_running(job: BulkJob) -> bool:
    return BulkJob.objects.filter(pk=job.pk, status=BulkJob.Status.RUNNING).exists()


def _principal(job: BulkJob) -> Principal | None:
    """Who began the job, if they may still do this."""
    user, right = job.created_by, RIGHTS[BulkJob.Deed(job.deed)]
    if user is not None and user.is_active:
        if user.is_superuser or may(user, right, job.workspace_id):
            return user
        return None
    if job.api_key_id is None:
        return None
    key = ApiKey.objects.usable(timezone.now()).filter(pk=job.api_key_id).first()
    return key if key is not None and may(key, right, job.workspace_id) else None


def _why(refusal: FlowForgeError) -> str:
    if isinstance(refusal, FaultsError) and refusal.faults:
        return refusal.faults[0].message[:500]
    return refusal.message[:500]
