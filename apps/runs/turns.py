"""Turns: workspaces are served in turn, one that has many pending runs with those that have few."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import connection

from apps.runs import sql
from apps.runs.states import Priority

LOW_WAITS = timedelta(minutes=10)
"""After which a run of low priority counts as one of the default."""

FIRST = -(2**60)
"""Before all others: who was claimed before and handed back, or is only to be ended."""
RESUMED = -(2**40)
"""From here on turns are counted of runs that had begun, and have woken: all below 0, for they go
before new ones."""


def _last_turn(lane: str, floor: int, workspace: str, queue: str, priority: str) -> str:
    return f"""
    SELECT max(known.turn) FROM (
        SELECT {floor} AS turn
        UNION ALL SELECT turn FROM (
            SELECT turn FROM runs AS other
             WHERE other.status = 'pending' AND other.line_id IS NULL
               AND other.workspace_id = {workspace} AND other.queue = {queue}
               AND other.priority = {priority} AND {lane}
             ORDER BY other.turn DESC LIMIT 1
        ) AS own
        UNION ALL SELECT turn - 1 FROM (
            SELECT turn FROM runs AS other
             WHERE other.status = 'pending' AND other.line_id IS NULL
               AND other.queue = {queue} AND other.priority = {priority} AND {lane}
             ORDER BY other.turn LIMIT 1
        ) AS next
    ) AS known
"""  # noqa: S608 - constants


LAST_TURN = _last_turn("other.turn > 0", 0, "%s", "%s", "%s")
"""Behind which a new run has its turn: those of its workspace, and who had theirs before the one
that is next. Who waits in a line counts for neither.

Ordered and not by `max` and `min`: for these PostgreSQL reads all that are pending, where it
believes that they are few.
"""
_RESUMED_LANE = f"other.turn > {RESUMED} AND other.turn < 0"
LAST_RESUMED_TURN = _last_turn(
    _RESUMED_LANE, RESUMED, "runs.workspace_id", "runs.queue", "runs.priority"
)
"""The same for a run that wakes, in a statement that changes `runs`: a workspace of which a great
many wake at once does not go before the few of another."""


def queue_up(
    workspace: UUID,
    queue: str,
    priority: int | Priority,
    runs: Sequence[UUID],
    *,
    line: UUID | None,
) -> None:
    """Give pending runs of a workspace, out of a line or ready, turns behind those that it has.

    So a great many that come at once go between the others' runs, and not before them.
    """
    known = "line_id IS NULL" if line is None else "line_id = %s"
    statement = f"""
        UPDATE runs SET line_id = NULL, priority = %s, turn = numbered.turn
          FROM (SELECT id, ({LAST_TURN}) + row_number() OVER (ORDER BY id) AS turn
                  FROM runs WHERE id IN ({", ".join(["%s"] * len(runs))})) AS numbered
         WHERE runs.id = numbered.id AND runs.status = 'pending' AND runs.{known}
    """  # noqa: S608 - parts of this file
    place = [workspace, queue, int(priority), queue, int(priority)]
    lines = [] if line is None else [line]
    with connection.cursor() as cursor:
        cursor.execute(statement, sql.adapted([int(priority), *place, *runs, *lines]))
