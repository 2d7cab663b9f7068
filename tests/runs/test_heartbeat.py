"""The heartbeat: what a worker owns, and what it does about it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F

from apps.engine.branches import Poked, ThreadBranches
from apps.engine.errors import RevokedError
from apps.engine.interrupt import Interrupt
from apps.runs import control as control_module
from apps.runs import sweep
from apps.runs import worker as worker_module
from apps.runs.cancel import cancel_run
from apps.runs.claim import Claim, claim_run
from apps.runs.control import heartbeat
from apps.runs.models import DEFAULT_QUEUE, Run, Worker
from apps.runs.signals import send_signal
from apps.runs.states import RunStatus, SignalKind
from apps.runs.walk import new_branches
from apps.runs.worker import Held, WorkerProcess
from tests.factories import make_run
from tests.runs.clock import Clock
from tests.runs.work import claimed, make_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (control_module, worker_module):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def held(clock: Clock, worker: WorkerProcess) -> Iterator[Held]:
    """A run that the worker claimed and holds, as if it were executing it."""
    make_run()
    # The inbox is all that is used of the branches.
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
        yield held


def test_a_beat_is_counted(worker: WorkerProcess) -> None:
    for _ in range(3):
        heartbeat(worker, {})
    assert Worker.objects.get(pk=worker.id).beats == 3


def test_a_confirmed_claim_may_go_on(clock: Clock, worker: WorkerProcess, held: Held) -> None:
    clock.now += 60
    heartbeat(worker, {})
    worker.check(held)


def test_what_is_executed_waits_for_a_heartbeat_that_is_late(
    clock: Clock, worker: WorkerProcess, held: Held, settings: Any
) -> None:
    clock.now += settings.SILENT_AFTER_S / 2 + 1
    with ThreadPoolExecutor(1) as threads:
        check = threads.submit(worker.check, held)
        with pytest.raises(TimeoutError):
            check.result(timeout=0.2)
        heartbeat(worker, {})
        check.result(timeout=30)


def test_what_waits_for_a_late_heartbeat_learns_that_its_claim_is_lost(
    clock: Clock, worker: WorkerProcess, held: Held, settings: Any
) -> None:
    clock.now += settings.SILENT_AFTER_S / 2 + 1
    with ThreadPoolExecutor(1) as threads:
        check = threads.submit(worker.check, held)
        Run.objects.filter(pk=held.claim.run).update(fence=F("fence") + 1)
        heartbeat(worker, {})
        with pytest.raises(RevokedError):
            check.result(timeout=30)


def test_a_run_that_was_taken_over_is_revoked(worker: WorkerProcess, held: Held) -> None:
    Run.objects.filter(pk=held.claim.run).update(
        status="pending", worker=None, fence=F("fence") + 1
    )
    heartbeat(worker, {})
    with pytest.raises(RevokedError):
        worker.check(held)
    assert isinstance(held.branches.receive(0), Poked)


def test_a_run_that_was_taken_over_and_claimed_again_by_us_is_revoked(
    worker: WorkerProcess, held: Held
) -> None:
    Run.objects.filter(pk=held.claim.run).update(fence=F("fence") + 2)
    heartbeat(worker, {})
    with pytest.raises(RevokedError):
        worker.check(held)


def test_a_signal_pokes_the_run_that_it_reaches_once(worker: WorkerProcess, held: Held) -> None:
    heartbeat(worker, {})
    assert held.branches.receive(0) is None
    send_signal(Run.objects.get(pk=held.claim.run), SignalKind.CANCEL)
    heartbeat(worker, {})
    assert isinstance(held.branches.receive(0), Poked)
    heartbeat(worker, {})
    assert held.branches.receive(0) is None


@pytest.mark.django_db(transaction=True)
def test_runs_that_take_long_to_be_interrupted_delay_no_beat(
    clock: Clock, worker: WorkerProcess
) -> None:
    runs = [make_run() for _ in range(3)]

    class Slow(Interrupt):
        def set(self) -> None:
            clock.now += 1.5

    def slow_branches() -> ThreadBranches:
        branches = new_branches()
        branches.interrupt = Slow()
        return branches

    with ExitStack() as stack:
        for _ in runs:
            stack.enter_context(worker.claiming(DEFAULT_QUEUE, slow_branches))
        for run in runs:
            cancel_run(run, by=None)
        acknowledged = Run.objects.filter(cancel_acknowledged_at__isnull=False)
        for count in (1, 2, 3, 3):
            heartbeat(worker, {})
            assert acknowledged.count() == count


def test_what_is_owned_and_not_executed_goes_back_on_the_second_look(
    clock: Clock, worker: WorkerProcess
) -> None:
    run = make_run()
    claimed(run, worker.id)  # its answer was lost on the way
    unexecuted: dict[UUID, tuple[int, float]] = {}
    heartbeat(worker, unexecuted)
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    clock.now += 1
    heartbeat(worker, unexecuted)
    run.refresh_from_db()
    assert (run.status, run.crashes, run.fence) == (RunStatus.PENDING, 0, 2)
    assert unexecuted == {}


def test_what_is_executed_is_not_handed_back(
    clock: Clock, worker: WorkerProcess, held: Held
) -> None:
    unexecuted: dict[UUID, tuple[int, float]] = {}
    for _ in range(3):
        clock.now += 1
        heartbeat(worker, unexecuted)
    assert Run.objects.get(pk=held.claim.run).status == RunStatus.RUNNING
    worker.check(held)


def test_who_was_taken_for_dead_registers_anew(worker: WorkerProcess, held: Held) -> None:
    known_as = worker.id
    Run.objects.filter(worker=known_as).update(status="pending", worker=None, fence=F("fence") + 1)
    Worker.objects.filter(pk=known_as).delete()
    heartbeat(worker, {})
    assert worker.id != known_as
    assert Worker.objects.filter(pk=worker.id).exists()
    with pytest.raises(RevokedError):
        worker.check(held)


@pytest.mark.django_db(transaction=True)
def test_who_finds_at_a_claim_that_it_was_taken_for_dead_registers_anew(
    worker: WorkerProcess,
) -> None:
    known_as = worker.id
    Worker.objects.all().delete()
    run = make_run()
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
        assert held.claim.run == run.pk
    assert worker.id != known_as


@pytest.mark.django_db(transaction=True)
def test_who_finds_at_a_claim_that_it_was_taken_for_dead_lets_go_of_what_it_held(
    worker: WorkerProcess, held: Held
) -> None:
    sweep.take_over(Worker.objects.get(pk=worker.id))
    assert claim_run(make_worker().pk, DEFAULT_QUEUE).run == held.claim.run
    make_run()
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [other]:
        with pytest.raises(RevokedError):
            worker.check(held)
        worker.check(other)


def test_a_claim_of_which_the_row_was_found_gone_meanwhile_is_lost(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    first = worker.id

    def slow(known_as: UUID, queue: str, versions: Any) -> list[Claim]:
        claim = claimed(run, known_as)
        sweep.take_over(Worker.objects.get(pk=known_as))
        worker.register_anew(known_as)
        return [claim]

    monkeypatch.setattr(worker, "_claims", slow)
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
        assert held.claim.worker == first != worker.id
        assert not worker.begin(held)


def test_a_worker_that_stops_claims_nothing(worker: WorkerProcess) -> None:
    make_run()
    worker.stop_claiming()
    with worker.claiming(DEFAULT_QUEUE, new_branches) as held:
        assert not held
    assert worker.is_idle
