"""Deaths of workers: when those of a run are forgiven, and how one ends that none survives."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from apps.engine.errors import NodeError
from apps.engine.events import events_of
from apps.engine.journal import Batch
from apps.engine.leaving import give_up
from apps.engine.memory import MemoryJournal, StoredRun, restored
from apps.engine.recorder import Recorder
from apps.engine.retry import WORKER_LOST
from apps.engine.scheduler import Activation

LOST = NodeError(WORKER_LOST, "the test said so")


class WatchedJournal(MemoryJournal):
    def __init__(self, run: StoredRun) -> None:
        super().__init__(run)
        self.last: Batch | None = None

    def commit(self, batch: Batch) -> None:
        super().commit(batch)
        self.last = batch

    @property
    def forgives(self) -> bool:
        assert self.last is not None
        return self.last.forgives_deaths


class Claim:
    """One claim of a run, in which the test records what it likes."""

    def __init__(self, run: StoredRun) -> None:
        run.claim()
        self.journal = WatchedJournal(run)
        self.recorder = Recorder(
            self.journal,
            seq=run.seq,
            marks=list(run.marks),
            steps=restored(run),
            worker="w",
            now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
            new_id=uuid4,
        )

    def start(self, *nodes: str) -> None:
        for node in nodes:
            if row := self.recorder.steps.get((node, 0)):
                self.recorder.start_attempt(row)
            else:
                self.recorder.start(Activation(node, 0, {}), b"{}")
        self.recorder.commit()

    def end(self, node: str) -> None:
        self.recorder.complete(self.recorder.steps[node, 0], b"{}", {})
        self.recorder.commit()

    def lose(self, *nodes: str) -> None:
        for node in nodes:
            self.recorder.retrying(self.recorder.steps[node, 0], LOST, None)
        self.recorder.commit()


@pytest.fixture
def run() -> StoredRun:
    return StoredRun()


def names_of(run: StoredRun) -> Sequence[str]:
    events = events_of("r", run.marks, run.steps.values(), 0)
    assert [event["seq"] for event in events] == list(range(1, run.seq + 1))
    return [event["event"] for event in events]


def test_a_step_that_ends_forgives_the_deaths_before_it(run: StoredRun):
    claim = Claim(run)
    claim.start("a")
    assert not claim.journal.forgives
    claim.end("a")
    assert claim.journal.forgives


def test_another_steps_end_forgives_no_death_of_a_step_that_is_open(run: StoredRun):
    Claim(run).start("deadly", "other")
    claim = Claim(run)
    claim.lose("deadly", "other")
    claim.start("deadly", "other")
    claim.end("other")
    assert not claim.journal.forgives
    again = Claim(run)
    again.lose("deadly")
    again.start("third")
    again.end("third")
    assert not again.journal.forgives
    again.start("deadly")
    again.end("deadly")
    assert again.journal.forgives


def test_a_run_that_is_given_up_names_the_step_that_lost_most_workers(run: StoredRun):
    Claim(run).start("deadly", "ended")
    claim = Claim(run)
    claim.lose("deadly", "ended")
    claim.start("deadly", "ended", "other")
    claim.end("ended")
    assert give_up(Claim(run).recorder, 3) == "failed"
    assert run.error is not None
    assert (run.error["code"], run.error["node"]) == ("worker_lost", "deadly")
    codes = {node: row.error and row.error["code"] for (node, _), row in run.steps.items()}
    assert codes == {"deadly": "worker_lost", "other": "sibling_failed", "ended": None}
    assert names_of(run)[-3:] == ["step_failed", "step_failed", "run_finished"]


def test_a_run_that_dies_of_being_restored_is_given_up_too(run: StoredRun):
    assert give_up(Claim(run).recorder, 3) == "failed"
    assert run.error is not None
    assert run.error["code"] == "worker_lost"
    assert names_of(run) == ["run_started", "run_finished"]
