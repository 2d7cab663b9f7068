"""How many runs of a job there are of each outcome: counted from their rows, and kept with the job
once none of these changes any more. A list of jobs may be about millions of runs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from apps.operations.models import BulkJob, BulkJobRun
from apps.runs.models import Run

SETTLED_AFTER = timedelta(hours=1)
"""Who was at a run when its job was stopped ends it behind that, within the limits that the
database sets to a transaction."""
MOST_MADE = 10_000
"""Of so many runs that a job made it is told what became of them: the first."""
Outcome = BulkJobRun.Outcome


def counts_of(job: BulkJob) -> dict[str, int]:
    """How many runs of the job there are of each outcome."""
    return counts_of_all([job])[job.pk]


def counts_of_all(jobs: Sequence[BulkJob]) -> dict[UUID, dict[str, int]]:
    """The same of several jobs, by their ids."""
    kept = {job.pk: job.counts for job in jobs if job.counts is not None}
    return kept | _counted([job.pk for job in jobs if job.counts is None])


def made_by(job: BulkJob) -> dict[str, int]:
    """What became so far of the runs that a job made: how many there are of each status."""
    made = job.runs.exclude(made=None).order_by("id").values("made")[:MOST_MADE]
    rows = Run.objects.filter(pk__in=made).order_by("status").values_list("status")
    return dict(rows.annotate(Count("pk")))


def keep_counts(now: datetime) -> int:
    """Keep those of jobs that ended a while ago, whoever ended them; gives how many jobs."""
    ended = BulkJob.objects.exclude(status=BulkJob.Status.RUNNING).filter(counts__isnull=True)
    settled = list(ended.filter(finished_at__lt=now - SETTLED_AFTER).values_list("pk", flat=True))
    for id in settled:
        BulkJob.objects.filter(pk=id).update(counts=_counted([id])[id])
    return len(settled)


def _counted(jobs: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    counts = {job: dict.fromkeys(Outcome.values, 0) for job in jobs}
    rows = BulkJobRun.objects.filter(job__in=jobs).order_by().values_list("job", "outcome")
    for job, outcome, count in rows.annotate(Count("pk")):
        counts[job][outcome] = count
    return counts
