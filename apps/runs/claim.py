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

SLOT_CONSTRAINT = "slot"
"""Stands in what both databases say of a violated `runs_slot_held_once`."""
SLOT_RACES = 20
SUSPECT_CRASHES = 2
LOOKED_AT = 100
"""Pending runs that a claim looks at to tell whether it leaves work behind; more count as work."""

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
    clock_ahead: timedelta
    """How far the database's clock is ahead of ours."""
    has_more: bool
    """Whether another claimable run was left behind, or so many pending ones that one may be."""

    @property
    def is_suspect(self) -> bool:
        """Whether it may be what its workers died of: see "Poison" in docs/durability.md."""
        return self.crashes >= SUSPECT_CRASHES


def claim_run(worker: UUID, queue: str) -> Claim | None:
    """Take the best claimable run of the queue; None where there is none.

    Raises IntegrityError where the worker has no row (any more): it must register anew.
    """
    for attempt in range(SLOT_RACES):
        try:
            rows = _take(_statement(), [worker, queue])
            break
        except IntegrityError as error:
            # Two claimants took the same free slot: the later looks again.
            if SLOT_CONSTRAINT not in str(error) or attempt == SLOT_RACES - 1:
                raise
    return _read(rows[0], worker, queue, has_more=bool(rows[0][-1])) if rows else None


def claim_several(worker: UUID, queue: str, versions: Sequence[UUID]) -> list[Claim]:
    """Take, of the runs that are next in the queue, those before the first that is not a plain new
    one of these versions: at most half of what is pending, so that others have work too.

    Plain: under no limit, nobody died of it, nothing has reached it. None where the very first is
    none. Raises IntegrityError where the worker has no row (any more).
    """
    params = [queue, *versions, queue, worker]
    rows = _take(_statement_for_several(len(versions)), params)
    claims = [_read(row, worker, queue, has_more=row[-1] > len(rows)) for row in rows]
    return sorted(claims, key=lambda claim: claim.run)  # in the order of time


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
        clock_ahead=now - datetime.now(UTC),
        has_more=has_more,
    )


_NEEDS_NO_SLOT = """(
    {run}.slots IS NULL OR {run}.cancel_requested_at IS NOT NULL OR {run}.deadline_at <= {now})"""
"""The run is under no limit, or only to be ended."""

_HOLDERS = """runs AS held WHERE held.slot IS NOT NULL
    AND held.workflow_id = {run}.workflow_id AND held.limit_key = {run}.limit_key"""
"""The runs that hold a slot of the run's limit."""

_LOWEST_FREE_SLOT = f"""CASE WHEN NOT EXISTS (SELECT 1 FROM {_HOLDERS} AND held.slot = 1) THEN 1
    ELSE (SELECT min(held.slot) + 1 FROM {_HOLDERS} AND NOT EXISTS (
        SELECT 1 FROM runs AS next WHERE next.workflow_id = held.workflow_id
           AND next.limit_key = held.limit_key AND next.slot = held.slot + 1)) END"""  # noqa: S608 - constants of this file

_TAKEN = """
    UPDATE runs
       SET status = 'running', worker_id = %s, fence = fence + 1, turn = 0, wake_at = NULL,
           started_at = COALESCE(started_at, {now}),"""

_CLAIMED = f"""
    RETURNING {", ".join(COLUMNS)},
        (SELECT name FROM workflows WHERE workflows.id = runs.workflow_id),
        (SELECT status = 'active' FROM workflows WHERE workflows.id = runs.workflow_id),
        {{now}}"""  # noqa: S608 - constants of this file

_CLAIM = f"""{_TAKEN}
           slot = CASE WHEN {_NEEDS_NO_SLOT} THEN NULL ELSE {_LOWEST_FREE_SLOT} END
     WHERE status = 'pending' AND id = (
        SELECT id FROM runs
         WHERE status = 'pending' AND queue = %s
           AND ({_NEEDS_NO_SLOT} OR (SELECT count(*) FROM {_HOLDERS}) < runs.slots)
         ORDER BY priority DESC, turn, id LIMIT 1 {{skip_locked}})
    {_CLAIMED}"""  # noqa: S608 - constants of this file

_MOST_AT_ONCE = 16
_PENDING = "FROM runs WHERE status = 'pending' AND queue = %s"
_IN_TURN = "ORDER BY priority DESC, turn, id"

_CLAIM_SEVERAL = f"""
    WITH pending AS MATERIALIZED (SELECT 1 {_PENDING} LIMIT {2 * _MOST_AT_ONCE}),
    next AS MATERIALIZED (
        SELECT id, priority, turn,
               slots IS NULL AND crashes = 0 AND seq = 0 AND signals = 0 AND deadline_at IS NULL
                   AND version_id IN ({{versions}}) AS is_plain
          {_PENDING} {_IN_TURN}
         LIMIT (SELECT (count(*) + 1) / 2 FROM pending) {{skip_locked}}),
    plain AS (
        SELECT id, sum(CASE WHEN is_plain THEN 0 ELSE 1 END) OVER ({_IN_TURN}) AS others
          FROM next)
    {_TAKEN} slot = NULL
     WHERE status = 'pending' AND id IN (SELECT id FROM plain WHERE others = 0)
    {_CLAIMED}, (SELECT count(*) FROM pending)"""  # noqa: S608 - constants of this file

_LEFT = """SELECT * FROM runs AS later
    WHERE later.status = 'pending' AND later.queue = runs.queue AND later.id <> runs.id
    ORDER BY later.priority DESC, later.turn, later.id"""

_HAS_MORE = f"""COALESCE(
    (SELECT other.id FROM ({_LEFT} LIMIT {LOOKED_AT}) AS other
      WHERE {_NEEDS_NO_SLOT} OR (SELECT count(*) FROM {_HOLDERS} AND held.id <> runs.id)
          + CASE WHEN runs.slot IS NOT NULL AND runs.workflow_id = other.workflow_id
                  AND runs.limit_key = other.limit_key THEN 1 ELSE 0 END < other.slots
      LIMIT 1),
    (SELECT other.id FROM ({_LEFT} LIMIT 1 OFFSET {LOOKED_AT}) AS other)) IS NOT NULL"""  # noqa: S608 - constants of this file
"""Whether the rows that it sees have the slot that is taken just now differs between the databases:
it is counted apart."""


@cache
def _statement() -> str:
    now = sql.now_sql()
    claim = _CLAIM.format(run="runs", now=now, skip_locked=sql.for_update_skip_locked())
    return f"{claim}, {_HAS_MORE.format(run='other', now=now)}"


@cache
def _statement_for_several(versions: int) -> str:
    return _CLAIM_SEVERAL.format(
        now=sql.now_sql(),
        skip_locked=sql.for_update_skip_locked(),
        versions=", ".join(["%s"] * versions),
    )
