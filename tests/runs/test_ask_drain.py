"""A worker that is asked to drain hands back its runs and claims none until that is undone."""

import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.runs import drain as drain_module
from apps.runs.ask_drain import ask_to_drain, undo_drain
from apps.runs.control import heartbeat
from apps.runs.drain import RequestedDrain, drain_as_asked
from apps.runs.management.commands import drain as drain_command
from apps.runs.models import DEFAULT_QUEUE, Run, Worker
from apps.runs.states import RunStatus, StepStatus, WorkerState
from apps.runs.walk import new_branches
from apps.runs.worker import WorkerProcess
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry
from flowforge.celery import app, take_wake_ups
from tests.clients import ApiClient
from tests.factories import make_api_key, make_run, make_step, make_user
from tests.runs.work import make_worker

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def row(worker: WorkerProcess) -> Worker:
    """The row of this process's worker."""
    return Worker.objects.get(pk=worker.id)


@pytest.fixture
def superuser(db: None) -> ApiClient:
    return ApiClient(make_user(is_staff=True, is_superuser=True))


def claims(worker: WorkerProcess) -> bool:
    with worker.claiming(DEFAULT_QUEUE, new_branches) as held:
        return bool(held)


# --- The process --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_worker_says_what_it_is(row: Worker) -> None:
    assert (row.version, row.threads, row.queues) == (
        settings.VERSION,
        settings.WORKER_THREADS,
        "flowforge",
    )
    assert row.state == WorkerState.WORKING


@pytest.mark.django_db(transaction=True)
def test_it_claims_nothing_from_its_next_heartbeat_on(worker: WorkerProcess, row: Worker) -> None:
    make_run()
    ask_to_drain(row, by=None)
    heartbeat(worker, {})
    assert not claims(worker)
    undo_drain(row, by=None)
    heartbeat(worker, {})
    assert claims(worker)


