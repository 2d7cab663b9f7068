"""What must hold of an ended run's rows beside what holds of it in memory."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from apps.runs import events
from apps.runs.models import Run
from apps.runs.states import RunStatus
from tests.engine.simulation.watch import told
from tests.runs.simulation.store import DatabaseStore

EVENTS_A_PAGE = 7


def check_stored(store: DatabaseStore) -> None:
    run = Run.objects.get(pk=store.run)
    assert (run.worker, run.slot) == (None, None), "an ended run holds a worker or a slot"
    assert run.finished_at is not None
    assert (run.error_code != "") == (run.status == RunStatus.FAILED)
    assert not store.unread, "the run ended with signals unread"
    _check_events(store)


def _check_events(store: DatabaseStore) -> None:
    """Who reads the events in pages, from wherever, reads the same."""
    all_events = [event | {"run": str(store.run)} for event in told(store)]
    with patch.object(events, "MOST", EVENTS_A_PAGE):
        for after in {0, store.seq // 2, store.seq}:
            read = [event for page in _pages(store, after) for event in page.events]
            assert read == all_events[after:], f"other events are read behind {after}"


def _pages(store: DatabaseStore, after: int) -> Iterator[Any]:
    has_more = True
    while has_more:
        page = events.read_events(store.run, after)
        yield page
        after, has_more = page.upto, page.has_more
    assert page.is_last, "the run has ended and its events have not"
