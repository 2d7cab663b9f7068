"""The engine's journal on the database: see "The journal" in docs/durability.md."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from apps.engine.encoding import encode, storable
from apps.engine.errors import RevokedError
from apps.engine.items import Json
from apps.engine.journal import Batch, Change, Signal, SignalsMovedError, StepRow
from apps.engine.scheduler import Source
from apps.runs import sql
from apps.runs.claim import Claim
from apps.runs.models import Run, RunSignal, StepRun
from apps.runs.payloads import payload_if_large, read_payload
from apps.runs.plans import known_version
from apps.runs.states import TERMINAL, RunStatus, Trigger
from apps.runs.writes import has_more, write_more
from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

COLUMNS = {
    "id": "uuid",
    "node_id": "text",
    "iteration": "int",
    "status": "text",
    "input_json": "json",
    "output_json": "json",
    "input_payload_id": "uuid",
    "output_payload_id": "uuid",
    "output_counts": "json",
    "sources": "json",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
    "retry_count": "int",
    "attempts": "json",
    "log": "json",
    "error": "text",
    "error_code": "text",
    "error_hint": "text",
    "copied_from_id": "uuid",
    "seq_started": "bigint",
    "seq_finished": "bigint",
    "seq": "bigint",
}
KEPT = ("input_json", "output_json", "input_payload_id", "output_payload_id")
"""Written once: a later batch of the same step does not bear them again."""
RETRY_WAIT_S = (0.05, 0.2, 0.5, 1, 2)


class RefusedError(Exception):
    """The database will never take this batch: it is more than one of its limits allows."""


class DatabaseJournal:
    """The journal of one claim. `check_claim` raises RevokedError once it is surely lost."""

    def __init__(
        self,
        claim: Claim,
        *,
        check_claim: Callable[[], None],
        committed: Callable[[Batch], None],
    ) -> None:
        self._claim = claim
        self._check_claim = check_claim
        self.committed = committed
        """Tells whoever listens that a batch is durable."""
        self._knows_of_no_signals = claim.signals == 0

    def commit(self, batch: Batch) -> None:
        def write() -> None:
            # Whether it was committed is not known after an error: asked again, the batch tells.
            if not self.write(batch) and not self._is_written(batch):
                raise SignalsMovedError

        self._insist(write)
        self.committed(batch)

    def read_signals(self) -> tuple[int, Sequence[Signal]]:
        # Whoever revokes a run pokes it, so that it lets go while an effect is under way.
        self._check_claim()
        if self._knows_of_no_signals:
            self._knows_of_no_signals = False
            return 0, []
        return self._insist(self._read_signals)

    def _read_signals(self) -> tuple[int, Sequence[Signal]]:
        # The counter before the rows: what comes between is counted as unread.
        count = Run.objects.values_list("signals", flat=True).get(pk=self._claim.run)
        unread = RunSignal.objects.filter(run=self._claim.run, consumed_at=None)
        return count, [
            Signal(signal.id, signal.kind, signal.body, signal.step_id, signal.attempt)
            for signal in unread
        ]

    def read_output(self, step: UUID) -> bytes:
        asked = StepRun.objects.values_list("output_json", "output_payload")
        output, payload = self._insist(lambda: asked.get(pk=step))
        return encode(output) if payload is None else read_payload(payload)

    def _insist(self, ask: Callable[[], Answer]) -> Answer:
        """Ask the database until it answers: an outage, however long, lets go of no effect.

        Raises RevokedError once the claim is lost, which is known when the database is back.
        """
        tries = 0
        while True:
            try:
                return ask()
            except (OperationalError, InterfaceError) as error:
                if _is_refused_for_good(error):
                    raise RefusedError from error
                logger.warning("the journal of run %s must try again: %s", self._claim.run, error)
                reconnect()
                self._check_claim()
                time.sleep(RETRY_WAIT_S[min(tries, len(RETRY_WAIT_S) - 1)])
                tries += 1

    def write(self, batch: Batch) -> bool:
        """Write the batch if the claim, the state and the place are as expected."""
        proof, params = self._proof(batch)
        change = batch.change
        # Where none ever came, none can be void.
        voids_signals = change is not None and change.status in TERMINAL and change.if_signals != 0
        write = self._write_as_one_statement if sql.is_postgres() else self._write_in_transaction
        if not has_more(self._claim, batch):
            return write(proof, params, batch, voids_signals)
        with transaction.atomic():
            is_written = write(proof, params, batch, voids_signals)
            if is_written:
                write_more(self._claim, batch)
        return is_written

    def _proof(self, batch: Batch) -> tuple[str, list[Any]]:
        moves: dict[str, Any] = {"seq": batch.seq, "output_bytes": batch.output_bytes}
        if batch.forgives_deaths and self._claim.crashes:
            moves["crashes"] = 0
        if batch.marks is not None:
            moves["marks"] = encode(list(batch.marks))
        condition = "id = %s AND fence = %s AND status = 'running' AND seq = %s"
        known: list[Any] = [self._claim.run, self._claim.fence, batch.seq_before]
        if batch.change is not None:
            moves |= _leaving(batch.change)
            if batch.change.status == RunStatus.FAILED and self._tells_failure():
                moves["failure_due_at"] = timezone.now() + self._claim.clock_ahead
            if batch.change.if_signals is not None:
                condition += " AND signals = %s"
                known.append(batch.change.if_signals)
        is_cancelled = moves.get("status") == RunStatus.CANCELLED
        ended_at = moves.pop("finished_at") if is_cancelled else None
        assignments, values = [f"{column} = %s" for column in moves], list(moves.values())
        if is_cancelled:
            # Acknowledged, if it was not before: its end is the latest that its owner may have seen
            # it. And the heartbeat may do so after this end was reckoned, before it is written.
            assignments += [
                "cancel_acknowledged_at = COALESCE(cancel_acknowledged_at, %s)",
                "finished_at = CASE WHEN cancel_acknowledged_at > %s"
                " THEN cancel_acknowledged_at ELSE %s END",
            ]
            values += [ended_at] * 3
        # Names of columns, and a condition of ours.
        statement = f"UPDATE runs SET {', '.join(assignments)} WHERE {condition}"  # noqa: S608
        return statement, sql.adapted([*values, *known])

    def _tells_failure(self) -> bool:
        """Whether an error workflow is to hear of this run's failure: never of its own."""
        if self._claim.trigger == Trigger.ERROR:
            return False
        return known_version(self._claim.version).settings.error_workflow is not None

    def _write_in_transaction(
        self, proof: str, params: list[Any], batch: Batch, voids_signals: bool
    ) -> bool:
        steps = [self._values(row) for row in batch.steps]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(proof, params)
            if cursor.rowcount != 1:
                return False
            if steps:
                belongs = (self._claim.workspace, self._claim.run)
                cursor.executemany(
                    _UPSERT_VALUES, [sql.adapted([*belongs, *values]) for values in steps]
                )
            if batch.consumed:
                RunSignal.objects.filter(pk__in=batch.consumed).update(consumed_at=timezone.now())
            if voids_signals:
                unread = RunSignal.objects.filter(run=self._claim.run, consumed_at=None)
                unread.update(consumed_at=timezone.now())
        return True

    def _write_as_one_statement(
        self, proof: str, params: list[Any], batch: Batch, voids_signals: bool
    ) -> bool:
        """Proof and rows in one statement: no rows can be written for a claim that is lost.

        The end of a run leaves no signal unread: what came too late is void.
        """
        parts = [f"proof AS ({proof} RETURNING id, workspace_id)"]
        if batch.steps:
            parts.append(f"written AS ({UPSERT_RECORDS})")
            params.append(orjson.dumps(self.records(batch)).decode())
        if voids_signals:
            parts.append(
                "consumed AS (UPDATE run_signals SET consumed_at = clock_timestamp() FROM proof"
                " WHERE run_signals.run_id = proof.id AND run_signals.consumed_at IS NULL)"
            )
        elif batch.consumed:
            parts.append(
                "consumed AS (UPDATE run_signals SET consumed_at = clock_timestamp() FROM proof"
                " WHERE run_signals.id = ANY(%s::uuid[]))"
            )
            params.append(list(batch.consumed))
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {', '.join(parts)} SELECT count(*) FROM proof", params)  # noqa: S608
            return bool(cursor.fetchone()[0])

    def records(self, batch: Batch) -> list[dict[str, Any]]:
        """The rows of a batch as PostgreSQL takes them: one parameter for all, since psycopg takes
        a third of a worker's time to write arrays."""
        return [
            {"run_id": self._claim.run}
            | dict(zip(COLUMNS, sql.adapted(self._values(row)), strict=True))
            for row in batch.steps
        ]

    def _values(self, row: StepRow) -> tuple[Any, ...]:
        workspace = self._claim.workspace
        payloads = [
            payload_if_large(workspace, content) if content else None
            for content in (row.input, row.output)
        ]
        return _values(row, *payloads)

    def _is_written(self, batch: Batch) -> bool:
        """Whether this batch was committed before, its answer lost. Raises RevokedError."""
        run = (
            Run.objects.filter(pk=self._claim.run).values("fence", "status", "seq", "worker").get()
        )
        if run["fence"] != self._claim.fence:
            raise RevokedError
        if run["seq"] == batch.seq:
            if batch.change is None and run["status"] != "running":
                raise RevokedError
            return True
        if run["seq"] != batch.seq_before or run["status"] != "running":
            raise RevokedError
        return False