@pytest.mark.django_db(transaction=True)
def test_what_it_holds_is_handed_back_and_it_is_drained(
    worker: WorkerProcess, row: Worker, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DRAIN_S = 0
    monkeypatch.setattr(drain_module, "LET_GO_S", 0)
    run = make_run()
    with worker.claiming(DEFAULT_QUEUE, new_branches):
        ask_to_drain(row, by=None)
        heartbeat(worker, {})
        row.refresh_from_db()
        assert row.state == WorkerState.DRAINING
        assert row.drain_requested_at
        drain_as_asked(worker, row.pk, row.drain_requested_at)
    run.refresh_from_db()
    assert (run.status, run.crashes) == (RunStatus.PENDING, 0)
    row.refresh_from_db()
    assert row.state == WorkerState.DRAINED


@pytest.mark.django_db(transaction=True)
def test_a_drain_that_is_undone_meanwhile_hands_nothing_back(
    worker: WorkerProcess, row: Worker, settings: LazySettings
) -> None:
    settings.DRAIN_S = 60
    run = make_run()
    with worker.claiming(DEFAULT_QUEUE, new_branches):
        ask_to_drain(row, by=None)
        heartbeat(worker, {})
        asked_at = worker.drain_asked_at
        assert asked_at
        draining = threading.Thread(target=drain_as_asked, args=(worker, row.pk, asked_at))
        draining.start()
        undo_drain(row, by=None)
        heartbeat(worker, {})
        draining.join(timeout=30)
        assert not draining.is_alive()
        run.refresh_from_db()
        assert run.status == RunStatus.RUNNING
    row.refresh_from_db()
    assert row.state == WorkerState.WORKING


@pytest.mark.django_db(transaction=True)
def test_a_drain_that_is_undone_as_it_lets_go_leaves_no_later_run(
    worker: WorkerProcess, row: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_to_drain(row, by=None)
    heartbeat(worker, {})
    asked_at, leave_runs = worker.drain_asked_at, worker.leave_runs
    assert asked_at

    def undone_just_now(*given: Any) -> None:
        undo_drain(row, by=None)
        heartbeat(worker, {})
        leave_runs(*given)

    monkeypatch.setattr(worker, "leave_runs", undone_just_now)
    drain_as_asked(worker, row.pk, asked_at)
    make_run()
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
        assert held.branches.receive(0) is None


@pytest.mark.django_db
def test_who_was_taken_for_dead_meanwhile_stays_drained(worker: WorkerProcess, row: Worker) -> None:
    ask_to_drain(row, by=None)
    heartbeat(worker, {})
    Worker.objects.filter(pk=row.pk).delete()
    heartbeat(worker, {})
    assert worker.id != row.pk
    assert Worker.objects.get(pk=worker.id).drain_requested_at == worker.drain_asked_at


@pytest.mark.django_db
def test_a_drain_begins_once_and_work_is_taken_up_again(
    worker: WorkerProcess, row: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Any] = []
    begun: list[Any] = []
    monkeypatch.setattr(drain_module, "listeners", [done.append])
    monkeypatch.setattr(drain_module, "wake_pending", lambda: done.append("woken"))
    monkeypatch.setattr(drain_module, "drain_as_asked", lambda *asked: begun.append(asked))
    drains = RequestedDrain()
    for deed in (None, ask_to_drain, None, undo_drain, None):
        if deed:
            deed(row, by=None)
        heartbeat(worker, {})
        drains.follow(worker)
    assert done == [False, True, "woken"]
    assert [asked[:2] for asked in begun] == [(worker, row.pk)]


def test_wake_ups_are_left_to_others_in_the_loop_of_the_consumer() -> None:
    soon: list[Callable[[], None]] = []
    done: list[tuple[str, str]] = []

    class Consumer:
        call_soon = soon.append

        def add_task_queue(self, queue: str) -> None:
            done.append(("add", queue))

        def cancel_task_queue(self, queue: str) -> None:
            done.append(("cancel", queue))
            raise ConnectionError

    for takes in (False, True):
        take_wake_ups(Consumer(), takes)
    assert done == []
    for change in soon:
        change()
    assert done == [("cancel", app.conf.task_default_queue), ("add", app.conf.task_default_queue)]


# --- Who asks -----------------------------------------------------------------------------------


def test_asking_twice_is_asking_once_and_audited_once() -> None:
    worker = make_worker()
    for _ in range(2):
        ask_to_drain(worker, by=None)
    for _ in range(2):
        undo_drain(worker, by=None)
    told = AuditEntry.objects.order_by("id").values_list("action", "object_id")
    assert list(told) == [("worker.drain", worker.pk), ("worker.undo_drain", worker.pk)]


def test_a_worker_that_has_ended_is_asked_nothing() -> None:
    worker = make_worker()
    Worker.objects.all().delete()
    with pytest.raises(ConflictError):
        ask_to_drain(worker, by=None)


def run_command(*args: str) -> str:
    said = StringIO()
    call_command("drain", *args, stdout=said)
    return said.getvalue()


def test_the_command_drains_by_id_by_host_and_all() -> None:
    first, second, other = make_worker(), make_worker(), make_worker()
    Worker.objects.filter(pk=other.pk).update(host="other", pid=7)

    def asked() -> set[Worker]:
        return set(Worker.objects.filter(drain_requested_at__isnull=False))

    assert f"{first.pk}  draining, holds 0" in run_command(str(first.pk))
    assert asked() == {first}
    run_command("--host", "elsewhere")
    assert asked() == {first, second}
    run_command("other:7")
    assert asked() == {first, second, other}
    assert "working" in run_command("--all", "--undo")
    assert asked() == set()
    assert run_command().count("working") == 3


@pytest.mark.parametrize(
    "args",
    [
        ("nobody",),
        ("nowhere:1",),
        ("--host", "nowhere"),
        ("--all", "--host", "x"),
        ("--all",),
        ("--wait",),
        ("--undo",),
    ],
)
def test_the_command_refuses_what_it_cannot_find(args: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run_command(*args)


def test_the_command_waits_until_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = make_worker()
    make_run(status=RunStatus.RUNNING, worker=worker)

    def meanwhile(seconds: float) -> None:
        Run.objects.update(status=RunStatus.PENDING, worker=None)
        Worker.objects.update(drained_at=timezone.now())

    monkeypatch.setattr(drain_command.time, "sleep", meanwhile)
    said = run_command("--all", "--wait")
    assert [line.partition("  ")[2].partition("  ")[2] for line in said.splitlines()] == [
        "draining, holds 1",
        "drained, holds 0",
    ]


def test_the_command_waits_for_no_silent_worker() -> None:
    make_worker()
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(CommandError, match="silent"):
        run_command("--all", "--wait")


# --- Where it is shown --------------------------------------------------------------------------


def test_the_page_of_a_worker_shows_what_it_holds(superuser: ApiClient) -> None:
    worker = make_worker()
    run = make_run(status=RunStatus.RUNNING, worker=worker)
    step = make_step(run, "charge")
    make_step(run, "start", status=StepStatus.COMPLETED, seq_finished=2)
    page = superuser.get(reverse("admin:runs_worker_change", args=[worker.pk])).content.decode()
    assert reverse("admin:runs_run_change", args=[run.pk]) in page
    assert reverse("admin:runs_steprun_change", args=[step.pk]) in page
    assert ">charge</a>" in page
    assert ">start</a>" not in page


def test_superusers_drain_workers_in_the_admin(superuser: ApiClient) -> None:
    worker, other = make_worker(), make_worker()
    chosen = f"action=drain_all&_selected_action={other.pk}".encode()
    superuser.post(reverse("admin:runs_worker_changelist"), chosen, content_type=FORM)
    for action, state in (("drain", WorkerState.DRAINING), ("undo", WorkerState.WORKING)):
        page = reverse(f"admin:runs_worker_{action}", args=[worker.pk])
        assert superuser.get(page).status_code == 200
        superuser.post(page, b"_form_submitted=on", content_type=FORM)
        worker.refresh_from_db()
        assert worker.state == state
    other.refresh_from_db()
    assert other.state == WorkerState.DRAINING
    entry = AuditEntry.objects.filter(action="worker.drain").order_by("id").last()
    assert entry
    assert entry.user


def test_the_api_lists_workers_for_superusers_alone(superuser: ApiClient) -> None:
    worker = make_worker()
    run = make_run(status=RunStatus.RUNNING, worker=worker)
    [told] = superuser.get("workers").json()["results"]
    assert (told["id"], told["state"], told["runs"]) == (str(worker.pk), "working", [str(run.pk)])
    admin = make_user(run.workspace, "admin")
    for client in (ApiClient(admin), ApiClient(make_api_key(run.workspace)[1])):
        assert client.get("workers").status_code == 403
    assert ApiClient().get("workers").status_code == 401


def test_drained_workers_alone_make_nothing_ready() -> None:
    worker = make_worker()
    ask_to_drain(worker, by=None)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["workers"] == "all workers that are alive are drained, or stop"
    make_worker()
    assert Client().get("/readyz").status_code == 200
