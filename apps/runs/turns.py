"""Turns: workspaces are served in turn, one that has many pending runs with those that have few."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import connection

from apps.runs import sql
from apps.runs.states import Priority

LOW_WAITS = timedelta(minutes=10)
"""After which a run of low priority counts as one of the default."""

LAST_TURN = """
    SELECT max(known.turn) FROM (
        SELECT 0 AS turn
        UNION ALL SELECT turn FROM (
            SELECT turn FROM runs
             WHERE status = 'pending' AND line_id IS NULL
               AND workspace_id = %s AND queue = %s AND priority = %s
             ORDER BY turn DESC LIMIT 1
        ) AS own
        UNION ALL SELECT turn - 1 FROM (
            SELECT turn FROM runs
             WHERE status = 'pending' AND line_id IS NULL
               AND queue = %s AND priority = %s AND turn > 0
             ORDER BY turn LIMIT 1
        ) AS next
    ) AS known
"""
"""Behind which a new run has its turn: those of its workspace, and who had theirs before the one
that is next. Who waits in a line counts for neither.

Ordered and not by `max` and `min`: for these PostgreSQL reads all that are pending, where it
believes that they are few.
"""


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
