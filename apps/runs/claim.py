"""To take a run: one conditional statement, fence + 1 (RUNS, 1)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from apps.engine.items import Json
from apps.runs import sql

COLUMNS = [
    "id",
    "workspace_id",
    "workflow_id",
    "version_id",
    "trigger",
    "trigger_node",
    "stop_node",
    "input_json",
    "fence",
    "seq",
    "signals",
    "marks",
    "crashes",
    "deadline_at",
    "started_at",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that is ours, as it was when we took it."""

    run: UUID
    workspace: UUID
    workflow: UUID
    version: UUID
    worker: UUID
    trigger: str
    trigger_node: str
    stop_node: str
    items: list[dict[str, Json]]
    fence: int
    seq: int
    signals: int
    marks: list[dict[str, Json]]
    crashes: int
    deadline_at: datetime | None
    started_at: datetime
    clock_ahead: timedelta
    """How far the database's clock is ahead of ours."""
    has_more: bool
    """Whether another claimable run was left behind."""


def claim_run(worker: UUID, queue: str) -> Claim | None:
    """Take the best claimable run of the queue; None where there is none.

    Raises IntegrityError where the worker has no row (any more): it must register anew.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_statement(), [sql.adapted(worker), queue])
        row = cursor.fetchone()
    if row is None:
        return None
    values = dict(zip([*COLUMNS, "now", "has_more"], row, strict=True))
    started_at, now = sql.read_time(values["started_at"]), sql.read_time(values["now"])
    assert started_at is not None
    assert now is not None
    return Claim(
        run=sql.read_uuid(values["id"]),
        workspace=sql.read_uuid(values["workspace_id"]),
        workflow=sql.read_uuid(values["workflow_id"]),
        version=sql.read_uuid(values["version_id"]),
        worker=worker,
        trigger=values["trigger"],
        trigger_node=values["trigger_node"],
        stop_node=values["stop_node"],
        items=sql.read_json(values["input_json"]),
        fence=values["fence"],
        seq=values["seq"],
        signals=values["signals"],
        marks=sql.read_json(values["marks"]),
        crashes=values["crashes"],
        deadline_at=sql.read_time(values["deadline_at"]),
        started_at=started_at,
        clock_ahead=now - datetime.now(UTC),
        has_more=bool(values["has_more"]),
    )


def _statement() -> str:
    now = sql.now_sql()
    return f"""
        UPDATE runs
           SET status = 'running', worker_id = %s, fence = fence + 1, wake_at = NULL,
               started_at = COALESCE(started_at, {now})
         WHERE id = (SELECT id FROM runs
                      WHERE status = 'pending' AND queue = %s
                      ORDER BY priority DESC, id LIMIT 1 {sql.for_update_skip_locked()})
           AND status = 'pending'
        RETURNING {", ".join(COLUMNS)}, {now},
               EXISTS (SELECT 1 FROM runs AS other
                        WHERE other.status = 'pending' AND other.queue = runs.queue
                          AND other.id <> runs.id)
    """  # noqa: S608 - nothing in it comes from outside
