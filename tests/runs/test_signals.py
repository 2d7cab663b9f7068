"""What reaches a run from outside: signals, cancels, decisions."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from apps.runs.cancel import cancel_run
from apps.runs.decide import decide_step
from apps.runs.models import Run, RunSignal
from apps.runs.signals import send_signal
from apps.runs.states import OPEN, TERMINAL, RunStatus, SignalKind
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry
from tests.factories import make_run, make_step, make_user

pytestmark = pytest.mark.django_db
DECISION = {"for": "decision", "until": None}


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        (RunStatus.PENDING, RunStatus.PENDING),
        (RunStatus.RUNNING, RunStatus.RUNNING),
        (RunStatus.WAITING, RunStatus.PENDING),
    ],
)
def test_a_signal_is_counted_and_wakes_a_run_that_waits(
    status: RunStatus, becomes: RunStatus, django_capture_on_commit_callbacks: Any
) -> None:
    run = make_run(status=status)
    with django_capture_on_commit_callbacks() as callbacks:
        signal = send_signal(run, SignalKind.RESUME, body={"a": "\0"})
    run.refresh_from_db()
    signal.refresh_from_db()
    assert (run.status, run.signals) == (becomes, 1)
    assert (signal.body, signal.workspace, signal.consumed_at) == ({"a": "\0"}, run.workspace, None)
    assert callbacks


@pytest.mark.parametrize("status", TERMINAL)
def test_nothing_reaches_a_run_that_has_ended(status: RunStatus) -> None:
    run = make_run(status=status)
    with pytest.raises(ConflictError, match="has ended"):
        send_signal(run, SignalKind.RESUME)
    run.refresh_from_db()
    assert run.signals == 0
    assert not RunSignal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_signals_at_the_same_time_are_all_counted() -> None:
    run = make_run(status=RunStatus.WAITING)
    begin = threading.Barrier(4)

    def send(_: int) -> None:
        begin.wait()
        try:
            for _ in range(5):
                send_signal(run, SignalKind.RESUME)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(4)))
    run.refresh_from_db()
    assert run.signals == RunSignal.objects.count() == 20


@pytest.mark.parametrize("status", OPEN)
def test_a_cancel_is_asked_for_once(status: RunStatus) -> None:
    run = make_run(status=status)
    user = make_user(run.workspace)
    cancel_run(run, by=user)
    run.refresh_from_db()
    asked_at = run.cancel_requested_at
    cancel_run(run, by=user)
    run.refresh_from_db()
    assert asked_at == run.cancel_requested_at is not None
    assert RunSignal.objects.get().kind == SignalKind.CANCEL
    assert AuditEntry.objects.get(action="run.cancel").user == user


@pytest.mark.parametrize("status", TERMINAL)
def test_cancel_refuses_a_finished_run(status: RunStatus) -> None:
    run = make_run(status=status)
    with pytest.raises(ConflictError):
        cancel_run(run, by=None)
    assert not AuditEntry.objects.filter(action="run.cancel").exists()


def test_cancel_refuses_a_run_that_finished_after_it_was_asked_to_end() -> None:
    run = make_run(status=RunStatus.RUNNING)
    cancel_run(run, by=None)
    Run.objects.filter(pk=run.pk).update(status="completed", finished_at=run.created_at)
    run.refresh_from_db()
    with pytest.raises(ConflictError):
        cancel_run(run, by=None)


def test_a_decision_names_what_it_answers() -> None:
    run = make_run(status=RunStatus.WAITING)
    step = make_step(run, wait=DECISION)
    user = make_user(run.workspace)
    decide_step(step, "use", items=[{"json": {"a": 1}}], comment="seen", by=user)
    signal = RunSignal.objects.get()
    assert (signal.kind, signal.step, signal.attempt) == (SignalKind.DECISION, step, 1)
    assert signal.body == {"decision": "use", "items": [{"json": {"a": 1}}], "comment": "seen"}
    assert signal.created_by == user
    run.refresh_from_db()
    assert run.status == RunStatus.PENDING
    assert AuditEntry.objects.get(action="run.decide").detail["decision"] == "use"


@pytest.mark.parametrize(
    "step",
    [
        {},  # it runs
        {"wait": {"for": "delay", "until": "2026-11-24T12:00:00.000Z"}},  # it waits for time
        {"wait": DECISION, "status": "completed"},  # somebody was faster
        {"wait": DECISION, "attempts": []},
    ],
)
def test_a_step_that_waits_for_no_decision_takes_none(step: dict[str, Any]) -> None:
    waiting = make_step(make_run(status=RunStatus.WAITING), **step)
    with pytest.raises(ConflictError, match="no decision"):
        decide_step(waiting, "fail", by=None)
    assert not RunSignal.objects.exists()