def _is_refused_for_good(error: Exception) -> bool:
    """Whether it is of PostgreSQL's class "program limit exceeded"; all others may pass."""
    return str(getattr(error.__cause__, "sqlstate", None)).startswith("54")


def _leaving(change: Change) -> dict[str, Any]:
    """What changes in the run's row when it leaves `running`."""
    error = change.error or {}
    return {
        "status": change.status,
        "worker_id": None,
        "slot": None,
        "wake_at": change.wake_at,
        "finished_at": timezone.now() if change.status in TERMINAL else None,
        "error_code": error.get("code") or "",
        "error_message": _text(error.get("message")),
    }


def _values(
    row: StepRow, input_payload: UUID | None, output_payload: UUID | None
) -> tuple[Any, ...]:
    error = row.error or {}
    return (
        row.id,
        row.node,
        row.iteration,
        row.status,
        row.input if input_payload is None else None,
        row.output if output_payload is None else None,
        input_payload,
        output_payload,
        encode(row.output_counts),
        encode(write_sources(row.sources)),
        row.started_at,
        row.finished_at,
        row.retry_count,
        encode(row.attempts),
        encode(row.log),
        _text(error.get("message")),
        error.get("code") or "",
        _text(error.get("hint")) or "",
        row.copied_from,
        row.seq_started,
        row.seq_finished,
        row.seq,
    )


