"""Who watches runs from outside while the house burns, and says afterwards whether all is kept."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.installation import Installation
from tests.integration.effects import EffectServer

Event = dict[str, Any]
ENDS = ("step_succeeded", "step_failed", "step_skipped")


@dataclass
class Told:
    """What was seen of a run, and how often each of its effects had begun when its end was seen."""

    events: list[Event] = field(default_factory=list)
    begun: Counter[str] = field(default_factory=Counter)


class Witness:
    """Follows each run's stream until it breaks off or ends."""

    def __init__(self, installation: Installation, effects: EffectServer) -> None:
        self.installation = installation
        self.effects = effects
        self.told: dict[str, Told] = {}
        self._threads: list[threading.Thread] = []

    def watch(self, runs: list[str]) -> None:
        """Follow these runs, each from behind the last event that was seen of it."""
        for run in runs:
            told = self.told.setdefault(run, Told())
            thread = threading.Thread(target=self._follow, args=(run, told), daemon=True)
            self._threads.append(thread)
            thread.start()

    def wait(self, seconds: float = 30) -> None:
        """Wait until all streams have ended or broken off."""
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a stream did not end"
        self._threads.clear()

    def last_seq(self, run: str) -> int:
        events = self.told[run].events
        return int(events[-1]["seq"]) if events else 0

    def _follow(self, run: str, told: Told) -> None:
        try:
            for event in read_events(self.installation, run, self.last_seq(run)):
                told.events.append(event)
                if event["event"] in ENDS:
                    step = f"{event['node']}:{event['iteration']}"
                    told.begun[step] = self.effects.begun_by(run)[step]
        except httpx.TransportError:
            pass

    def judge(
        self, run: str, effects: set[str], disturbances: int, *, may_leave_late: bool = False
    ) -> None:
        """Hold what is there now against what was seen, and against the promise.

        `may_leave_late`: a process stood still, perhaps between its last check and a request.
        """
        told = self.told[run]
        shown = self.installation.run(run)
        assert shown["status"] == "completed", shown
        events = list(read_events(self.installation, run, 0))
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), run
        assert [event["event"] for event in events].count("run_finished") == 1
        assert events[-1]["event"] == "run_finished"
        assert told.events == events[: len(told.events)], f"run {run} tells another past now"
        begun = self.effects.begun_by(run)
        assert set(begun) == effects
        assert max(begun.values()) <= 1 + disturbances, (run, begun)
        again = {step: n for step, n in told.begun.items() if step in begun and begun[step] != n}
        assert may_leave_late or not again, (
            f"run {run}: executed again though their end was told: {again}"
        )


def read_events(installation: Installation, run: str, after: int) -> list[Event] | Any:
    """The events behind a number, as they come, until the stream ends."""
    with installation.stream(run, after) as lines:
        yield from parse_events(lines)


def parse_events(lines: Iterator[str]) -> Iterator[Event]:
    name = ""
    for line in lines:
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield {"event": name, **json.loads(value)}
