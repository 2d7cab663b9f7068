"""The recorder: numbers without a gap, and what goes into which batch."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from apps.engine.errors import NodeError, RevokedError
from apps.engine.journal import Change, Signal, SignalsMovedError
from apps.engine.memory import MemoryJournal, StoredRun
from apps.engine.recorder import MAX_LOG_LINES, MAX_LOG_TEXT, Recorder
from apps.engine.scheduler import Activation

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
STEP = Activation("a", 0, {})


@pytest.fixture
def run() -> StoredRun:
    return StoredRun()


@pytest.fixture
def recorder(run: StoredRun) -> Recorder:
    return Recorder(
        MemoryJournal(run),
        seq=run.seq,
        marks=[],
        steps={},
        worker="w",
        now=lambda: MOMENT,
        new_id=uuid4,
    )


def test_what_is_buffered_is_durable_with_the_next_commit(run: StoredRun, recorder: Recorder):
    row = recorder.start(STEP, b"{}")
    recorder.complete(row, b"[]", {"main": 0})
    assert run.seq == 0
    recorder.commit()
    assert (run.seq, run.steps["a", 0].status) == (2, "completed")


def test_what_is_durable_takes_no_memory(recorder: Recorder):
    row = recorder.start(STEP, b"{}")
    recorder.complete(row, b"[]", {"main": 0})
    recorder.commit()
    assert (row.input, row.output, row.attempts, row.log) == (None, None, [], [])
    assert recorder.buffered == 0


def test_a_payload_is_written_once_and_stays(run: StoredRun, recorder: Recorder):
    row = recorder.start(STEP, b"{}")
    recorder.commit()
    recorder.complete(row, b"[]", {"main": 0})
    recorder.commit()
    assert (run.steps["a", 0].input, run.steps["a", 0].output) == (b"{}", b"[]")


def test_a_commit_without_anything_new_writes_nothing(run: StoredRun, recorder: Recorder):
    run.fence += 1
    recorder.commit()
    recorder.mark("run_started")
    with pytest.raises(RevokedError):
        recorder.commit()


def test_a_refused_suspension_takes_its_number_back(run: StoredRun, recorder: Recorder):
    recorder.mark("run_started")
    run.signal(Signal(uuid4(), "cancel", {}))
    with pytest.raises(SignalsMovedError):
        recorder.end("run_waiting", Change("waiting", if_signals=0))
    recorder.end("run_finished", Change("cancelled"))
    assert [(mark["seq"], mark["name"]) for mark in run.marks] == [
        (1, "run_started"),
        (2, "run_finished"),
    ]


def test_a_signal_is_consumed_by_the_batch_that_follows(run: StoredRun, recorder: Recorder):
    signal = uuid4()
    assert recorder.consume(signal)
    assert not recorder.consume(signal)
    recorder.commit()
    assert run.consumed == []
    recorder.mark("run_started")
    recorder.commit()
    assert run.consumed == [signal]


def test_a_log_is_cut_by_a_line_that_says_so(recorder: Recorder):
    row = recorder.start(STEP, None)
    for _ in range(MAX_LOG_LINES + 5):
        recorder.log(row, "info", "x")
    assert len(row.log) == MAX_LOG_LINES + 1
    assert "cut" in row.log[-1]["text"]
    assert row.seq == MAX_LOG_LINES + 2


def test_a_long_line_is_cut(recorder: Recorder):
    row = recorder.start(STEP, None)
    recorder.log(row, "info", "x" * (MAX_LOG_TEXT + 1))
    assert row.log[0]["text"].endswith(f"(cut: {MAX_LOG_TEXT + 1} characters)")


def test_another_attempt_is_counted(recorder: Recorder):
    row = recorder.start(STEP, None)
    recorder.retrying(row, NodeError("timeout", "late"), None)
    assert row.status == "pending"
    recorder.start_attempt(row)
    assert (row.status, row.retry_count, row.attempts[1]["n"]) == ("running", 1, 2)
