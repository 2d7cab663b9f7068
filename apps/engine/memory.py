"""Memory twins of the engine's ports: for tests and the simulation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from apps.engine.errors import RevokedError
from apps.engine.items import Json
from apps.engine.journal import Batch, Signal, SignalsMovedError, StepRow
from apps.engine.outcomes import Write
from apps.engine.recorder import Key


class ManualClock:
    """A clock that moves when it is told to."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        self._elapsed_s += seconds


@dataclass
class StoredRun:
    """What is durable of one run: the rows that the database would hold."""

    status: str = "running"
    fence: int = 1
    seq: int = 0
    signals: int = 0
    output_bytes: int = 0
    wake_at: datetime | None = None
    error: Mapping[str, Json] | None = None
    marks: list[dict[str, Json]] = field(default_factory=list)
    steps: dict[Key, StepRow] = field(default_factory=dict)
    inbox: list[Signal] = field(default_factory=list)
    consumed: list[UUID] = field(default_factory=list)
    writes: list[tuple[UUID, Write]] = field(default_factory=list)

    def signal(self, signal: Signal) -> None:
        """What reaches a run from outside counts, and wakes it."""
        self.inbox.append(signal)
        self.signals += 1
        if self.status == "waiting":
            self.status = "pending"

    def claim(self) -> None:
        self.status = "running"
        self.fence += 1


class MemoryJournal:
    """The journal of one claim on a StoredRun."""

    def __init__(self, run: StoredRun) -> None:
        self._run = run
        self._fence = run.fence

    def commit(self, batch: Batch) -> None:
        run, change = self._run, batch.change
        if (run.fence, run.status, run.seq) != (self._fence, "running", batch.seq_before):
            raise RevokedError
        if change and change.if_signals is not None and change.if_signals != run.signals:
            raise SignalsMovedError
        for row in batch.steps:
            self._store(row)
        if batch.marks is not None:
            run.marks = [dict(mark) for mark in batch.marks]
        run.seq, run.output_bytes = batch.seq, batch.output_bytes
        run.consumed += batch.consumed
        run.writes += batch.writes
        if change is not None:
            run.status, run.error, run.wake_at = change.status, change.error, change.wake_at

    def read_signals(self) -> tuple[int, Sequence[Signal]]:
        run = self._run
        return run.signals, [signal for signal in run.inbox if signal.id not in run.consumed]

    def read_output(self, step: UUID) -> bytes:
        for row in self._run.steps.values():
            if row.id == step and row.output is not None:
                return row.output
        raise KeyError(step)

    def _store(self, row: StepRow) -> None:
        key = (row.node, row.iteration)
        stored = _copied(row)
        earlier = self._run.steps.get(key)
        if earlier is not None:
            stored.input = row.input if row.input is not None else earlier.input
            stored.output = row.output if row.output is not None else earlier.output
        self._run.steps[key] = stored


def restored(run: StoredRun) -> dict[Key, StepRow]:
    """The rows as a claimant reads them: without payloads."""
    rows = {key: _copied(row) for key, row in run.steps.items()}
    for row in rows.values():
        row.input = row.output = None
    return rows


def _copied(row: StepRow) -> StepRow:
    """A row that shares nothing which changes; what lies inside attempts and lines never does."""
    return replace(
        row,
        output_counts=dict(row.output_counts),
        attempts=[dict(attempt) for attempt in row.attempts],
        log=[dict(line) for line in row.log],
    )
