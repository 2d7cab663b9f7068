"""Lines: who waits in one is read by no claim, and goes on when it may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from apps.runs.ask_drain import ask_to_drain
from apps.runs.cancel import cancel_run
from apps.runs.claim import LOOKED_AT, claim_run
from apps.runs.control import Sweeper
from apps.runs.line import has_ready, open_due_lines, open_line_for_slot, set_aside
from apps.runs.models import DEFAULT_QUEUE, Line, Run
from apps.runs.states import Priority, RunStatus
from apps.runs.sweep import raise_low, resend_unheard, wake_late
from apps.runs.turns import LOW_WAITS
from apps.runs.waits import wait_of
from apps.runs.worker import WorkerProcess
from apps.versions.models import WorkflowVersion
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version
from tests.graphs import chain
from tests.runs.work import claimed, created, execute, make_worker

pytestmark = pytest.mark.django_db


def holder(version: WorkflowVersion, slot: int = 1, key: str = "") -> Run:
    return make_run(version, RunStatus.RUNNING, slots=1, slot=slot, limit_key=key)


def limited(version: WorkflowVersion, **fields: Any) -> Run:
    return make_run(version, **{"slots": 1} | fields)


def end(run: Run) -> None:
    """As the journal ends it."""
    Run.objects.filter(pk=run.pk).update(
        status=RunStatus.COMPLETED, slot=None, worker=None, finished_at=timezone.now()
    )


def claim() -> Any:
    taken = claim_run(make_worker().pk, DEFAULT_QUEUE)
    return taken and taken.run


def is_in_line(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, line__isnull=False).exists()


def test_who_cannot_be_claimed_is_set_aside() -> None:
    version = make_version()
    holder(version)
    run = limited(version)
    assert claim() is None
    assert is_in_line(run)
    assert not has_ready(DEFAULT_QUEUE)


def test_who_can_be_claimed_is_not() -> None:
    version = make_version()
    holder(version, key="a")
    run = limited(version, limit_key="b")
    assert set_aside(DEFAULT_QUEUE) == 0
    claimed(run, make_worker().pk)


def test_a_claim_reads_past_any_number_of_them() -> None:
    version = make_version()
    holder(version)
    for _ in range(LOOKED_AT + 1):
        limited(version)
    other = make_run()
    Run.objects.filter(version=version).update(turn=1)
    Run.objects.filter(pk=other.pk).update(turn=2)
    claimed(other, make_worker().pk)


def test_a_freed_slot_lets_the_first_of_its_line_go() -> None:
    version = make_version()
    running = holder(version)
    first, second = limited(version), limited(version)
    assert claim() is None
    end(running)
    open_line_for_slot(version.workflow_id, "")
    assert [is_in_line(first), is_in_line(second)] == [False, True]
    assert claim() == first.pk


def test_who_waits_in_line_goes_before_who_comes_later() -> None:
    version = make_version()
    running = holder(version)
    first = limited(version, turn=7)
    assert claim() is None
    limited(version, turn=1)
    end(running)
    open_line_for_slot(version.workflow_id, "")
    assert claim() == first.pk


def test_high_priority_goes_first_in_line_too() -> None:
    version = make_version()
    running = holder(version)
    limited(version)
    urgent = limited(version, priority=1)
    assert claim() is None
    end(running)
    open_line_for_slot(version.workflow_id, "")
    assert claim() == urgent.pk


def test_a_line_that_is_looked_at_twice_lets_no_more_go() -> None:
    version = make_version()
    running = holder(version)
    runs = [limited(version) for _ in range(3)]
    assert claim() is None
    end(running)
    for _ in range(3):
        open_line_for_slot(version.workflow_id, "")
    assert [is_in_line(run) for run in runs] == [False, True, True]


def test_a_slot_that_was_freed_and_told_to_nobody_is_found() -> None:
    version = make_version()
    running = holder(version)
    run = limited(version)
    assert claim() is None
    end(running)
    Line.objects.update(look_at=timezone.now() - timedelta(seconds=5))
    assert open_due_lines() == 1
    assert claim() == run.pk


def test_an_empty_line_is_no_more() -> None:
    version = make_version()
    running = holder(version)
    run = limited(version)
    assert claim() is None
    end(running)
    open_line_for_slot(version.workflow_id, "")
    claimed(run, make_worker().pk)
    open_line_for_slot(version.workflow_id, "")
    assert not Line.objects.exists()


def test_runs_of_a_limit_go_through_one_after_another() -> None:
    version = make_version(graph=chain("start", "end", concurrency=1))
    runs = [created(version) for _ in range(4)]
    execute(runs[0])
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.COMPLETED}


def test_a_cancelled_run_leaves_its_line_to_be_ended() -> None:
    version = make_version()
    holder(version)
    run = limited(version)
    assert claim() is None
    cancel_run(run, by=None)
    assert claim() == run.pk


def test_a_cancelled_run_is_ended_before_those_that_came_before_it_begin() -> None:
    version = make_version()
    for _ in range(3):
        created(version)
    last = created(version)
    cancel_run(last, by=None)
    assert claim() == last.pk


def test_a_run_leaves_its_line_when_it_may_wait_no_longer() -> None:
    version = make_version()
    holder(version)
    late = limited(version, deadline_at=timezone.now() + timedelta(hours=1))
    patient = limited(version)
    assert claim() is None
    Run.objects.filter(pk=late.pk).update(deadline_at=timezone.now() - timedelta(seconds=1))
    assert wake_late() == 1
    assert claim() == late.pk
    assert is_in_line(patient)


def test_nobody_sends_again_for_those_in_a_line() -> None:
    version = make_version()
    holder(version)
    limited(version, sent_at=timezone.now() - timedelta(hours=1))
    assert claim() is None
    assert resend_unheard() == 0


def test_the_sweep_looks_when_a_line_is_due(worker: WorkerProcess) -> None:
    version = make_version()
    running = holder(version)
    run = limited(version)
    assert claim() is None
    end(running)
    Line.objects.update(look_at=timezone.now() - timedelta(seconds=5))
    sweeper = Sweeper()
    sweeper.turn(worker)
    assert not is_in_line(run)


# --- What is told ---------------------------------------------------------------------------------


def told_of(run: Run) -> tuple[str, int | None]:
    wait = wait_of(Run.objects.get(pk=run.pk))
    assert wait is not None
    return wait.reason, wait.place


def test_a_run_tells_its_place_whether_it_was_set_aside_or_not() -> None:
    version = make_version()
    holder(version)
    first, second = limited(version), limited(version)
    urgent = limited(version, priority=1)
    for _ in range(2):
        assert [told_of(run)[1] for run in (urgent, first, second)] == [1, 2, 3]
        assert claim() is None
    limited(version, limit_key="elsewhere")
    assert told_of(limited(version)) == ("slot", 4)


def test_who_finds_a_free_slot_waits_for_a_worker() -> None:
    first, second = make_run(turn=1), make_run(turn=1)
    urgent = make_run(turn=2, priority=1)
    assert [told_of(run) for run in (urgent, first, second)] == [
        ("worker", 1),
        ("worker", 2),
        ("worker", 3),
    ]


def test_a_run_says_where_no_worker_takes_any() -> None:
    run = make_run()

    def told() -> str:
        wait = wait_of(run)
        assert wait is not None
        return wait.told

    assert told() == "Waits for a worker, at place 1 in line; no worker is alive."
    worker = make_worker()
    assert told() == "Waits for a worker, at place 1 in line."
    ask_to_drain(worker, by=None)
    assert told() == "Waits for a worker, at place 1 in line; all workers drain or stop."


def test_a_cancelled_run_waits_for_a_worker_to_end_it() -> None:
    version = make_version()
    holder(version)
    run = limited(version, cancel_requested_at=timezone.now())
    assert told_of(run) == ("worker", None)


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.WAITING])
def test_who_is_not_pending_waits_in_no_line(status: RunStatus) -> None:
    assert wait_of(make_run(status=status)) is None


def test_the_api_tells_what_a_pending_run_waits_for() -> None:
    version = make_version()
    holder(version)
    limited(version)
    run = limited(version)
    told = ApiClient(make_user(version.workspace)).get(f"runs/{run.pk}").json()["waits_for"]
    assert told.keys() == {"reason", "since", "place", "until", "told"}
    assert (told["reason"], told["place"], told["until"]) == ("slot", 2, None)
    assert told["told"] == "Waits for the only slot, at place 2 in line."


def test_a_list_of_runs_asks_for_no_places(django_assert_max_num_queries: Any) -> None:
    version = make_version()
    holder(version)
    for _ in range(5):
        limited(version)
    client = ApiClient(make_user(version.workspace))
    with django_assert_max_num_queries(6):
        results = client.get("runs").json()["results"]
    assert not any("waits_for" in run for run in results)


def test_the_admins_page_of_a_run_tells_its_place() -> None:
    version = make_version()
    holder(version)
    run = limited(version)
    staff = ApiClient(make_user(version.workspace, is_staff=True))
    page = staff.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()
    assert "the only slot, at place 1 in line" in page


def made_long_ago(version: WorkflowVersion) -> UUID:
    """The id of a run of low priority that has waited for long."""
    run = created(version, priority=Priority.LOW)
    made = UUID(int=run.pk.int - (LOW_WAITS // timedelta(milliseconds=1) << 80))
    Run.objects.filter(pk=run.pk).update(id=made)
    return made


@pytest.mark.skipif(settings.IS_SQLITE, reason="one writer at a time: nothing is ever locked")
@pytest.mark.django_db(transaction=True)
def test_a_run_of_low_priority_that_somebody_is_at_is_left_to_them() -> None:
    version = make_version()
    locked, free = made_long_ago(version), made_long_ago(version)

    def raised() -> int:
        try:
            return raise_low()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        Run.objects.select_for_update().get(pk=locked)
        assert threads.submit(raised).result() == 1
    low = Run.objects.filter(priority=Priority.LOW)
    assert list(low.values_list("pk", flat=True)) == [locked] != [free]


def test_a_run_of_low_priority_counts_as_others_once_it_has_waited_for_long() -> None:
    version = make_version()
    made = made_long_ago(version)
    fresh = created(version, priority=Priority.LOW)
    others = [created(make_version()) for _ in range(2)]
    raise_low()
    assert [claim() for _ in range(4)] == [made, others[0].pk, others[1].pk, fresh.pk]


def test_a_run_of_low_priority_that_waited_for_long_is_the_first_of_its_line() -> None:
    version = make_version()
    running = holder(version)
    low = made_long_ago(version)
    Run.objects.filter(pk=low).update(slots=1)
    limited(version)
    assert claim() is None
    end(running)
    open_line_for_slot(version.workflow_id, "")
    assert claim() == low
