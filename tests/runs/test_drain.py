"""To end a worker process so that nothing is lost."""

from uuid import UUID

import pytest
from django.db import OperationalError

from apps.engine.branches import Leave
from apps.runs import drain as drain_module
from apps.runs.drain import drain
from apps.runs.execute import execute_next
from apps.runs.models import DEFAULT_QUEUE
from apps.runs.states import RunStatus
from apps.runs.sweep import hand_back
from apps.runs.walk import new_branches
from apps.runs.worker import WorkerProcess
from tests.factories import make_run, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(settings, monkeypatch):
    settings.DRAIN_S = 0
    monkeypatch.setattr(drain_module, "LET_GO_S", 0)


def test_a_run_that_cannot_be_handed_back_keeps_no_other_from_it(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = make_version()
    locked, free = make_run(version, priority=1), make_run(version)
    woken: list[str] = []

    def hand_back_free(run: UUID, fence: int, *, waits: bool) -> int:
        if run == locked.pk:
            raise OperationalError("canceling statement due to lock timeout")
        return hand_back(run, fence, waits=waits)

    monkeypatch.setattr(drain_module, "hand_back", hand_back_free)
    monkeypatch.setattr(drain_module, "wake_pending", lambda: woken.append("pending"))
    with (
        worker.claiming(DEFAULT_QUEUE, new_branches),
        worker.claiming(DEFAULT_QUEUE, new_branches),
    ):
        assert not drain()
    locked.refresh_from_db()
    free.refresh_from_db()
    assert (locked.status, free.status) == (RunStatus.RUNNING, RunStatus.PENDING)
    assert woken == ["pending"]


def test_a_database_that_is_away_keeps_no_wake_up_from_leaving(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    left: list[str] = []
    monkeypatch.setattr(drain_module, "wake_pending", away)
    monkeypatch.setattr(drain_module, "let_wake_ups_leave", lambda: left.append("all"))
    assert drain()
    assert left == ["all"]


def test_a_run_is_left_before_its_next_step_and_counts_no_crash(worker: WorkerProcess) -> None:
    run = make_run(make_version())
    worker.leave_runs()
    assert execute_next(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.worker, run.crashes) == (RunStatus.PENDING, None, 0)
    assert not run.steps.exists()


def test_what_is_held_is_told_to_be_left(worker: WorkerProcess) -> None:
    make_run(make_version())
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
        drain()
    assert held.branches.receive(0) == Leave()
