"""The events of a run, read from its rows: once and in order, whoever recorded them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from apps.engine.events import RecordedStep, events_of
from apps.engine.items import Json
from apps.runs.models import Run, StepRun
from apps.runs.states import TERMINAL

MOST = 2_000
"""Numbers that one page covers: what a listener needs of memory at once."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """The events behind a cursor, up to number `upto`, where the next page begins.

    `has_more`: there are events behind it already. `is_last`: the run has ended and nothing can
    follow.
    """

    events: list[dict[str, Json]]
    upto: int
    has_more: bool
    is_last: bool


def read_events(run: UUID, after: int) -> EventPage:
    """The next events of a run behind sequence number `after`.

    The run's row is read before its steps: what is committed in between belongs to the next read.
    """
    row: Any = Run.objects.values("seq", "marks", "status").filter(pk=run).first()
    if row is None:
        return EventPage([], after, has_more=False, is_last=True)
    upto = min(row["seq"], after + MOST)
    has_more = row["seq"] > upto
    is_last = row["status"] in TERMINAL and not has_more
    if upto <= after:
        return EventPage([], after, has_more, is_last)
    steps = StepRun.objects.filter(run=run, seq__gt=after, seq_started__lte=upto)
    told = cast(Iterable[RecordedStep], steps.without_payloads().defer("sources"))
    events = events_of(str(run), row["marks"], told, after)
    return EventPage([event for event in events if event["seq"] <= upto], upto, has_more, is_last)
