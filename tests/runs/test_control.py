"""The control threads of a worker: neither stops the other."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError
from django.utils.timezone import now
from psycopg.errors import LockNotAvailable

from apps.runs import control as control_module
from apps.runs import sweep
from apps.runs.control import Control, Sweeper
from apps.runs.models import Run, Worker
from apps.runs.worker import WorkerProcess
from tests.factories import make_run
from tests.runs.work import make_worker
from tests.services import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def control(worker: WorkerProcess, settings, monkeypatch) -> Iterator[Control]:
    settings.SWEEP_S = 0.02
    control = Control()
    yield control
    control.end()


def status(run: Run) -> str:
    return Run.objects.get(pk=run.pk).status


def beats(worker: WorkerProcess) -> int:
    return Worker.objects.get(pk=worker.id).beats


def test_a_sweep_that_takes_long_delays_no_heartbeat(control, worker, monkeypatch):
    may_go_on = threading.Event()
    monkeypatch.setattr(control_module, "wake_due", lambda: may_go_on.wait(60))
    control.start()
    wait_for(lambda: beats(worker) >= 3)
    may_go_on.set()


@pytest.mark.parametrize("error", [OperationalError("away"), ValueError("a fault of ours")])
def test_a_turn_that_fails_is_followed_by_another(control, worker, monkeypatch, error):
    turns = []

    def fail() -> None:
        turns.append(1)
        raise error

    monkeypatch.setattr(control_module, "wake_due", fail)
    control.start()
    wait_for(lambda: len(turns) >= 3 and beats(worker) >= 3)


def refused_for(error: psycopg.Error) -> OperationalError:
    refused = OperationalError()
    refused.__cause__ = error
    return refused


@pytest.mark.parametrize("part", ["wake_due", "add_noted"])
@pytest.mark.parametrize("error", [refused_for(LockNotAvailable()), ValueError("a fault of ours")])
def test_what_fails_in_each_turn_keeps_no_silent_worker_from_being_taken_over(
    control, worker, monkeypatch, settings, part, error
):
    settings.SILENT_AFTER_S = 0.5
    run = make_run(status="running", worker=make_worker())

    def fail() -> None:
        raise error

    monkeypatch.setattr(control_module, part, fail)
    control.start()
    wait_for(lambda: status(run) == "pending")


@pytest.mark.parametrize(("sweep_s", "tries"), [(600, 1), (0, 3)])
def test_a_part_that_failed_is_left_until_all_is_looked_for_again(
    worker, monkeypatch, settings, caplog, sweep_s, tries
):
    settings.SWEEP_S = sweep_s
    run = make_run(status="waiting", wake_at=now())

    def fail() -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(control_module, "wake_due", fail)
    monkeypatch.setattr(control_module, "regular", [])
    sweeper = Sweeper()
    assert [sweeper.turn(worker) for _ in range(3)] == [None] * 3
    assert status(run) == "waiting"
    assert caplog.messages == ["a part of a turn of the sweep failed"] * tries


def test_a_worker_that_ends_takes_its_row_away(control, worker):
    control.start()
    control.end()
    assert not Worker.objects.filter(pk=worker.id).exists()


def test_a_waiting_run_goes_on_when_it_is_due_and_not_only_at_the_next_sweep(
    worker: WorkerProcess, settings
) -> None:
    settings.SWEEP_S = 600
    due = now() + timedelta(seconds=0.5)
    soon = make_run(status="waiting", wake_at=due)
    later = make_run(status="waiting", wake_at=due + timedelta(hours=1))
    control = Control()
    control.start()
    wait_for(lambda: status(soon) == "pending", 60, every=0.02)
    assert due <= now()
    assert status(later) == "waiting"
    control.end()


def test_what_is_due_in_crowds_is_woken_without_a_pause_of_a_sweep(
    worker: WorkerProcess, settings, monkeypatch
) -> None:
    settings.SWEEP_S = 600
    monkeypatch.setattr(sweep, "AT_ONCE", 2)
    runs = [make_run(status="waiting", wake_at=now()) for _ in range(5)]
    control = Control()
    control.start()
    wait_for(lambda: {status(run) for run in runs} == {"pending"}, 60, every=0.02)
    control.end()
