"""The steps of a run that wait: for a time, for something from outside, or for a decision."""

from collections.abc import Mapping
from datetime import datetime

from apps.engine.items import Json
from apps.engine.journal import Signal, StepRow
from apps.engine.recorder import Key, read_time
from apps.engine.scheduler import Activation

ANSWERS = {
    "signal": "resume",
    "child": "child",
    "decision": "decision",
    "approval": "decision",
    "form": "resume",
}
"""The kind of signal that answers a wait, by the wait's reason; a delay is answered by none."""


class Waits:
    def __init__(self, steps: Mapping[Key, StepRow]) -> None:
        self._steps = steps
        self._waiting: dict[Key, Activation] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, activation: Activation) -> None:
        self._waiting[activation.node, activation.iteration] = activation

    def take_due(self, now: datetime) -> list[Activation]:
        """The waits whose time has come; they wait no more."""
        due = [key for key in self._waiting if (until := self._until(key)) and until <= now]
        return [self._waiting.pop(key) for key in due]

    def take_answered(self, signal: Signal) -> Activation | None:
        """The wait that the signal answers, if one is open; it waits no more."""
        for key in self._waiting:
            row = self._steps[key]
            if (
                row.id == signal.step
                and signal.attempt in (None, len(row.attempts))
                and ANSWERS.get(wait_of(row)["for"]) == signal.kind
            ):
                return self._waiting.pop(key)
        return None

    def untils(self) -> list[datetime]:
        """The times that are waited for."""
        return [until for key in self._waiting if (until := self._until(key)) is not None]

    def first(self) -> StepRow:
        """The step whose wait ends first, as far as that is known."""
        earliest = min(self.untils(), default=None)
        key = min(self._waiting, key=lambda key: (self._until(key) != earliest, key))
        return self._steps[key]

    def _until(self, key: Key) -> datetime | None:
        until = wait_of(self._steps[key])["until"]
        return read_time(until) if until else None


def wait_of(row: StepRow) -> Mapping[str, Json]:
    """What a waiting step waits for: `{for, until}`."""
    wait: Mapping[str, Json] = row.attempts[-1]["wait"]
    return wait
