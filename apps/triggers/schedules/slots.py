"""Which slots of a schedule are due, and which were missed. Pure: told the time by its caller."""

import hashlib
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from apps.nodes.schedules.recurrence import Recurrence, ScheduleParams

GRACE = timedelta(seconds=60)
"""A slot that could not be fired for longer was missed: its schedule's policy says what then."""
_WINDOWS = (timedelta(minutes=2), timedelta(hours=2), timedelta(days=2), timedelta(days=64))
_EPSILON = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done about a schedule now."""

    fires: list[datetime] = field(default_factory=list)
    """The slots to fire, in order."""
    missed_from: datetime | None = None
    missed_to: datetime | None = None
    """The first and the last slot that are left out because they were missed."""
    next: datetime | None = None
    """The first slot that is still to come; None where there is none any more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The slots of one schedule, with its policies."""

    schedule: UUID
    params: ScheduleParams
    recurrence: Recurrence

    def due_at(self, slot: datetime) -> datetime:
        """When a slot is to be fired: it and its jitter, which is the same whoever asks."""
        if not self.params.jitter_s:
            return slot
        seed = f"{self.schedule} {slot.timestamp()}".encode()
        share = int.from_bytes(hashlib.sha256(seed).digest()[:8]) / 2**64
        return slot + timedelta(seconds=share * self.params.jitter_s)

    def due(self, first: datetime, now: datetime) -> Due:
        """What is due at a moment, of a schedule whose next slot is `first`."""
        late = now - GRACE - timedelta(seconds=self.params.jitter_s)
        kept: list[datetime] = []
        missed_from = missed_to = None
        if first <= late:
            most = {"skip": 0, "last": 1, "all": self.params.missed_most}[self.params.missed]
            latest = self._latest(first, late, most + 1)
            kept = latest[-most:] if most else []
            if len(latest) > most:
                missed_from, missed_to = first, latest[-most - 1]
        on_time: list[datetime] = []
        following = None
        for slot in self.recurrence.from_on(max(first, late + _EPSILON)):
            if self.due_at(slot) > now:
                following = slot
                break
            on_time.append(slot)
        return Due(kept + on_time, missed_from, missed_to, following)

    def _latest(self, first: datetime, until: datetime, most: int) -> list[datetime]:
        """The latest slots in a span, at most so many, in order.

        Looks back in growing steps: of a schedule that fires each second a month has millions.
        """
        for window in _WINDOWS:
            if until - window <= first:
                break
            found = self._span(until - window, until, most)
            if len(found) == most:
                return found
        return self._span(first, until, most)

    def _span(self, first: datetime, until: datetime, most: int) -> list[datetime]:
        return list(
            deque(takewhile(lambda slot: slot <= until, self.recurrence.from_on(first)), most)
        )
