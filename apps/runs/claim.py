"""To take a run: one conditional statement, fence + 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection

from apps.engine.items import Json
from apps.runs import sql
from apps.runs.limits import CLAIMABLE, IS_HELD, NEEDED, ONLY_TO_END, SLOT, START_NO, UNLIMITED, of
from apps.runs.line import has_ready, set_aside
from apps.runs.turns import FIRST

CONSTRAINTS = ("slot", "start_no")
"""One stands in what both databases say of a slot, or a start, that somebody else has."""
SLOT_RACES = 20
SUSPECT_CRASHES = 2
FREE, SHUT, DOUBT = "free", "shut", "doubt"
"""Whether the next run may be claimed. In doubt where it may share a limit with the one just taken:
the databases differ in whether a statement sees the slot that it takes."""
LOOKED_AT = 100
"""Ready runs of which a claim takes the first that it may; if it may none, they are set aside."""

COLUMNS = [
    "id",
    "workspace_id",
    "workflow_id",
    "version_id",
    "trigger",
    "trigger_node",
    "stop_node",
    "input_json",
    "input_payload_id",
    "pins",
    "pins_payload_id",
    "fence",
    "seq",
    "signals",
    "output_bytes",
    "marks",
    "crashes",
    "deadline_at",
    "started_at",
    "slot",
    "limit_key",
    "parent_step_id",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that is ours, as it was when we took it."""

    run: UUID
    workspace: UUID
    workflow: UUID
    workflow_name: str
    workflow_active: bool
    queue: str
    version: UUID
    worker: UUID
    trigger: str
    trigger_node: str
    stop_node: str
    items: list[dict[str, Json]] | None
    """The trigger's items; None where they are in `payload`."""
    payload: UUID | None
    pins: dict[str, Json] | None
    """What is pinned beside what the graph pins; None where no pins count, or in a payload."""
    pins_payload: UUID | None
    fence: int
    seq: int
    signals: int
    output_bytes: int
    marks: list[dict[str, Json]]
    crashes: int
    deadline_at: datetime | None
    started_at: datetime
    parent_step: UUID | None
    """The step that made this run, of another one."""
    is_limited: bool
    """Whether it holds a slot, that others may wait for."""
    limit_key: str
    clock_ahead: timedelta
    """How far the database's clock is ahead of ours."""
    has_more: bool
    """Whether a run was left behind of which nothing is known for which it must wait."""

    @property
    def is_suspect(self) -> bool:
        """Whether it may be what its workers died of: see "Poison" in docs/durability.md."""
        return self.crashes >= SUSPECT_CRASHES


def claim_new(worker: UUID, queue: str) -> Claim | None:
    """Take the best claimable run of the queue that has not begun yet, of those of the highest
    priority that waits; None where there is none. Raises as `claim_run`."""
    row = _take_in_a_race(_statement(_NEW), [worker, queue, queue])
    if row is None:
        return None
    return _read(row, worker, queue, has_more=_leaves_work(queue, row[-1]))


def claim_run(worker: UUID, queue: str) -> Claim | None:
    """Take the best claimable run of the queue; None where there is none.

    Raises IntegrityError where the worker has no row (any more): it must register anew.
    """
    row = _take_in_a_race(_statement(), [worker, queue])
    while row is None and set_aside(queue):
        row = _take_in_a_race(_statement(), [worker, queue])
    if row is None:
        return None
    return _read(row, worker, queue, has_more=_leaves_work(queue, row[-1]))


def claim_several(worker: UUID, queue: str, versions: Sequence[UUID]) -> list[Claim]:
    """Take, of the runs that are next in the queue, those before the first that is not a plain new
    one of these versions: at most half of what is ready, so that others have work too.

    Plain: nothing keeps it back, nobody died of it, nothing has reached it. None where the very
    first is none. Raises IntegrityError where the worker has no row (any more).
    """
    params = [queue, *versions, queue, worker]
    rows = _take(_statement_for_several(len(versions)), params)
    claims = [_read(row, worker, queue, has_more=row[-1] > len(rows)) for row in rows]
    return sorted(claims, key=lambda claim: claim.run)  # in the order of time


def claim_to_end(worker: UUID, run: UUID, queue: str) -> Claim | None:
    """Take this run if it is pending and there is nothing to do but to end it.

    Raises IntegrityError where the worker has no row (any more).
    """
    rows = _take(_statement_to_end(), [worker, run])
    return _read(rows[0], worker, queue, has_more=False) if rows else None


def _take_in_a_race(statement: str, params: list[Any]) -> tuple[Any, ...] | None:
    for attempt in range(SLOT_RACES):
        try:
            rows = _take(statement, params)
            return rows[0] if rows else None
        except IntegrityError as error:
            # Two claimants took the same slot, or start: the later looks again.
            is_race = any(name in str(error) for name in CONSTRAINTS)
            if not is_race or attempt == SLOT_RACES - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _leaves_work(queue: str, next_is: str | None) -> bool:
    if next_is in (SHUT, DOUBT):
        set_aside(queue, LOOKED_AT if next_is == SHUT else 1)
        return has_ready(queue)
    return next_is == FREE


