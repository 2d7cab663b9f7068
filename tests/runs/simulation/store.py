"""A simulated run in the real tables."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.engine.encoding import encode
from apps.engine.journal import Signal, StepRow
from apps.engine.recorder import Key
from apps.runs.cancel import cancel_run
from apps.runs.models import Run, RunSignal, RunValue, StepRun
from apps.runs.payloads import read_payload
from apps.runs.restore import read_sources
from apps.runs.signals import send_signal
from apps.runs.states import SignalKind
from apps.versions.models import WorkflowVersion
from apps.workspaces.errors import ConflictError
from tests.engine.simulation.store import Snapshot
from tests.engine.simulation.world import TRIGGER_ITEMS
from tests.factories import make_run

QUEUE = "simulated"
WRITTEN_BY_A_LIFE = ("audit_entries", "run_values", "run_signals", "step_runs", "runs", "workers")


class DatabaseStore:
    def __init__(self, run: UUID) -> None:
        self.run = run

    def signal(self, signal: Signal) -> bool:
        run = Run.objects.get(pk=self.run)
        try:
            if signal.kind == SignalKind.CANCEL:
                cancel_run(run, by=None)
            else:
                step = StepRun.objects.filter(pk=signal.step).first()
                send_signal(
                    run,
                    SignalKind(signal.kind),
                    body=dict(signal.body),
                    step=step and step.pk,
                    attempt=signal.attempt,
                )
        except ConflictError:
            return False
        return True

    @property
    def status(self) -> str:
        return self._value("status")

    @property
    def seq(self) -> int:
        return self._value("seq")

    @property
    def wake_at(self) -> datetime | None:
        return self._value("wake_at")

    @property
    def error(self) -> Mapping[str, Any] | None:
        code = self._value("error_code")
        return {"code": code} if code else None

    @property
    def marks(self) -> list[dict[str, Any]]:
        return self._value("marks")

    @property
    def unread(self) -> list[Signal]:
        return [
            Signal(row.pk, row.kind, row.body, row.step_id, row.attempt)
            for row in RunSignal.objects.filter(run=self.run, consumed_at=None)
        ]

    @property
    def writes(self) -> list[UUID]:
        noted = RunValue.objects.filter(run=self.run).values_list("value", flat=True)
        return [UUID(step) for step in noted]

    def steps(self) -> dict[Key, StepRow]:
        return {
            (step.node_id, step.iteration): _row(step)
            for step in StepRun.objects.filter(run=self.run)
        }

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.status,
            self.seq,
            self.wake_at,
            self.error,
            self.marks,
            self.unread,
            self.writes,
            self.steps(),
        )

    def _value(self, column: str) -> Any:
        return Run.objects.values_list(column, flat=True).get(pk=self.run)


def _row(step: StepRun) -> StepRow:
    return StepRow(
        id=step.pk,
        node=step.node_id,
        iteration=step.iteration,
        status=step.status,
        sources=read_sources(step.sources),
        seq_started=step.seq_started,
        seq=step.seq,
        started_at=step.started_at,
        input=_content(step.input_json, step.input_payload_id),
        output=_content(step.output_json, step.output_payload_id),
        output_counts=step.output_counts,
        attempts=step.attempts,
        log=step.log,
        retry_count=step.retry_count,
        error=dict(step.failure) if step.failure else None,
        seq_finished=step.seq_finished,
        finished_at=step.finished_at,
        copied_from=step.copied_from_id,
    )


def _content(value: Any, payload: UUID | None) -> bytes | None:
    if payload is not None:
        return read_payload(payload)
    return None if value is None else encode(value)


@contextmanager
def stored_run(version: WorkflowVersion, **fields: Any) -> Iterator[DatabaseStore]:
    """A pending run, whose rows and whose workers' are taken away again."""
    items = [{"json": item} for item in TRIGGER_ITEMS]
    run = make_run(version, queue=QUEUE, input_json=items, **fields)
    try:
        yield DatabaseStore(run.pk)
    finally:
        connection.close_if_unusable_or_obsolete()
        with transaction.atomic(), connection.cursor() as cursor:
            for table in WRITTEN_BY_A_LIFE:
                cursor.execute(f"DELETE FROM {table}")
