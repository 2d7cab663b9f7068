"""A worker that is asked to stop ends its own process, in order; a server's worker does not."""

import signal
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.runs import drain as drain_module
from apps.runs import worker as worker_module
from apps.runs.ask_drain import ask_to_drain, undo_drain
from apps.runs.ask_stop import ask_to_stop
from apps.runs.control import Heart, heartbeat
from apps.runs.drain import RequestedStop
from apps.runs.models import DEFAULT_QUEUE, Run, Worker
from apps.runs.states import RunStatus, WorkerState
from apps.runs.walk import new_branches
from apps.runs.worker import WorkerProcess, this_worker
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient
from tests.factories import make_api_key, make_run, make_user
from tests.runs.work import make_worker

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def superuser(db: None) -> ApiClient:
    return ApiClient(make_user(is_staff=True, is_superuser=True))


# --- The process --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_ends_its_process_once_and_claims_nothing_more(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(drain_module.signal, "pthread_kill", lambda to, what: sent.append(what))
    make_run()
    stop = RequestedStop()
    heartbeat(worker, {})
    stop.follow(worker)
    assert sent == []
    ask_to_stop(Worker.objects.get(pk=worker.id), by=None)
    for _ in range(2):
        heartbeat(worker, {})
        stop.follow(worker)
    assert sent == [signal.SIGTERM]
    with worker.claiming(DEFAULT_QUEUE, new_branches) as held:
        assert not held


@pytest.mark.django_db(transaction=True)
def test_the_thread_that_looks_for_it_can_be_waited_for(worker: WorkerProcess) -> None:
    heart = Heart()
    heart.stopping.set()  # after one turn
    heart.start()
    heart.join(timeout=30)
    assert not heart.is_alive()


def test_a_server_notes_at_its_start_that_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_process", None)
    server = this_worker(is_server=True)
    assert Worker.objects.get(pk=server.id).is_server
    Worker.objects.all().delete()
    server.register_anew(server.id)
    assert Worker.objects.get(pk=server.id).is_server


# --- Who asks -----------------------------------------------------------------------------------


def test_asking_twice_is_asking_once_and_audited_once() -> None:
    worker = make_worker()
    ask_to_stop(worker, by=None)
    worker.refresh_from_db()
    asked_at = worker.stop_requested_at
    ask_to_stop(worker, by=None)
    worker.refresh_from_db()
    assert (worker.state, worker.stop_requested_at) == (WorkerState.STOPPING, asked_at)
    [entry] = AuditEntry.objects.filter(object_id=worker.pk)
    assert entry.action == "worker.stop"
    assert list(entry.detail["changes"]) == ["stop_requested_at"]


def refusal(deed: Any, worker: Worker) -> str:
    with pytest.raises(ConflictError) as refused:
        deed(worker, by=None)
    return refused.value.code


def test_the_worker_of_a_server_is_not_stopped() -> None:
    worker = make_worker()
    Worker.objects.update(is_server=True)
    assert refusal(ask_to_stop, worker) == "worker_is_server"
    worker.refresh_from_db()
    assert worker.stop_requested_at is None


def test_a_worker_that_has_ended_or_is_silent_is_not_stopped() -> None:
    worker = make_worker()
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    assert refusal(ask_to_stop, worker) == "worker_silent"
    Worker.objects.all().delete()
    assert refusal(ask_to_stop, worker) == "worker_gone"


def test_a_worker_that_stops_is_neither_drained_nor_has_it_work_again() -> None:
    worker = make_worker()
    ask_to_stop(worker, by=None)
    for deed in (ask_to_drain, undo_drain):
        assert refusal(deed, worker) == "worker_stopping"


def asked_long_ago(settings: Any, ago_s: float) -> Worker:
    settings.DRAIN_S = 8
    worker = make_worker()
    Worker.objects.update(stop_requested_at=timezone.now() - timedelta(seconds=ago_s))
    worker.refresh_from_db()
    return worker


def test_a_worker_that_lives_on_after_it_should_have_ended_is_stuck(
    settings: Any, superuser: ApiClient
) -> None:
    assert asked_long_ago(settings, 37).state == WorkerState.STOPPING
    worker = asked_long_ago(settings, 39)
    assert worker.state == WorkerState.STUCK
    for page in ("changelist", "change"):
        args = [worker.pk] if page == "change" else []
        path = reverse(f"admin:runs_worker_{page}", args=args)
        assert "end its process on its host" in superuser.get(path).content.decode()
    assert superuser.post(f"workers/{worker.pk}/stop").json()["state"] == "stuck"


def test_a_worker_that_died_while_it_stopped_is_silent(settings: Any) -> None:
    worker = asked_long_ago(settings, 39)
    Worker.objects.filter(pk=worker.pk).update(seen_at=timezone.now() - timedelta(minutes=1))
    worker.refresh_from_db()
    assert worker.state == WorkerState.SILENT


