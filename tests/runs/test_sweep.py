"""The sweep: what was not heard, is due, or was left behind."""

import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.runs import publish
from apps.runs import sweep as sweep_module
from apps.runs.models import Run, Worker
from apps.runs.states import TERMINAL, RunStatus
from apps.runs.sweep import (
    Watch,
    give_up,
    hand_back,
    resend_unheard,
    take_over,
    take_over_all,
    take_over_orphans,
    wake_due,
)
from apps.runs.worker import boot_of_this_host, start_of_process
from tests.factories import make_run, make_version
from tests.runs.clock import Clock
from tests.runs.work import make_worker
from tests.services import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(sweep_module, "time", clock)
    return clock


def ago(seconds: float) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def owned(worker: Worker | None, **fields: Any) -> Run:
    return make_run(status=RunStatus.RUNNING, worker=worker, fence=3, **fields)


def beat(worker: Worker) -> None:
    worker.beats += 1
    worker.save(update_fields=["beats"])


def test_a_pending_run_that_nobody_heard_of_is_told_again() -> None:
    version = make_version()
    run = make_run(version, sent_at=ago(600))
    make_run(version)
    make_run(version, "running", sent_at=ago(600))
    assert resend_unheard() == 1
    assert resend_unheard() == 0
    run.refresh_from_db()
    assert (run.status, run.fence) == (RunStatus.PENDING, 0)
    assert run.sent_at > ago(60)


