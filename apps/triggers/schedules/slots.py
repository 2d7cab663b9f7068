"""Which slots of a schedule are due, and which were missed. Pure: told the time by its caller."""

import hashlib
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from apps.nodes.schedules.recurrence import Recurrence, ScheduleParams

GRACE = timedelta(seconds=60)
"""A slot that was due, with its jitter, and did not fire for longer was missed: its schedule's
policy says what then."""
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
        missed_until = now - GRACE
        # Of what is older the jitter need not be looked at.
        surely = missed_until - timedelta(seconds=self.params.jitter_s)
        most = {"skip": 0, "last": 1, "all": self.params.missed_most}[self.params.missed]
        missed = deque(self._latest(first, surely, most + 1), most + 1)
        on_time: list[datetime] = []
        following, waited_until = None, surely
        for slot in self.recurrence.from_on(max(first, surely + _EPSILON)):
            if (at := self.due_at(slot)) > now:
                following = slot
                break
            # A slot waits for those before it, whose jitter may be larger.
            waited_until = max(waited_until, at)
            (missed if waited_until <= missed_until else on_time).append(slot)
        left_out = missed[0] if len(missed) > most else None
        fires = list(missed)[1 if left_out else 0 :] + on_time
        return Due(fires, first if left_out else None, left_out, following)

    def _latest(self, first: datetime, until: datetime, most: int) -> list[datetime]:
        """The latest slots in a span, at most so many, in order.

        Looks back in growing steps: of a schedule that fires each second a month has millions.
        """
        if until < first:
            return []
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
