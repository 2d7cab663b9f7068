"""Where a simulated run is durable, as the world and the checks see it; and the memory twin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from apps.engine.journal import Signal, StepRow
from apps.engine.memory import StoredRun
from apps.engine.recorder import Key

TERMINAL = {"completed", "failed", "cancelled"}


class Store(Protocol):
    """One run and all that is durable of it."""

    def signal(self, signal: Signal) -> bool:
        """Let a signal reach the run; False when it has ended."""

    @property
    def status(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def wake_at(self) -> datetime | None: ...
    @property
    def error(self) -> Mapping[str, Any] | None: ...
    @property
    def marks(self) -> list[dict[str, Any]]: ...
    @property
    def unread(self) -> list[Signal]:
        """Signals that nobody has consumed."""

    @property
    def writes(self) -> list[UUID]:
        """The step of each thing that was written beside the rows."""

    def steps(self) -> dict[Key, StepRow]:
        """All rows, payloads included. Not to be changed."""


@dataclass(frozen=True)
class Snapshot:
    """A store as it was at one moment."""

    status: str
    seq: int
    wake_at: datetime | None
    error: Mapping[str, Any] | None
    marks: list[dict[str, Any]]
    unread: list[Signal]
    writes: list[UUID]
    rows: dict[Key, StepRow]

    def steps(self) -> dict[Key, StepRow]:
        return self.rows


class MemoryStore:
    def __init__(self) -> None:
        self.run = StoredRun(status="pending", fence=0)

    def signal(self, signal: Signal) -> bool:
        if self.run.status in TERMINAL:
            return False
        self.run.signal(signal)
        return True

    @property
    def status(self) -> str:
        return self.run.status

    @property
    def seq(self) -> int:
        return self.run.seq

    @property
    def wake_at(self) -> datetime | None:
        return self.run.wake_at

    @property
    def error(self) -> Mapping[str, Any] | None:
        return self.run.error

    @property
    def marks(self) -> list[dict[str, Any]]:
        return self.run.marks

    @property
    def unread(self) -> list[Signal]:
        return [signal for signal in self.run.inbox if signal.id not in self.run.consumed]

    @property
    def writes(self) -> list[UUID]:
        return [step for step, _ in self.run.writes]

    def steps(self) -> dict[Key, StepRow]:
        return self.run.steps
