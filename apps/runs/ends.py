"""To end pending runs that are cancelled or too late though no thread is free to claim them.

Nothing of them is executed: it costs a moment each, and no worker's thread.
"""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import connection

from apps.runs import sql
from apps.runs.claim import Claim, claim_to_end
from apps.runs.execute import surviving
from apps.runs.walk import end_asked, new_branches
from apps.runs.worker import this_worker
from apps.workspaces.lent import database_lent

AT_ONCE = 100
UNCLAIMED = timedelta(seconds=1)
"""So long it is left to the threads that claim."""

_FOUND = " UNION ".join(
    f"""SELECT id, queue FROM (
        SELECT id, queue FROM runs WHERE status = 'pending' {more} AND {moment} <= %s
         ORDER BY {moment} LIMIT {AT_ONCE}) AS by_{moment}"""  # noqa: S608 - constants
    # Who is too late in a line is let out of it first: see `sweep.wake_late`.
    for moment, more in (("cancel_requested_at", ""), ("deadline_at", "AND line_id IS NULL"))
)


def end_unclaimed() -> int:
    """End pending runs of any queue that are only to be ended; gives how many.

    Each is tried once: one that cannot be ended holds up no others. A worker that drains leaves
    them to others.
    """
    with database_lent():
        before = sql.database_now() - UNCLAIMED
        with connection.cursor() as cursor:
            cursor.execute(_FOUND, sql.adapted([before, before]))
            found = cursor.fetchall()
        return sum(_end(sql.read_uuid(run), queue) for run, queue in found)


def _end(run: UUID, queue: str) -> int:
    worker = this_worker()
    with worker.taking(partial(_claimed, run, queue), new_branches) as held:
        for each in held:
            if worker.begin(each):
                with surviving(each.claim):
                    end_asked(each.claim, partial(worker.check, each))
    return len(held)


def _claimed(run: UUID, queue: str, worker: UUID) -> list[Claim]:
    claim = claim_to_end(worker, run, queue)
    return [claim] if claim else []
