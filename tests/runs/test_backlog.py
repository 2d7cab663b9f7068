"""What waits, and why: as the admin tells it above the list of workers."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.runs import backlog as module
from apps.runs.ask_drain import ask_to_drain
from apps.runs.backlog import backlog
from apps.runs.holds import hold
from apps.runs.line import set_aside
from apps.runs.models import DEFAULT_QUEUE, Worker
from apps.runs.states import RunStatus
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version
from tests.runs.work import make_worker

pytestmark = pytest.mark.django_db
WORKERS = "/admin/runs/worker/"


def shown(client: ApiClient) -> str:
    answer = client.get(WORKERS)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def waits(client: ApiClient) -> list[tuple[str, str]]:
    """How many runs wait for what."""
    cell = r'<td class="font-semibold"[^>]*>(.*?)</td>'
    return re.findall(f"{cell} {cell}", shown(client))


def superuser() -> ApiClient:
    return ApiClient(make_user(is_staff=True, is_superuser=True))


def test_nothing_waits_at_first() -> None:
    (queue,) = backlog().queues
    assert (queue.name, queue.ready, queue.claimable, queue.oldest) == (DEFAULT_QUEUE, 0, 0, None)


def test_each_queue_has_its_depth_and_the_age_of_its_oldest_run() -> None:
    now = timezone.now()
    first = make_run(created_at=now - timedelta(hours=2))
    make_run(created_at=now - timedelta(hours=1))
    other = make_run(queue="other", created_at=now - timedelta(hours=3))
    make_run(status=RunStatus.WAITING, created_at=now - timedelta(hours=9))
    found = {queue.name: (queue.ready, queue.oldest) for queue in backlog().queues}
    assert found == {DEFAULT_QUEUE: (2, first.created_at), "other": (1, other.created_at)}


def test_the_oldest_of_a_queue_is_none_that_is_held_or_waits_in_a_line() -> None:
    now = timezone.now()
    limited = make_version()
    make_run(limited, RunStatus.RUNNING, slots=1, slot=1, limit_key="a")
    make_run(limited, slots=1, limit_key="a", created_at=now - timedelta(hours=3))
    set_aside(DEFAULT_QUEUE)
    held = make_run(created_at=now - timedelta(hours=2))
    hold(held.workflow, by=None)
    free = make_run(created_at=now - timedelta(hours=1))
    (queue,) = backlog().queues
    assert (queue.ready, queue.oldest) == (2, free.created_at)
    hold(None, "upgrade", by=None)
    assert backlog().queues[0].oldest is None


def test_runs_that_could_not_be_claimed_are_ready_and_not_claimable() -> None:
    run = make_run()
    make_run()
    hold(run.workflow, by=None)
    (queue,) = backlog().queues
    assert (queue.ready, queue.looked_at, queue.claimable) == (2, 2, 1)


def test_runs_in_lines_are_counted_by_what_they_wait_for() -> None:
    version = make_version()
    hold(make_run(version).workflow, by=None)
    limited = make_version()
    make_run(limited, RunStatus.RUNNING, slots=1, slot=1, limit_key="a")
    for _ in range(2):
        make_run(limited, slots=1, limit_key="a")
    set_aside(DEFAULT_QUEUE)
    now = backlog()
    assert now.in_lines == {"hold": 1, "slot": 2, "rate": 0}
    assert {(line.kind, line.workflow, line.key, line.count) for line in now.lines} == {
        ("hold", version.workflow_id, "", 1),
        ("slot", limited.workflow_id, "a", 2),
    }
    assert now.queues[0].ready == 0


def test_no_more_is_counted_than_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    version = make_version()
    for _ in range(5):
        make_run(version)
    assert backlog().queues[0].ready == 3


def test_who_could_take_them_is_told() -> None:
    client = superuser()
    assert "Nobody takes runs: no worker is alive." in shown(client)
    worker = make_worker()
    Worker.objects.update(threads=8)
    make_run(status=RunStatus.RUNNING, worker=worker)
    assert "1 worker takes runs of every queue: 7 of 8 threads are free." in shown(client)
    ask_to_drain(worker, by=None)
    assert "Nobody takes runs: all workers drain, are drained or stop." in shown(client)


def test_the_page_of_workers_tells_why_runs_wait() -> None:
    run = make_run()
    hold(run.workflow, by=None)
    set_aside(DEFAULT_QUEUE)
    text = shown(superuser())
    assert "that a pause or hold is lifted" in text
    assert f"/admin/workflows/workflow/{run.workflow_id}/change/" in text


def test_what_holds_runs_back_is_told_while_no_worker_puts_them_into_lines() -> None:
    client = superuser()
    assert "No run waits for its turn." in shown(client)
    ask_to_drain(make_worker(), by=None)
    version = make_version()
    make_run(version)
    hold(make_run().workflow, by=None)
    assert waits(client) == [
        ("1", "a worker: all drain, are drained or stop"),
        ("1", "that a pause or hold is lifted"),
    ]


def test_operators_of_a_workspace_are_told_nothing_of_the_installation() -> None:
    operator = make_user(make_run().workspace, "operator", is_staff=True)
    assert ApiClient(operator).get(WORKERS).status_code == 403


def test_the_page_takes_as_many_queries_however_many_runs_and_workers_there_are() -> None:
    client = superuser()

    def asked() -> int:
        shown(client)
        with CaptureQueriesContext(connection) as seen:
            shown(client)
        return len(seen.captured_queries)

    version = make_version()
    make_run(version)
    make_worker()
    few = asked()
    for _ in range(4):
        make_run(version)
        make_worker()
    assert asked() == few
    assert few <= 18