def test_the_command_waits_for_no_worker_that_is_stuck(settings: Any) -> None:
    worker = asked_long_ago(settings, 39)
    with pytest.raises(CommandError, match="does not stop"):
        run_command(str(worker.pk), "--stop", "--wait")


def run_command(*args: str) -> str:
    said = StringIO()
    call_command("drain", *args, stdout=said, stderr=said)
    return said.getvalue()


def test_the_command_stops_and_waits_until_they_have_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = make_worker()
    make_run(status=RunStatus.RUNNING, worker=worker)

    def meanwhile(seconds: float) -> None:
        Run.objects.update(status=RunStatus.PENDING, worker=None)
        Worker.objects.all().delete()

    monkeypatch.setattr("apps.runs.management.commands.drain.time.sleep", meanwhile)
    assert "stopping, holds 1" in run_command("--all", "--stop", "--wait")


def test_the_command_says_which_worker_it_does_not_stop() -> None:
    server, other = make_worker(), make_worker()
    Worker.objects.filter(pk=server.pk).update(is_server=True)
    with pytest.raises(CommandError, match="Not all"):
        run_command("--all", "--stop")
    other.refresh_from_db()
    assert other.state == WorkerState.STOPPING
    with pytest.raises(CommandError, match="cannot be undone"):
        run_command("--all", "--stop", "--undo")


# --- Where it is asked and shown ----------------------------------------------------------------


def test_superusers_stop_a_worker_over_the_api(superuser: ApiClient) -> None:
    worker = make_worker()
    run = make_run(status=RunStatus.RUNNING, worker=worker)
    for client in (
        ApiClient(make_user(run.workspace, "admin")),
        ApiClient(make_api_key(run.workspace)[1]),
    ):
        assert client.post(f"workers/{worker.pk}/stop").status_code == 403
    answer = superuser.post(f"workers/{worker.pk}/stop")
    told = answer.json()
    assert (answer.status_code, told["state"], told["runs"]) == (202, "stopping", [str(run.pk)])
    assert told["stop_requested_at"]
    assert AuditEntry.objects.get(action="worker.stop").user


def test_the_api_says_why_it_stops_no_server(superuser: ApiClient) -> None:
    worker = make_worker()
    Worker.objects.update(is_server=True)
    answer = superuser.post(f"workers/{worker.pk}/stop")
    assert answer.status_code == 409
    assert "one-process server" in answer.json()["detail"]
    Worker.objects.all().delete()
    assert superuser.post(f"workers/{worker.pk}/stop").status_code == 404


def test_a_worker_is_stopped_on_its_page_after_what_it_holds_is_shown(
    superuser: ApiClient,
) -> None:
    worker = make_worker()
    run = make_run(status=RunStatus.RUNNING, worker=worker)
    page = reverse("admin:runs_worker_stop", args=[worker.pk])
    for headers in ({}, {"HX-Request": "true"}):
        asked = superuser.get(page, headers=headers).content.decode()
        assert reverse("admin:runs_run_change", args=[run.pk]) in asked
        assert "hands its runs to others" in asked
    superuser.post(page, b"_form_submitted=on", content_type=FORM)
    worker.refresh_from_db()
    assert worker.state == WorkerState.STOPPING
    own = superuser.get(reverse("admin:runs_worker_change", args=[worker.pk])).content.decode()
    assert "since" in own
    assert page not in own


def test_workers_are_stopped_from_the_list_after_a_page_that_asks(superuser: ApiClient) -> None:
    worker = make_worker()
    run = make_run(status=RunStatus.RUNNING, worker=worker)
    chosen = f"action=stop_all&_selected_action={worker.pk}".encode()
    changelist = reverse("admin:runs_worker_changelist")
    asked = superuser.post(changelist, chosen, content_type=FORM).content.decode()
    assert "Stop these workers?</h1>" in asked
    assert reverse("admin:runs_run_change", args=[run.pk]) in asked
    worker.refresh_from_db()
    assert worker.state == WorkerState.WORKING
    superuser.post(changelist, chosen + b"&is_sure=yes", content_type=FORM)
    worker.refresh_from_db()
    assert worker.state == WorkerState.STOPPING


def test_no_stop_is_offered_on_the_page_of_a_servers_worker(superuser: ApiClient) -> None:
    worker = make_worker()
    page = reverse("admin:runs_worker_change", args=[worker.pk])
    stop = reverse("admin:runs_worker_stop", args=[worker.pk])
    assert stop in superuser.get(page).content.decode()
    Worker.objects.update(is_server=True)
    assert stop not in superuser.get(page).content.decode()


def test_workers_that_stop_make_nothing_ready() -> None:
    worker = make_worker()
    ask_to_stop(worker, by=None)
    answer = Client().get("/readyz")
    assert answer.json()["workers"] == "all workers that are alive are drained, or stop"
