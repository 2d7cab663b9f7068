from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils.timezone import now
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from apps.operations import health
from apps.operations.board.beat import last_tick
from apps.operations.health import beat_fault
from apps.runs.models import Worker
from apps.runs.periodic import register_periodic_tasks
from apps.triggers.periodic import TICK
from tests.factories import make_schedule
from tests.services import free_port


def beat_sent(ago: timedelta) -> None:
    """The task of the tick, each second, as beat wrote it down last."""
    register_periodic_tasks()
    PeriodicTask.objects.filter(task=TICK.task).update(last_run_at=now() - ago)


@pytest.fixture
def worker(db: None) -> Worker:
    beat_sent(timedelta(seconds=2))
    return Worker.objects.create(host="here", pid=1, boot="", process_started="")


def test_healthz_asks_nobody_else() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.usefixtures("worker")
def test_readyz_is_ok_when_all_parts_answer() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    parts = ("status", "database", "broker", "workers", "schedules", "beat")
    assert answer.json() == dict.fromkeys(parts, "ok")


@pytest.mark.usefixtures("worker")
def test_readyz_names_the_part_that_does_not_answer(settings: Settings) -> None:
    settings.BROKER_REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["broker"] == "Redis does not answer"
    assert answer.json()["workers"] == "ok"


def test_readyz_survives_a_database_that_is_away() -> None:
    with patch.object(connection, "cursor", side_effect=DatabaseError) as asked:
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    parts = [answer.json()[part] for part in ("database", "workers", "schedules")]
    assert parts == ["the database does not answer"] * 3
    assert asked.call_count == 1, "each vain question takes seconds"


@pytest.mark.parametrize(("silent_s", "status"), [(5, 200), (15, 503)])
def test_readyz_asks_for_a_worker_that_was_seen_lately(
    worker: Worker, silent_s: int, status: int, settings: Settings
) -> None:
    settings.SILENT_AFTER_S = 10.0
    Worker.objects.update(seen_at=now() - timedelta(seconds=silent_s))
    answer = Client().get("/readyz")
    assert answer.status_code == status
    if status == 503:
        assert answer.json()["workers"] == "no worker was seen for 10 s"


@pytest.mark.usefixtures("worker")
def test_readyz_is_not_ready_while_schedules_that_should_have_fired_did_not() -> None:
    make_schedule(due_at=now() - timedelta(seconds=30))
    assert Client().get("/readyz").json()["schedules"] == "ok"
    make_schedule(due_at=now() - timedelta(seconds=90))
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["schedules"] == "1 of them should have fired over a minute ago"


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "fields", [{"is_live": False}, {"paused_at": now()}, {"error": "No cron."}]
)
def test_a_schedule_that_cannot_fire_by_itself_makes_nothing_unready(
    fields: dict[str, Any],
) -> None:
    make_schedule(due_at=now() - timedelta(days=1), **fields)
    assert Client().get("/readyz").status_code == 200


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("seconds", "is_late"), [(65, False), (75, True)])
def test_readyz_tells_that_beat_is_silent_but_runs_go_on_without_it(
    seconds: int, is_late: bool
) -> None:
    beat_sent(timedelta(seconds=seconds))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["beat"].startswith("it has not ticked since" if is_late else "ok")


@pytest.mark.usefixtures("worker")
def test_beat_is_awaited_no_more_often_than_its_tasks_are_due() -> None:
    beat_sent(timedelta(minutes=50))
    PeriodicTask.objects.filter(task=TICK.task).update(enabled=False)
    assert last_tick().is_late, "it never sent the others"
    PeriodicTask.objects.filter(enabled=True).update(last_run_at=now() - timedelta(minutes=50))
    assert not last_tick().is_late
    PeriodicTask.objects.filter(enabled=True).update(last_run_at=now() - timedelta(minutes=65))
    assert last_tick().is_late


@pytest.mark.usefixtures("worker")
def test_who_finds_beat_silent_is_told_what_to_do(settings: Settings) -> None:
    PeriodicTask.objects.update(last_run_at=None)
    told = "nothing is cleaned up, and only workers fire schedules"
    assert beat_fault() == f"it has never ticked: restart FlowForge; until then {told}"
    settings.REDIS_URL = "redis://localhost"
    assert "start celery -A flowforge beat" in beat_fault()


@pytest.mark.django_db
def test_readyz_is_not_ready_where_no_worker_ever_was() -> None:
    assert Client().get("/readyz").status_code == 503


@pytest.mark.usefixtures("worker")
def test_readyz_asks_what_its_own_process_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health.OWN_PARTS, "threads", lambda: "beat has ended")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["threads"] == "beat has ended"
