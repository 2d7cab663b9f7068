"""Where a simulated run is durable. The memory twin; the database's journal fits the same place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from apps.engine.journal import Journal, Signal, StepRow
from apps.engine.memory import MemoryJournal, StoredRun, restored
from apps.engine.recorder import Key

TERMINAL = {"completed", "failed", "cancelled"}


@dataclass(frozen=True)
class Claim:
    """What a claimant gets: the journal of this claim, and the run as it was recorded."""

    journal: Journal
    seq: int
    marks: list[dict[str, Any]]
    steps: dict[Key, StepRow]
    is_current: Callable[[], bool]
    """Whether no newer claim was made; the heartbeat tells a living worker."""


class Store(Protocol):
    """One run and all that is durable of it."""

    def claim(self) -> Claim:
        """Take the run, from whoever holds it: fence + 1."""

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

    def steps(self) -> dict[Key, StepRow]:
        """All rows, payloads included. Not to be changed."""


class MemoryStore:
    def __init__(self) -> None:
        self._run = StoredRun(status="pending", fence=0)

    def claim(self) -> Claim:
        run = self._run
        run.claim()
        fence = run.fence
        return Claim(
            journal=MemoryJournal(run),
            seq=run.seq,
            marks=[dict(mark) for mark in run.marks],
            steps=restored(run),
            is_current=lambda: run.fence == fence and run.status == "running",
        )

    def signal(self, signal: Signal) -> bool:
        if self._run.status in TERMINAL:
            return False
        self._run.signal(signal)
        return True

    @property
    def status(self) -> str:
        return self._run.status

    @property
    def seq(self) -> int:
        return self._run.seq

    @property
    def wake_at(self) -> datetime | None:
        return self._run.wake_at

    @property
    def error(self) -> Mapping[str, Any] | None:
        return self._run.error

    @property
    def marks(self) -> list[dict[str, Any]]:
        return self._run.marks

    @property
    def unread(self) -> list[Signal]:
        return [signal for signal in self._run.inbox if signal.id not in self._run.consumed]

    def steps(self) -> dict[Key, StepRow]:
        return self._run.steps
