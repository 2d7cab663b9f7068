"""Jobs over the runs of a workspace, as if these had been retried: a page of them and more."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from apps.operations.models import BulkJob
from apps.runs import sql
from apps.runs.retry import FROM_FAILED, SAME
from apps.workspaces.models import User, Workspace

JOBS = 60
MOST_RUNS = 20_000
EACH = timedelta(hours=1)
NOTE_RUNS = """
INSERT INTO bulk_job_runs (job_id, run, outcome, error)
SELECT {job}, id, CASE WHEN place %% 10 = 0 THEN 'refused' ELSE 'done' END,
       CASE WHEN place %% 10 = 0 THEN 'It was retried already.' ELSE '' END
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM runs WHERE workspace_id = {workspace}
      ORDER BY id LIMIT {most}) AS chosen
"""


def fill_jobs(workspace: Workspace, owner: User, runs: int) -> None:
    """Each is over a fiftieth of so many runs, as far as there are as many. None goes on."""
    now = timezone.now()
    jobs = BulkJob.objects.bulk_create(
        BulkJob(
            workspace=workspace,
            deed=BulkJob.Deed.RETRY,
            start=FROM_FAILED,
            version=SAME,
            filter={"status": "failed"},
            status=BulkJob.Status.DONE,
            created_by=owner,
            created_at=now - place * EACH,
            finished_at=now - place * EACH,
        )
        for place in reversed(range(JOBS))
    )
    id = "%s::uuid" if sql.is_postgres() else "%s"
    note = NOTE_RUNS.format(job=id, workspace=id, most="%s")
    with connection.cursor() as cursor:
        for job in jobs:
            asked = [*sql.adapted([job.pk, workspace.pk]), min(runs // 50, MOST_RUNS)]
            cursor.execute(note, asked)