def _text(value: str | None) -> str | None:
    return value and storable(value)


def write_sources(sources: Mapping[str, Sequence[Source]]) -> dict[str, Json]:
    """`{input: [[node, iteration, output], …]}`."""
    return {
        name: [[source.node, source.iteration, source.output] for source in each]
        for name, each in sources.items()
    }


def _updates(existing: str) -> str:
    return ", ".join(
        f"{column} = COALESCE({existing}.{column}, EXCLUDED.{column})"
        if column in KEPT
        else f"{column} = EXCLUDED.{column}"
        for column in COLUMNS
        if column != "id"
    )


_UPSERT_VALUES = f"""
    INSERT INTO step_runs (workspace_id, run_id, {", ".join(COLUMNS)})
    VALUES ({", ".join(["%s"] * (len(COLUMNS) + 2))})
    ON CONFLICT (run_id, node_id, iteration) DO UPDATE SET {_updates("step_runs")}
"""  # noqa: S608 - names of columns only

UPSERT_RECORDS = f"""
    INSERT INTO step_runs (workspace_id, run_id, {", ".join(COLUMNS)})
    SELECT proof.workspace_id, proof.id, {
    ", ".join(
        f"s.{name}::json" if type == "json" else f"s.{name}" for name, type in COLUMNS.items()
    )
}
      FROM json_to_recordset(%s::json) AS s(run_id uuid, {
    ", ".join(f"{name} {'text' if type == 'json' else type}" for name, type in COLUMNS.items())
})
      JOIN proof ON proof.id = s.run_id
    ON CONFLICT (run_id, node_id, iteration) DO UPDATE SET {_updates("step_runs")}
"""  # noqa: S608 - names of columns only