def test_listeners_hear_of_what_is_news_only(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(publish, "tell_status", lambda *news: told.append(news[2:]))
    make_run(sent_at=ago(600))
    due = make_run(status=RunStatus.WAITING, wake_at=ago(1))
    with django_capture_on_commit_callbacks(execute=True):
        assert (resend_unheard(), wake_due()) == (1, 1)
    assert told == [(due.pk, "pending")]


@pytest.mark.parametrize(
    ("seconds_ago", "is_due"),
    [
        ({"wake_at": 1}, True),
        ({"wake_at": -60}, False),
        ({"deadline_at": 1}, True),  # only to be ended
        ({"deadline_at": -60, "wake_at": 1}, True),
        ({}, False),  # for a signal
    ],
)
def test_a_waiting_run_wakes_when_it_is_due(seconds_ago: dict[str, int], is_due: bool) -> None:
    moments = {name: ago(seconds) for name, seconds in seconds_ago.items()}
    run = make_run(status=RunStatus.WAITING, **moments)
    assert wake_due() == is_due
    run.refresh_from_db()
    assert run.status == (RunStatus.PENDING if is_due else RunStatus.WAITING)


def test_one_turn_takes_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_version()
    for _ in range(5):
        make_run(version, sent_at=ago(600))
    monkeypatch.setattr(sweep_module, "AT_ONCE", 2)
    if connection.vendor == "postgresql":
        # However it is planned: a nested loop would ask again for each row which ones to take.
        with connection.cursor() as cursor:
            for way in ("hashjoin", "mergejoin", "hashagg", "material", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    assert [resend_unheard() for _ in range(4)] == [2, 2, 1, 0]


def test_a_take_over_counts_the_fence_and_a_death_and_frees_the_slot(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = make_worker()
    run = owned(worker, slots=1, slot=1)
    other = owned(make_worker())
    assert take_over(worker) == 1
    assert caplog.messages == [
        f"worker {worker} is gone; 1 runs of its are pending again",
        f"run {run.pk} was taken over: worker {worker} ({worker.pk}) held it",
    ]
    run.refresh_from_db()
    assert (run.status, run.worker, run.slot) == (RunStatus.PENDING, None, None)
    assert (run.fence, run.crashes) == (4, 1)
    assert not Worker.objects.filter(pk=worker.pk).exists()
    other.refresh_from_db()
    assert (other.status, other.fence) == (RunStatus.RUNNING, 3)


def test_of_many_runs_that_are_taken_over_some_are_named(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "LOGGED", 2)
    runs = [owned(None) for _ in range(3)]
    assert take_over_orphans() == 3
    assert caplog.messages == [
        "3 runs that no worker held any more are pending again",
        *(f"run {run.pk} was taken over: no worker held it any more" for run in runs[:2]),
    ]


def test_a_worker_that_has_beaten_since_it_was_seen_keeps_its_runs() -> None:
    worker = make_worker()
    run = owned(worker)
    Worker.objects.filter(pk=worker.pk).update(beats=worker.beats + 1)
    assert take_over(worker) == 0
    run.refresh_from_db()
    assert (run.status, run.worker) == (RunStatus.RUNNING, worker)


@pytest.mark.parametrize("status", [*TERMINAL, RunStatus.PENDING, RunStatus.WAITING])
def test_only_what_runs_is_taken_over(status: RunStatus) -> None:
    run = make_run(status=status)
    assert take_over_orphans() == 0
    run.refresh_from_db()
    assert (run.status, run.fence, run.crashes) == (status, 0, 0)


def test_a_run_that_no_worker_owns_is_an_orphan() -> None:
    run = owned(None)
    assert take_over_orphans() == 1
    run.refresh_from_db()
    assert (run.status, run.crashes) == (RunStatus.PENDING, 1)


def test_who_is_alone_takes_over_everything_that_others_left() -> None:
    me, other = make_worker(), make_worker()
    runs = [owned(other), owned(None), owned(me)]
    assert take_over_all(except_worker=me.pk) == 2
    assert [Run.objects.get(pk=run.pk).fence for run in runs] == [4, 4, 3]
    assert list(Worker.objects.all()) == [me]


def test_what_is_handed_back_counts_no_death_and_what_is_given_up_does() -> None:
    worker = make_worker()
    handed, given = owned(worker), owned(worker)
    assert hand_back(handed.pk, 3) == give_up(given.pk, 3) == 1
    for run, crashes in ((handed, 0), (given, 1)):
        run.refresh_from_db()
        assert (run.status, run.fence, run.crashes) == (RunStatus.PENDING, 4, crashes)


@pytest.mark.skipif(settings.IS_SQLITE, reason="one writer at a time: nothing is ever locked")
@pytest.mark.django_db(transaction=True)
def test_who_ends_waits_for_a_row_that_is_locked_to_hand_it_back() -> None:
    run = owned(make_worker())
    is_locked, may_go_on = threading.Event(), threading.Event()

    def lock() -> None:
        with transaction.atomic():
            Run.objects.select_for_update().get(pk=run.pk)
            is_locked.set()
            may_go_on.wait(10)
        connection.close()

    journal = threading.Thread(target=lock)
    journal.start()
    assert is_locked.wait(10)
    assert hand_back(run.pk, 3) == 0
    threading.Timer(0.3, may_go_on.set).start()
    assert hand_back(run.pk, 3, waits=True) == 1
    journal.join()


def test_nothing_is_handed_back_under_another_fence() -> None:
    run = owned(make_worker())
    assert hand_back(run.pk, 2) == give_up(run.pk, 4) == 0
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


# --- Who is dead ----------------------------------------------------------------------------------


def test_a_silent_worker_is_taken_over_after_its_time(clock: Clock, settings: Any) -> None:
    worker, watch = make_worker(), Watch()
    run = owned(worker)
    steps = int(settings.SILENT_AFTER_S) + 1
    taken = []
    for _ in range(steps + 1):
        taken.append(watch.take_over_dead())
        clock.now += 1
    assert taken == [0] * steps + [1]
    run.refresh_from_db()
    assert run.status == RunStatus.PENDING


def test_a_worker_that_beats_is_left_alone(clock: Clock) -> None:
    worker, watch = make_worker(), Watch()
    run = owned(worker)
    for _ in range(60):
        clock.now += 1
        beat(worker)
        assert watch.take_over_dead() == 0
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_a_wall_clock_that_jumps_takes_nothing_over(clock: Clock) -> None:
    worker, watch = make_worker(), Watch()
    Worker.objects.filter(pk=worker.pk).update(seen_at=ago(86_400))
    owned(worker)
    watch.take_over_dead()
    clock.now += 1
    assert watch.take_over_dead() == 0


def test_nobody_is_dead_for_who_did_not_reach_the_database(clock: Clock) -> None:
    worker, watch = make_worker(), Watch()
    owned(worker)
    watch.take_over_dead()
    for _ in range(30):
        clock.now += 1
        watch.forget()
    assert watch.take_over_dead() == 0


def test_nobody_is_dead_for_who_was_stopped_itself(clock: Clock) -> None:
    worker, watch = make_worker(), Watch()
    owned(worker)
    watch.take_over_dead()
    clock.now += 3_600
    assert watch.take_over_dead() == 0


@pytest.mark.parametrize("turn", [0.4, 0.6, 2.0])
def test_who_is_slow_itself_finds_a_silent_worker_in_the_end(
    clock: Clock, settings: Any, turn: float
) -> None:
    worker, watch = make_worker(), Watch()
    owned(worker)
    taken = []
    for _ in range(6):
        taken.append(watch.take_over_dead())
        clock.now += turn * settings.SILENT_AFTER_S
    assert taken.index(1) * turn > 1


def test_a_process_of_this_host_that_is_gone_is_taken_over_at_once() -> None:
    child = os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "60")
    try:
        worker = make_worker()
        worker.boot, worker.pid = boot_of_this_host(), child
        worker.process_started = start_of_process(child)
        worker.save()
        run = owned(worker)
        assert Watch().take_over_dead() == 0
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert start_of_process(child) is None
    assert Watch().take_over_dead() == 1
    run.refresh_from_db()
    assert run.status == RunStatus.PENDING


def test_a_reused_pid_is_another_process() -> None:
    worker = make_worker()
    worker.boot, worker.pid, worker.process_started = boot_of_this_host(), os.getpid(), "1"
    worker.save()
    owned(worker)
    assert Watch().take_over_dead() == 1


def test_a_process_of_another_host_is_not_judged_by_its_pid() -> None:
    worker = make_worker()
    worker.boot, worker.pid = "another host's boot", 2**22
    worker.save()
    owned(worker)
    assert Watch().take_over_dead() == 0


def test_a_zombie_is_gone() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    try:
        wait_for(lambda: start_of_process(child) is None)
    finally:
        os.waitpid(child, 0)