def _take(statement: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with sql.one_statement(), connection.cursor() as cursor:
        cursor.execute(statement, sql.adapted(params))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _read(row: tuple[Any, ...], worker: UUID, queue: str, *, has_more: bool) -> Claim:
    values = dict(zip([*COLUMNS, "workflow_name", "workflow_active", "now"], row[:-1], strict=True))
    started_at, now = sql.read_time(values["started_at"]), sql.read_time(values["now"])
    assert started_at is not None
    assert now is not None
    return Claim(
        run=sql.read_uuid(values["id"]),
        workspace=sql.read_uuid(values["workspace_id"]),
        workflow=sql.read_uuid(values["workflow_id"]),
        workflow_name=values["workflow_name"],
        workflow_active=bool(values["workflow_active"]),
        version=sql.read_uuid(values["version_id"]),
        queue=queue,
        worker=worker,
        trigger=values["trigger"],
        trigger_node=values["trigger_node"],
        stop_node=values["stop_node"],
        items=sql.read_json(values["input_json"]),
        payload=values["input_payload_id"] and sql.read_uuid(values["input_payload_id"]),
        pins=sql.read_json(values["pins"]),
        pins_payload=values["pins_payload_id"] and sql.read_uuid(values["pins_payload_id"]),
        fence=values["fence"],
        seq=values["seq"],
        signals=values["signals"],
        output_bytes=values["output_bytes"],
        marks=sql.read_json(values["marks"]),
        crashes=values["crashes"],
        deadline_at=sql.read_time(values["deadline_at"]),
        started_at=started_at,
        parent_step=values["parent_step_id"] and sql.read_uuid(values["parent_step_id"]),
        is_limited=values["slot"] is not None,
        limit_key=values["limit_key"],
        clock_ahead=now - datetime.now(UTC),
        has_more=has_more,
    )


_READY = "FROM runs WHERE status = 'pending' AND line_id IS NULL AND queue = %s"
_IN_TURN = "ORDER BY priority DESC, turn, id"
_NEW = f"""AND turn >= 0 AND priority = (
    SELECT priority {_READY} ORDER BY priority DESC LIMIT 1)"""

_NEXT = """FROM runs AS later
    WHERE later.status = 'pending' AND later.line_id IS NULL AND later.queue = runs.queue
      AND later.id <> runs.id
    ORDER BY later.priority DESC, later.turn, later.id LIMIT 1"""
"""The run that is next after the one that is taken."""


@cache
def _taken() -> str:
    return f"""
    UPDATE runs
       SET status = 'running', worker_id = %s, fence = fence + 1, turn = {FIRST}, wake_at = NULL,
           line_id = NULL, started_at = COALESCE(started_at, {sql.now_sql()})"""  # noqa: S608 - constants


@cache
def _claimed() -> str:
    return f"""
    RETURNING {", ".join(COLUMNS)},
        (SELECT name FROM workflows WHERE workflows.id = runs.workflow_id),
        (SELECT status = 'active' FROM workflows WHERE workflows.id = runs.workflow_id),
        {sql.now_sql()}"""  # noqa: S608 - constants of this file


@cache
def _statement(which: str = "") -> str:
    return f"""{_taken()}, slot = {of(SLOT, "runs")}, start_no = {of(START_NO, "runs")}
     WHERE status = 'pending' AND id = (
        SELECT id FROM (SELECT {NEEDED} {_READY} {which} {_IN_TURN}
                         LIMIT {LOOKED_AT} {sql.for_update_skip_locked()}) AS candidate
         WHERE {of(CLAIMABLE, "candidate")} LIMIT 1)
    {_claimed()},
        (SELECT CASE WHEN NOT {of(CLAIMABLE, "next")} THEN '{SHUT}'
                     WHEN next.workflow_id = runs.workflow_id
                          AND (runs.slots IS NOT NULL OR runs.rate_limit IS NOT NULL) THEN '{DOUBT}'
                     ELSE '{FREE}' END
           FROM (SELECT {NEEDED} {_NEXT}) AS next)"""  # noqa: S608 - parts of ours


@cache
def _statement_to_end() -> str:
    return f"""{_taken()}, slot = NULL
     WHERE status = 'pending' AND id = (
        SELECT id FROM runs WHERE id = %s AND status = 'pending' AND {of(ONLY_TO_END, "runs")}
         {sql.for_update_skip_locked()})
    {_claimed()}, NULL"""  # noqa: S608 - parts of ours


_MOST_AT_ONCE = 16


@cache
def _statement_for_several(versions: int) -> str:
    is_plain = f"""{of(UNLIMITED, "runs")} AND NOT {of(IS_HELD, "runs")}
                   AND crashes = 0 AND seq = 0 AND signals = 0 AND deadline_at IS NULL
                   AND version_id IN ({", ".join(["%s"] * versions)})"""
    return f"""
    WITH pending AS MATERIALIZED (SELECT 1 {_READY} LIMIT {2 * _MOST_AT_ONCE}),
    next AS MATERIALIZED (
        SELECT id, priority, turn, {is_plain} AS is_plain
          {_READY} {_IN_TURN}
         LIMIT (SELECT (count(*) + 1) / 2 FROM pending) {sql.for_update_skip_locked()}),
    plain AS (
        SELECT id, sum(CASE WHEN is_plain THEN 0 ELSE 1 END) OVER ({_IN_TURN}) AS others
          FROM next)
    {_taken()}, slot = NULL
     WHERE status = 'pending' AND id IN (SELECT id FROM plain WHERE others = 0)
    {_claimed()}, (SELECT count(*) FROM pending)"""  # noqa: S608 - parts of ours
