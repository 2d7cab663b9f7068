"""The events of a run, read from its rows: once and in order, whoever recorded them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from apps.engine.events import RecordedStep, events_of
from apps.engine.items import Json
from apps.runs.models import Run, StepRun
from apps.runs.states import TERMINAL


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events behind a cursor. `is_last`: the run has ended and nothing can follow."""

    events: list[dict[str, Json]]
    is_last: bool


def read_events(run: UUID, after: int) -> EventPage:
    """All events of a run behind sequence number `after`.

    The run's row is read before its steps: what is committed in between belongs to the next read.
    """
    row: Any = Run.objects.values("seq", "marks", "status").get(pk=run)
    if row["seq"] <= after:
        return EventPage([], row["status"] in TERMINAL)
    steps = StepRun.objects.filter(run=run, seq__gt=after).without_payloads().defer("sources")
    events = events_of(str(run), row["marks"], cast(Iterable[RecordedStep], steps), after)
    return EventPage(
        [event for event in events if event["seq"] <= row["seq"]], row["status"] in TERMINAL
    )
