"""The journal on the database: all of a batch or nothing, once, under the claim."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from uuid_utils.compat import uuid7

from apps.engine.encoding import encode
from apps.engine.errors import RevokedError
from apps.engine.journal import Batch, Change, SignalsMovedError, StepRow
from apps.engine.scheduler import Source
from apps.runs import journal as journal_module
from apps.runs.journal import DatabaseJournal, RefusedError
from apps.runs.models import Payload, Run, RunSignal, StepRun
from apps.runs.restore import load_steps
from apps.runs.signals import send_signal
from apps.runs.states import RunStatus, SignalKind
from tests.factories import make_run
from tests.runs.work import claimed, make_worker

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, 0, 0, 123_456, tzinfo=UTC)


class Claimed:
    """A claimed run, its journal, and what the journal told."""

    def __init__(self, **fields: Any) -> None:
        self.run = make_run(**fields)
        self.claim = claimed(self.run, make_worker().pk)
        self.told: list[int] = []
        self.journal = DatabaseJournal(
            self.claim,
            check_claim=lambda: None,
            committed=lambda batch: self.told.append(batch.seq),
        )

    def now(self) -> Run:
        self.run.refresh_from_db()
        return self.run


def row(node: str = "end", seq: int = 1, **fields: Any) -> StepRow:
    defaults = {"iteration": 0, "status": "running", "sources": {}, "started_at": AT}
    id = fields.pop("id", uuid7())
    return StepRow(id=id, node=node, seq_started=1, seq=seq, **defaults | fields)


def batch(before: int, seq: int, *steps: StepRow, **fields: Any) -> Batch:
    return Batch(before, seq, steps, fields.pop("marks", None), **fields)


def ending(before: int, steps: Sequence[StepRow] = (), if_signals: int | None = 0) -> Batch:
    mark = {"seq": before + 1, "name": "run_finished", "at": "2026-11-24T12:00:00.000Z"}
    change = Change("completed", if_signals=if_signals)
    return batch(before, before + 1, *steps, marks=[mark], change=change)


def test_a_batch_writes_the_runs_place_and_its_steps() -> None:
    scene = Claimed()
    attempt = {"n": 1, "seq": 1, "at": "2026-11-24T12:00:00.000Z", "worker": "w"}
    sources = {"main": (Source("start", 0, "main"),)}
    scene.journal.commit(batch(0, 1, row(sources=sources, attempts=[attempt])))
    step = StepRun.objects.get()
    assert (scene.now().seq, scene.told) == (1, [1])
    assert (step.run, step.workspace) == (scene.run, scene.run.workspace)
    assert step.sources == {"main": [["start", 0, "main"]]}
    assert step.attempts == [attempt]
    assert step.started_at == AT


def test_rows_are_restored_as_they_were_written() -> None:
    scene = Claimed()
    written = row(
        seq=5,
        status="failed",
        sources={"main": (Source("start", 2, "main"),)},
        output_counts={"main": 3},
        log=[{"seq": 2, "at": "x", "level": "info", "text": "hello"}],
        retry_count=1,
        error={"code": "http_status", "message": "It said 500", "hint": None},
        seq_finished=5,
        finished_at=AT,
    )
    attempts = [{"n": 1, "seq": 6, "at": "x", "worker": "w"}]
    in_flight = row("other", seq=6, attempts=attempts, log=written.log)
    scene.journal.commit(batch(0, 6, written, in_flight))
    # How an ended step came to its end changes nothing any more; its error may be the run's.
    ended = replace(written, log=[], retry_count=0, finished_at=None)
    expected = {("end", 0): ended, ("other", 0): in_flight}
    assert load_steps(scene.run.pk) == expected


@pytest.mark.parametrize(
    ("sqlstate", "is_tried_again"),
    [
        ("54000", False),  # program limit exceeded: the row is too large for ever
        ("55P03", True),  # lock not available
        ("57014", True),  # statement timeout
        ("53100", True),  # disk full
        (None, True),  # SQLite's, or the connection's
    ],
)
def test_what_the_database_will_never_take_is_not_tried_for_ever(
    monkeypatch: pytest.MonkeyPatch, sqlstate: str | None, is_tried_again: bool
) -> None:
    scene = Claimed()
    write = scene.journal.write
    tries = []

    def refuse_once(batch: Batch) -> bool:
        tries.append(batch)
        if len(tries) > 1:
            return write(batch)
        cause = Exception()
        cause.sqlstate = sqlstate  # type: ignore[attr-defined]
        raise OperationalError from cause

    monkeypatch.setattr(scene.journal, "write", refuse_once)
    monkeypatch.setattr(journal_module, "reconnect", lambda: None)
    if is_tried_again:
        scene.journal.commit(batch(0, 1, row()))
    else:
        with pytest.raises(RefusedError):
            scene.journal.commit(batch(0, 1, row()))
    assert len(tries) == 1 + is_tried_again


def test_what_is_read_is_asked_for_until_the_database_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Claimed()
    written = row(output=encode({"main": []}))
    scene.journal.commit(batch(0, 1, written))
    tries = count(1)

    def away_at_first(execute: Callable[..., Any], *asked: Any) -> Any:
        if next(tries) == 1:
            raise OperationalError("the connection was closed")
        return execute(*asked)

    monkeypatch.setattr(journal_module, "reconnect", lambda: None)
    with connection.execute_wrapper(away_at_first):
        assert scene.journal.read_output(written.id) == encode({"main": []})
    assert next(tries) == 3


def test_deaths_are_forgiven_only_when_a_batch_says_so() -> None:
    scene = Claimed(crashes=1)
    ended = row(status="completed", seq_finished=1, finished_at=AT)
    scene.journal.commit(batch(0, 1, ended))
    assert scene.now().crashes == 1
    scene.journal.commit(batch(1, 2, row("other", seq=2), forgives_deaths=True))
    assert scene.now().crashes == 0


def test_a_later_batch_keeps_what_the_step_took() -> None:
    scene = Claimed()
    begun = row(input=encode({"main": [{"json": {"a": 1}}]}))
    scene.journal.commit(batch(0, 1, begun))
    ended = row(id=begun.id, seq=2, status="completed", output=encode({"main": []}))
    scene.journal.commit(batch(1, 2, ended))
    step = StepRun.objects.get()
    assert step.status == "completed"
    assert step.input_json == {"main": [{"json": {"a": 1}}]}
    assert step.output_json == {"main": []}


def test_the_same_batch_again_is_found_written() -> None:
    scene = Claimed()
    lost = batch(0, 1, row())
    scene.journal.commit(lost)
    scene.journal.commit(lost)
    assert scene.now().seq == 1
    assert StepRun.objects.count() == 1


def test_the_same_ending_again_is_found_written() -> None:
    scene = Claimed()
    end = ending(0)
    scene.journal.commit(end)
    scene.journal.commit(end)
    assert scene.now().status == RunStatus.COMPLETED
    assert len(scene.now().marks) == 1


@pytest.mark.parametrize(
    "stolen",
    [
        {"fence": F("fence") + 1},  # taken over, and claimed by another
        {"status": "pending", "fence": F("fence") + 1},  # taken over, not claimed yet
        {"status": "waiting"},  # left by somebody with our fence: not ours to write any more
        {"seq": 7},  # somebody else's numbers
    ],
)
def test_a_lost_claim_writes_nothing_and_tells_nobody(stolen: dict[str, Any]) -> None:
    scene = Claimed()
    Run.objects.filter(pk=scene.run.pk).update(**stolen)
    with pytest.raises(RevokedError):
        scene.journal.commit(batch(0, 1, row()))
    assert not StepRun.objects.exists()
    assert scene.told == []


def test_a_batch_written_before_the_claim_was_lost_is_not_gone_on_from() -> None:
    scene = Claimed()
    written = batch(0, 1, row())
    scene.journal.commit(written)
    Run.objects.filter(pk=scene.run.pk).update(fence=F("fence") + 1)
    with pytest.raises(RevokedError):
        scene.journal.commit(written)


def test_signals_that_moved_keep_a_run_from_ending() -> None:
    scene = Claimed()
    assert scene.journal.read_signals() == (0, [])
    send_signal(scene.run, SignalKind.CANCEL)
    with pytest.raises(SignalsMovedError):
        scene.journal.commit(ending(0, [row()]))
    assert scene.now().status == RunStatus.RUNNING
    assert not StepRun.objects.exists()
    count, signals = scene.journal.read_signals()
    assert (count, [signal.kind for signal in signals]) == (1, ["cancel"])
    scene.journal.commit(ending(0, [row()], if_signals=count))
    assert scene.now().status == RunStatus.COMPLETED


def test_signals_do_not_hold_up_what_does_not_ask_for_them() -> None:
    scene = Claimed()
    send_signal(scene.run, SignalKind.CANCEL)
    scene.journal.commit(batch(0, 1, row()))
    scene.journal.commit(ending(1, if_signals=None))
    assert scene.now().status == RunStatus.COMPLETED


def test_a_signal_is_consumed_with_its_effect_and_read_no_more() -> None:
    scene = Claimed()
    signal = send_signal(scene.run, SignalKind.DECISION, body={"decision": "fail"}, attempt=1)
    scene.journal.read_signals()
    [read] = scene.journal.read_signals()[1]
    assert (read.id, read.body, read.attempt) == (signal.pk, {"decision": "fail"}, 1)
    scene.journal.commit(batch(0, 1, consumed=[read.id]))
    assert RunSignal.objects.get().consumed_at is not None
    assert scene.journal.read_signals() == (1, [])


def test_a_lost_claim_consumes_nothing() -> None:
    scene = Claimed()
    signal = send_signal(scene.run, SignalKind.CANCEL)
    Run.objects.filter(pk=scene.run.pk).update(fence=F("fence") + 1)
    with pytest.raises(RevokedError):
        scene.journal.commit(batch(0, 1, consumed=[signal.pk]))
    signal.refresh_from_db()
    assert signal.consumed_at is None


def test_an_ended_run_gives_up_worker_and_slot() -> None:
    scene = Claimed(slots=1)
    assert scene.now().slot == 1
    error = {"code": "http_status", "message": "It said 500", "hint": "Ask them"}
    scene.journal.commit(batch(0, 1, marks=[{"seq": 1}], change=Change("failed", error=error)))
    run = scene.now()
    assert (run.status, run.worker, run.slot) == (RunStatus.FAILED, None, None)
    assert (run.error_code, run.error_message) == ("http_status", "It said 500")
    assert run.finished_at is not None


def test_a_suspended_run_keeps_the_moment_that_it_wakes() -> None:
    scene = Claimed()
    scene.journal.commit(batch(0, 1, marks=[{"seq": 1}], change=Change("waiting", wake_at=AT)))
    run = scene.now()
    assert (run.status, run.wake_at, run.worker, run.finished_at) == ("waiting", AT, None, None)


def test_text_and_data_survive_whatever_characters_they_have() -> None:
    scene = Claimed()
    error = {"code": "odd", "message": "nul\0 tab\t 𝄞", "hint": "\0"}
    data = {"main": [{"json": {"nul": "a\0b", "big": 10**40, "z": 1, "a": 0.1, "𝄞": None}}]}
    written = row(
        status="failed",
        input=encode(data),
        output=encode(data),
        error=error,
        log=[{"seq": 1, "at": "x", "level": "info", "text": "a\0b"}],
    )
    scene.journal.commit(batch(0, 1, written))
    step = StepRun.objects.get()
    assert step.error == "nul\ufffd tab\t 𝄞"
    assert step.input_json == step.output_json == data
    assert list(step.output_json["main"][0]["json"]) == ["nul", "big", "z", "a", "𝄞"]
    assert step.log[0]["text"] == "a\0b"
    assert scene.journal.read_output(written.id) == encode(data)


def test_a_runs_error_survives_whatever_characters_it_has() -> None:
    scene = Claimed()
    change = Change("failed", error={"code": "odd", "message": "a\0b", "hint": None})
    scene.journal.commit(batch(0, 1, marks=[{"seq": 1, "error": "a\0b"}], change=change))
    assert scene.now().error_message == "a\ufffdb"
    assert scene.now().marks == [{"seq": 1, "error": "a\0b"}]


def test_large_values_are_stored_apart_and_read_back(settings: Any) -> None:
    scene = Claimed()
    large = encode({"main": [{"json": {"text": "x" * settings.INLINE_PAYLOAD_BYTES}}]})
    begun = row(input=large)
    scene.journal.commit(batch(0, 1, begun))
    scene.journal.commit(batch(1, 2, row(id=begun.id, seq=2, output=large)))
    step = StepRun.objects.get()
    assert (step.input_json, step.output_json) == (None, None)
    assert step.input_payload == step.output_payload == Payload.objects.get()
    assert scene.journal.read_output(begun.id) == large


def test_many_steps_of_one_batch_are_written_together(django_assert_max_num_queries: Any) -> None:
    scene = Claimed()
    rows = [row(iteration=place, seq=place + 1) for place in range(500)]
    with django_assert_max_num_queries(4):
        scene.journal.commit(batch(0, 500, *rows))
    assert StepRun.objects.count() == 500
