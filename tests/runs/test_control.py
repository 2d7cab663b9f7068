"""The control threads of a worker: neither stops the other."""

import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from apps.runs import control as control_module
from apps.runs.control import Control
from apps.runs.models import Worker
from apps.runs.worker import WorkerProcess
from tests.services import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def control(worker: WorkerProcess, settings, monkeypatch) -> Iterator[Control]:
    settings.SWEEP_S = 0.02
    control = Control()
    yield control
    control.end()


def beats(worker: WorkerProcess) -> int:
    return Worker.objects.get(pk=worker.id).beats


def test_a_sweep_that_takes_long_delays_no_heartbeat(control, worker, monkeypatch):
    may_go_on = threading.Event()
    monkeypatch.setattr(control_module, "sweep", lambda: may_go_on.wait(10))
    control.start()
    wait_for(lambda: beats(worker) >= 3)
    may_go_on.set()


@pytest.mark.parametrize("error", [OperationalError("away"), ValueError("a fault of ours")])
def test_a_turn_that_fails_is_followed_by_another(control, worker, monkeypatch, error):
    turns = []

    def fail() -> None:
        turns.append(1)
        raise error

    monkeypatch.setattr(control_module, "sweep", fail)
    control.start()
    wait_for(lambda: len(turns) >= 3 and beats(worker) >= 3)


def test_a_worker_that_ends_takes_its_row_away(control, worker):
    control.start()
    control.end()
    assert not Worker.objects.filter(pk=worker.id).exists()
