"""Branches without threads: work begins and ends at moments of a virtual clock."""

import heapq
import math
from collections.abc import Callable
from itertools import count
from random import Random

from apps.engine.branches import Message
from apps.engine.interrupt import Interrupt
from apps.engine.memory import ManualClock

BEFORE_BEGIN_S = (0.0, 0.0, 0.01, 0.3)
BEFORE_END_S = (0.0, 0.001, 0.04, 0.3, 2.0)


class SimulatedBranches:
    """The engine's `Branches`; which branch is quicker is drawn from `random`."""

    def __init__(
        self,
        clock: ManualClock,
        random: Random,
        *,
        pause: Callable[[], None],
        busy_s: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._random = random
        self._pause = pause
        self._busy_s = busy_s
        self._agenda: list[tuple[float, float, int, Message | Callable[[], Message]]] = []
        self._places = count()
        self.interrupt = Interrupt()
        self._said: list[Message] | None = None
        """What the work that is under way has posted so far."""

    def start(self, work: Callable[[], Message]) -> None:
        self._plan(self._random.choice(BEFORE_BEGIN_S), work)

    def post(self, message: Message) -> None:
        if self._said is None:
            self._plan(0, message)
        else:
            self._said.append(message)

    def receive(self, timeout_s: float) -> Message | None:
        self._pause()
        limit = self._clock.monotonic() + timeout_s
        while self._agenda and self._agenda[0][0] <= limit:
            at, _, _, entry = heapq.heappop(self._agenda)
            self._clock.advance(max(0.0, at - self._clock.monotonic()))
            if not callable(entry):
                return entry
            self._begin(entry)
        assert not math.isinf(limit), "the run waits for a message that nobody will send"
        self._clock.advance(max(0.0, limit - self._clock.monotonic()))
        return None

    def _begin(self, work: Callable[[], Message]) -> None:
        self._said = []
        end = work()
        said, self._said = self._said, None
        took_s = self._busy_s() + self._random.choice(BEFORE_END_S)
        for message in said:
            self._plan(took_s * self._random.random(), message)
        self._plan(took_s, end)

    def _plan(self, after_s: float, entry: Message | Callable[[], Message]) -> None:
        # What is due at the same moment comes in any order.
        place = (self._clock.monotonic() + after_s, self._random.random(), next(self._places))
        heapq.heappush(self._agenda, (*place, entry))
