"""The journal: what of a run is durable. The port, and the rows and batches that go through it.

Every batch is written in one transaction that first proves the claim (`fence`), the state
(`running`) and the place (`seq`); what is committed is always a prefix of what happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from apps.engine.items import Json
from apps.engine.outcomes import Write
from apps.engine.scheduler import Sources


@dataclass(slots=True)
class StepRow:
    """A step as it is stored. Events are derived from `seq_started`, `attempts`, `log`,
    `seq_finished` (see `events.py`); an event once committed never changes.

    `attempts`: `{n, seq, at, worker}`, and once the attempt ended without ending the step also
    `{error: {code, message, hint}, ended_seq, ended_at}`, and while the step waits
    `{wait: {for, until}}`.
    """

    id: UUID
    node: str
    iteration: int
    status: str
    sources: Sources
    seq_started: int
    seq: int
    started_at: datetime
    input: bytes | None = None
    output: bytes | None = None
    output_counts: dict[str, int] = field(default_factory=dict)
    attempts: list[dict[str, Json]] = field(default_factory=list)
    log: list[dict[str, Json]] = field(default_factory=list)
    retry_count: int = 0
    error: dict[str, Json] | None = None
    seq_finished: int | None = None
    finished_at: datetime | None = None
    copied_from: UUID | None = None

    # As `events.RecordedStep` wants it.

    @property
    def step_id(self) -> str:
        return str(self.id)

    @property
    def failure(self) -> Mapping[str, Json] | None:
        return self.error


@dataclass(frozen=True, slots=True)
class Change:
    """The run leaves the status `running` with this batch."""

    status: str
    error: Mapping[str, Json] | None = None
    wake_at: datetime | None = None
    if_signals: int | None = None
    """Only if no signal arrived since this many were counted (suspending, and completing)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One journal transaction: from `seq_before` to `seq`, all the rows that changed between."""

    seq_before: int
    seq: int
    steps: Sequence[StepRow]
    marks: Sequence[Mapping[str, Json]] | None
    """All run-level marks, where a new one came with this batch."""
    consumed: Sequence[UUID] = ()
    """Signals whose effect this batch records."""
    change: Change | None = None
    output_bytes: int = 0
    """Of all outputs that the run's steps have given so far."""
    writes: Sequence[tuple[UUID, Write]] = ()
    """What steps of this batch write beside their rows, by the step's id."""
    stopped: Sequence[UUID] = ()
    """Steps that were still open when the run ended: what they waited for, nobody wants."""
    forgives_deaths: bool = False
    """A step has ended, and none is open that lost a worker: the deaths so far count no more."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that reached the run from outside: cancel, decision, resume, child, late."""

    id: UUID
    kind: str
    body: Mapping[str, Json]
    step: UUID | None = None
    attempt: int | None = None


class SignalsMovedError(Exception):
    """The batch was not written: signals arrived since they were last read."""


class Journal(Protocol):
    """Where a claimed run is recorded. Used on the run's own thread only."""

    def commit(self, batch: Batch) -> None:
        """Write a batch, all or nothing, and return once it is durable.

        An answer that was lost is resolved inside: the batch is written exactly once. Raises
        SignalsMovedError, and RevokedError when the claim is no longer ours (nothing was written).
        """

    def read_signals(self) -> tuple[int, Sequence[Signal]]:
        """The count of signals so far and those not yet consumed, oldest first."""

    def read_output(self, step: UUID) -> bytes:
        """The stored `output_json` of an ended step of this run."""
