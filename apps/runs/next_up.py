"""The runs that wait for nothing but a worker, and who of them is next: of each priority the first.

Who waits in a line, or is held by somebody, waits for something else; also where no worker is alive
that would put it into a line. What is only to be ended waits for a worker in spite of a hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.runs import sql
from apps.runs.limits import NEEDED, WAITS_BY_WISH, of
from apps.runs.states import Priority

LOOKED_AT = 10_000
"""Of the first of a priority: behind so many that are held nobody is looked for."""
_READY = "status = 'pending' AND line_id IS NULL"


@dataclass(frozen=True, slots=True)
class Next:
    run: UUID
    fence: int
    made_at: datetime


def next_of(queue: str, priority: int, workspace: UUID | None = None) -> Next | None:
    """Who is next of this priority, in a workspace or in all."""
    whose = "%s" if workspace else ""
    with connection.cursor() as cursor:
        cursor.execute(
            _first("id, fence, created_at", priority, whose),
            sql.adapted([queue, *([workspace] if workspace else [])]),
        )
        row = cursor.fetchone()
    if row is None:
        return None
    made_at = sql.read_time(row[2])
    assert made_at is not None
    return Next(sql.read_uuid(row[0]), row[1], made_at)


def still_waiting(runs: Sequence[UUID]) -> Mapping[UUID, int]:
    """Those of these runs that wait for a worker, with their fences."""
    if not runs:
        return {}
    places = ", ".join(["%s"] * len(runs))
    statement = f"""SELECT id, fence FROM runs WHERE id IN ({places}) AND {_READY}
        AND NOT {of(WAITS_BY_WISH, "runs")}"""  # noqa: S608 - parts of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, sql.adapted(runs))
        return {sql.read_uuid(id): fence for id, fence in cursor.fetchall()}


def oldest_next(queue: str, workspaces: Sequence[UUID] | None = None) -> datetime | None:
    """When the oldest was made of those that are next in their workspaces; None: all of them.

    One look for each workspace: over all at once the database might read every run.
    """
    if workspaces is not None and not workspaces:
        return None
    each = [f"({_first('created_at', priority, 'workspaces.id')})" for priority in Priority.values]
    statement = f"SELECT {', '.join(each)} FROM workspaces"  # noqa: S608 - parts of ours
    if workspaces is not None:
        statement += f" WHERE id IN ({', '.join(['%s'] * len(workspaces))})"
    with connection.cursor() as cursor:
        cursor.execute(statement, sql.adapted([queue] * len(each) + [*(workspaces or ())]))
        found = [sql.read_time(moment) for row in cursor.fetchall() for moment in row]
    return min((moment for moment in found if moment is not None), default=None)


def _first(columns: str, priority: int, workspace: str) -> str:
    """The statement for who is next: in the order of the index that serves it."""
    whose, order = (f"AND workspace_id = {workspace}", "turn") if workspace else ("", "turn, id")
    return f"""
        SELECT {columns}
          FROM (SELECT {NEEDED}, fence, created_at, turn FROM runs
                 WHERE {_READY} AND queue = %s AND priority = {priority} {whose}
                 ORDER BY {order} LIMIT {LOOKED_AT}) AS run
         WHERE NOT {of(WAITS_BY_WISH, "run")}
         ORDER BY {order} LIMIT 1"""  # noqa: S608 - parts of ours
