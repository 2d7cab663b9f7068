"""A journal under watch: each commit is a moment, and what it made durable is judged at once."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from apps.engine.events import events_of
from apps.engine.journal import Batch, Journal, Signal
from apps.engine.recorder import Key
from tests.engine.simulation.store import Claim, Store


class WatchedJournal:
    """Passes everything on; the process may die just before and just after each commit."""

    def __init__(self, claim: Claim, store: Store, moment: Callable[[], None]) -> None:
        self._claim = claim
        self._journal: Journal = claim.journal
        self._store = store
        self._moment = moment

    def commit(self, batch: Batch) -> None:
        self._moment()
        events, ended = told(self._store), ended_steps(self._store)
        is_ours = self._claim.is_current()
        self._journal.commit(batch)
        assert is_ours, "a batch was written for a claim that is lost"
        now = told(self._store)
        assert now[: len(events)] == events, "an event changed after it was committed"
        assert [event["seq"] for event in now] == list(range(1, self._store.seq + 1)), (
            "the numbers of the events have a gap, or one was used twice"
        )
        still = ended_steps(self._store)
        assert {key: still[key] for key in ended} == ended, "an ended step changed"
        self._moment()

    def read_signals(self) -> tuple[int, Sequence[Signal]]:
        return self._journal.read_signals()

    def read_output(self, step: UUID) -> bytes:
        return self._journal.read_output(step)


def told(store: Store) -> list[dict[str, Any]]:
    """All events of the run so far."""
    return events_of("run", store.marks, store.steps().values(), 0)


def ended_steps(store: Store) -> dict[Key, tuple[UUID, str, bytes | None, int | None]]:
    return {
        key: (row.id, row.status, row.output, row.seq_finished)
        for key, row in store.steps().items()
        if row.seq_finished is not None
    }
