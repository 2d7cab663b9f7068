"""The attempts of effects that are under way on branches."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.engine.attempts import RunningAttempt
from apps.engine.journal import StepRow
from apps.engine.recorder import Key
from apps.engine.scheduler import Activation


@dataclass(slots=True)
class Flight:
    """An effect's attempt on a branch."""

    activation: Activation
    row: StepRow
    attempt: RunningAttempt


class Flights:
    """Who is under way. A message of an attempt that is not, any more, no longer counts."""

    def __init__(self) -> None:
        self._by_key: dict[Key, Flight] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def add(self, flight: Flight) -> None:
        self._by_key[flight.row.node, flight.row.iteration] = flight

    def find(self, key: Key, attempt: int) -> Flight | None:
        flight = self._by_key.get(key)
        return flight if flight is not None and flight.attempt.number == attempt else None

    def land(self, flight: Flight) -> None:
        del self._by_key[flight.row.node, flight.row.iteration]

    def overdue(self, now: float) -> list[Flight]:
        return [flight for flight in self._by_key.values() if flight.attempt.deadline <= now]

    def deadlines(self) -> Iterable[float]:
        return (flight.attempt.deadline for flight in self._by_key.values())

    def revoke_all(self) -> None:
        """Take back all that is under way: its connections close, its results count no more."""
        for flight in self._by_key.values():
            flight.attempt.revoke()
        self._by_key.clear()
