"""A journal under watch: each commit is a moment, and what it made durable is judged at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from apps.engine.events import events_of
from apps.engine.journal import Batch, Journal, Signal
from apps.engine.recorder import Key
from tests.engine.simulation.store import Store


class WatchedJournal:
    """Passes everything on; the process may die just before and just after each commit."""

    def __init__(
        self,
        journal: Journal,
        is_current: Callable[[], bool],
        store: Store,
        moment: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._is_current = is_current
        """Whether no newer claim was made."""
        self._store = store
        self._moment = moment

    def commit(self, batch: Batch) -> None:
        self._moment()
        with nothing_taken_back(self._store):
            is_ours = self._is_current()
            self._journal.commit(batch)
            assert is_ours, "a batch was written for a claim that is lost"
        self._moment()

    def read_signals(self) -> tuple[int, Sequence[Signal]]:
        return self._journal.read_signals()

    def read_output(self, step: UUID) -> bytes:
        return self._journal.read_output(step)


@contextmanager
def nothing_taken_back(store: Store) -> Iterator[None]:
    """Whatever is written within: what was durable before stays as it is."""
    events, ended = _durable(store)
    yield
    now, still = _durable(store)
    assert now[: len(events)] == events, "an event changed after it was committed"
    assert [event["seq"] for event in now] == list(range(1, store.seq + 1)), (
        "the numbers of the events have a gap, or one was used twice"
    )
    assert {key: still[key] for key in ended} == ended, "an ended step changed"


def told(store: Store) -> list[dict[str, Any]]:
    """All events of the run so far."""
    return events_of("run", store.marks, store.steps().values(), 0)


Ended = dict[Key, tuple[UUID, str, bytes | None, int | None]]


def _durable(store: Store) -> tuple[list[dict[str, Any]], Ended]:
    """What must stay as it is: all events, and the steps that have ended."""
    steps = store.steps()
    ended = {
        key: (row.id, row.status, row.output, row.seq_finished)
        for key, row in steps.items()
        if row.seq_finished is not None
    }
    return events_of("run", store.marks, steps.values(), 0), ended
