"""What became of the runs of a job is forgotten after a while: a job may have 100,000."""

from datetime import datetime, timedelta

from apps.operations.models import BulkJob, BulkJobRun

KEPT_FOR = timedelta(days=90)
AT_ONCE = 500


def delete_old_jobs(now: datetime) -> int:
    """Delete the jobs that ended long ago, their runs' rows first, some at a time; gives how many
    jobs. The runs themselves are not touched."""
    old = BulkJob.objects.exclude(status=BulkJob.Status.RUNNING).order_by("pk")
    count = 0
    for job in old.filter(finished_at__lt=now - KEPT_FOR):
        while ids := list(job.runs.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            BulkJobRun.objects.filter(pk__in=ids).delete()
        count += job.delete()[1].get(BulkJob._meta.label, 0)
    return count
