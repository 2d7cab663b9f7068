"""The simulation must find an engine that is broken in one place: else it proves nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from apps.engine import executor, memory, progress, recorder, steps, topological
from apps.engine.graph import Graph
from apps.engine.items import Outputs
from apps.engine.journal import Batch, Change, Signal, SignalsMovedError
from apps.engine.scheduler import Activation
from tests.engine.simulation import cases
from tests.engine.simulation.cases import any_graphs, seeds

MOST_CASES = 300
Case = Callable[[Graph, int], None]


def finds(wrong: str, case: Case) -> None:
    """The simulation says what is wrong within a bounded number of cases."""
    search = settings(
        max_examples=MOST_CASES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )

    @search
    @given(any_graphs, seeds)
    def simulate(graph: Graph, seed: int) -> None:
        case(graph, seed)

    with pytest.raises(AssertionError, match=wrong):
        simulate()


@contextmanager
def without_commit(broken: Any) -> Iterator[None]:
    broken._commit = lambda: None
    yield
    del broken._commit


def test_an_effect_before_its_barrier_is_found(monkeypatch):
    launch = executor.Executor._launch_effects

    def launch_without_barrier(self: executor.Executor) -> None:
        with without_commit(self):
            launch(self)

    monkeypatch.setattr(executor.Executor, "_launch_effects", launch_without_barrier)
    finds("before its row was durable", cases.killed_at_every_commit)


def test_a_journal_that_ignores_the_fence_is_found(monkeypatch):
    commit = memory.MemoryJournal.commit

    def commit_whoever_asks(self: memory.MemoryJournal, batch: Batch) -> None:
        self._fence = self._run.fence
        commit(self, batch)

    monkeypatch.setattr(memory.MemoryJournal, "commit", commit_whoever_asks)
    finds("written for a claim that is lost", cases.killed_and_taken_over)


def test_a_gap_in_the_numbers_is_found(monkeypatch):
    def skip_some(self: recorder.Recorder) -> int:
        self._seq += 2 if self._seq % 7 == 6 else 1
        return self._seq

    monkeypatch.setattr(recorder.Recorder, "_next", skip_some)
    finds("have a gap, or one was used twice", cases.killed_at_every_commit)


def test_a_number_used_twice_is_found(monkeypatch):
    def repeat_some(self: recorder.Recorder) -> int:
        self._seq += 0 if self._seq % 7 == 6 and self._seq > self._committed_seq else 1
        return self._seq

    monkeypatch.setattr(recorder.Recorder, "_next", repeat_some)
    finds("have a gap, or one was used twice", cases.killed_at_every_commit)


def test_a_number_lost_when_suspending_is_refused_is_found(monkeypatch):
    def end(self: recorder.Recorder, mark: str, change: Change, **data: Any) -> None:
        self.mark(mark, **data)
        try:
            self._journal.commit(self._batch(change))
        except SignalsMovedError:
            self.marks.pop()
            raise
        self._forget()

    monkeypatch.setattr(recorder.Recorder, "end", end)
    finds("have a gap, or one was used twice", cases.signalled)


def test_leaving_in_spite_of_unread_signals_is_found(monkeypatch):
    commit = memory.MemoryJournal.commit

    def commit_unconditionally(self: memory.MemoryJournal, batch: Batch) -> None:
        if batch.change is not None:
            batch = replace(batch, change=replace(batch.change, if_signals=None))
        commit(self, batch)

    monkeypatch.setattr(memory.MemoryJournal, "commit", commit_unconditionally)
    finds("signals unread|a signal was lost", cases.signalled)


def test_a_signal_consumed_before_its_effect_is_recorded_is_found(monkeypatch):
    read = memory.MemoryJournal.read_signals

    def read_and_forget(self: memory.MemoryJournal) -> tuple[int, Sequence[Signal]]:
        count, signals = read(self)
        self._run.consumed += [signal.id for signal in signals]
        return count, signals

    monkeypatch.setattr(memory.MemoryJournal, "read_signals", read_and_forget)
    finds("a signal was lost|signals unread", cases.signalled)


def test_a_cancel_consumed_before_the_end_is_found(monkeypatch):
    abort = executor.Executor._abort

    def abort_and_commit(self: executor.Executor, ending: Any) -> None:
        abort(self, ending)
        self._commit()

    monkeypatch.setattr(executor.Executor, "_abort", abort_and_commit)
    finds("a cancel was accepted and the run completed", cases.cancelled)


def test_skips_that_do_not_spread_are_found(monkeypatch):
    def skip_alone(self: topological.TopologicalScheduler, node: str) -> Activation:
        return Activation(node, self._next_iteration(node), {})

    monkeypatch.setattr(topological.TopologicalScheduler, "_skip", skip_alone)
    finds("rows, not 1", cases.killed_at_every_commit)


def test_passing_on_what_is_not_stored_is_found(monkeypatch):
    written = steps.Steps.written

    def raw(self: steps.Steps, activation: Activation, outputs: Outputs) -> steps.Written:
        stored = written(self, activation, outputs)
        return stored[0], outputs if any(outputs.values()) else stored[1]

    monkeypatch.setattr(steps.Steps, "written", raw)
    finds("took|is not what its sources have stored", cases.killed_at_every_commit)


def test_a_death_that_is_taken_for_a_fresh_start_is_found(monkeypatch):
    def forget(self: progress.Progress, activation: Activation, row: Any) -> None:
        self.ready.add(activation)

    monkeypatch.setattr(progress.Progress, "_after_death", forget)
    finds("attempt", cases.killed_at_every_commit)


def test_a_restored_run_that_settles_in_another_order_is_found(monkeypatch):
    restore = progress.Progress.restore

    def restore_by_name(self: progress.Progress) -> None:
        steps = self._recorder.steps
        places = {key: row.seq_finished for key, row in steps.items() if row.seq_finished}
        for place, key in enumerate(sorted(places), 1):
            steps[key].seq_finished = place
        restore(self)

    monkeypatch.setattr(progress.Progress, "restore", restore_by_name)
    finds("an event changed|the executor raised", cases.killed_at_every_commit)


def test_writes_that_are_kept_for_the_next_batch_too_are_found(monkeypatch):
    forget = recorder.Recorder._forget

    def forget_all_but_the_writes(self: recorder.Recorder) -> None:
        writes = self._writes
        forget(self)
        self._writes = writes

    monkeypatch.setattr(recorder.Recorder, "_forget", forget_all_but_the_writes)
    finds(r"wrote \d+ times", cases.killed_at_every_commit)


def test_writes_that_are_lost_on_their_way_are_found(monkeypatch):
    monkeypatch.setattr(recorder.Recorder, "write", lambda *_: None)
    finds("wrote 0 times", cases.killed_at_every_commit)
