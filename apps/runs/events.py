"""The events of a run, read from its rows: once and in order, whoever recorded them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, cast
from uuid import UUID

from django.db.models import Q

from apps.engine.events import RecordedStep, events_of
from apps.engine.items import Json
from apps.runs.models import Run, StepRun
from apps.runs.states import TERMINAL

MOST = 2_000
"""Numbers that pages that are read together cover: what they need of memory at once."""

Place = tuple[UUID, int]
"""A run, and the number behind which its next events are asked for."""


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
    """The next events of a run behind sequence number `after`."""
    return read_pages([(run, after)])[run, after]


def read_pages(asked: Collection[Place]) -> dict[Place, EventPage]:
    """The next events of several runs, each behind a number: two queries, however many runs.

    The runs' rows are read before their steps: what is committed in between belongs to the next
    read.
    """
    most = max(1, MOST // len(asked))
    found = Run.objects.values("pk", "seq", "marks", "status")
    rows = {row["pk"]: row for row in found.filter(pk__in={run for run, _ in asked})}
    pages = {place: _page(rows.get(place[0]), place[1], most) for place in asked}
    with_more = {place: page for place, page in pages.items() if page.upto > place[1]}
    steps: defaultdict[UUID, list[StepRun]] = defaultdict(list)
    for step in _steps(with_more):
        steps[step.run_id].append(step)
    for (run, after), page in with_more.items():
        told = cast(Iterable[RecordedStep], steps[run])
        events = events_of(str(run), rows[run]["marks"], told, after)
        page.events.extend(event for event in events if event["seq"] <= page.upto)
    return pages


def _page(row: Any, after: int, most: int) -> EventPage:
    """The page to be filled, by what the run's row says."""
    if row is None:
        return EventPage([], after, has_more=False, is_last=True)
    upto = min(row["seq"], after + most)
    has_more = row["seq"] > upto
    is_last = row["status"] in TERMINAL and not has_more
    return EventPage([], max(upto, after), has_more, is_last)


def _steps(pages: Mapping[Place, EventPage]) -> Iterable[StepRun]:
    """All steps that have events on these pages."""
    if not pages:
        return ()
    on_page = (
        Q(run=run, seq__gt=after, seq_started__lte=page.upto)
        for (run, after), page in pages.items()
    )
    steps = StepRun.objects.filter(reduce(or_, on_page)).order_by()
    return steps.without_payloads().defer("sources")
