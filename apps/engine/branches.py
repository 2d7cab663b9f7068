"""Where attempts of effects run side by side, and how they report to the run's own thread."""

import queue
from collections.abc import Callable
from concurrent.futures import Executor as Pool
from dataclasses import dataclass
from typing import Protocol

from apps.engine.attempts import Logged
from apps.engine.interrupt import Interrupt
from apps.engine.outcomes import Outcome
from apps.engine.recorder import Key


@dataclass(frozen=True, slots=True)
class Finished:
    """An attempt came to its end: an outcome or what was raised."""

    key: Key
    attempt: int
    outcome: Outcome | Exception


@dataclass(frozen=True, slots=True)
class Poked:
    """Somebody outside wants the run to look at its signals."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The worker is about to stop: begin no step more, and let go of the run once none is under
    way."""


Message = Finished | Logged | Poked | Leave


class Branches(Protocol):
    """Runs work beside the run's own thread; everything comes back through one inbox."""

    @property
    def interrupt(self) -> Interrupt:
        """Takes back all that is under way, from any thread."""

    def start(self, work: Callable[[], Message]) -> None:
        """Run `work` on a branch; what it returns is received later."""

    def post(self, message: Message) -> None:
        """Put a message into the inbox, from any thread."""

    def receive(self, timeout_s: float) -> Message | None:
        """The next message; None when none came within the time (0: do not wait)."""


class ThreadBranches:
    """Branches on a bounded thread pool that the runs of a process share."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.interrupt = Interrupt()
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def start(self, work: Callable[[], Message]) -> None:
        self._pool.submit(lambda: self._inbox.put(work()))

    def post(self, message: Message) -> None:
        self._inbox.put(message)

    def receive(self, timeout_s: float) -> Message | None:
        try:
            if timeout_s <= 0:
                return self._inbox.get_nowait()
            return self._inbox.get(timeout=timeout_s)
        except queue.Empty:
            return None
