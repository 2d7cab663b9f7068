"""What the status board tells superusers of the installation: workers, beat, database, broker."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from apps.operations.board import figures
from apps.operations.board.figures import Figure, figures_of
from apps.runs.ask_drain import ask_to_drain
from apps.runs.models import Worker
from apps.runs.periodic import register_periodic_tasks
from tests.runs.work import make_worker
from tests.services import MissingBinaryError, Redis, free_port, leave_out
from tests.staff import superuser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    cache.clear()


@pytest.fixture
def server() -> Iterator[Redis]:
    try:
        redis = Redis()
    except MissingBinaryError as missing:
        leave_out(str(missing))
    yield redis.start()
    redis.remove()


@pytest.fixture
def deaf() -> Iterator[str]:
    """The address of a server that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def told() -> dict[str, Figure]:
    return {each.title: each for each in figures_of([], of_installation=True)}


def silent_worker() -> Worker:
    worker = make_worker()
    Worker.objects.filter(pk=worker.pk).update(seen_at=timezone.now() - timedelta(minutes=5))
    return worker


def test_workers_that_beat_are_counted_and_dead_ones_only_named() -> None:
    make_worker()
    make_worker()
    silent_worker()
    workers = told()["Workers alive"]
    assert (workers.value, workers.note) == ("2", "2 working, 1 silent")
    assert not workers.is_bad
    assert workers.link == "/admin/runs/worker/"


def test_that_no_worker_lives_is_bad() -> None:
    assert told()["Workers alive"].is_bad
    silent_worker()
    workers = told()["Workers alive"]
    assert (workers.value, workers.note, workers.is_bad) == ("0", "1 silent", True)


def test_that_all_that_live_are_drained_is_bad_for_nobody_takes_runs() -> None:
    worker = make_worker()
    ask_to_drain(worker, by=None)
    workers = told()["Workers alive"]
    assert (workers.value, workers.note, workers.is_bad) == ("1", "1 draining", True)


def test_beat_that_never_ticked_is_said_and_bad() -> None:
    register_periodic_tasks()
    PeriodicTask.objects.update(last_run_at=None)
    beat = told()["Last tick of beat"]
    assert (beat.value, beat.is_bad) == ("never", True)
    assert "nothing is cleaned up" in beat.note


def test_how_long_the_database_takes_is_told_and_bad_where_it_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for slow_ms, is_bad in ((float("inf"), False), (0.0, True)):
        monkeypatch.setattr(figures, "SLOW_MS", slow_ms)
        database = told()["Database answers in"]
        assert database.value.endswith(" ms")
        assert database.is_bad == is_bad


def test_how_long_the_broker_takes_is_told_and_bad_where_it_is_slow(
    server: Redis, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BROKER_REDIS_URL = server.url
    for slow_ms, is_bad in ((float("inf"), False), (0.0, True)):
        monkeypatch.setattr(figures, "SLOW_MS", slow_ms)
        broker = told()["Redis answers in"]
        assert broker.value.endswith(" ms")
        assert broker.is_bad == is_bad


def test_without_a_broker_none_is_told(settings: Any) -> None:
    settings.BROKER_REDIS_URL = ""
    assert not [title for title in told() if title.startswith("Redis")]


def test_a_broker_that_is_away_is_said(settings: Any) -> None:
    settings.BROKER_REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    broker = told()["Redis"]
    assert (broker.value, broker.is_bad) == ("does not answer", True)


def test_a_broker_that_takes_connections_and_says_nothing_is_not_waited_for(
    settings: Any, deaf: str
) -> None:
    settings.BROKER_REDIS_URL = deaf
    settings.REDIS_PATIENCE = {"socket_timeout": 0.05, "socket_connect_timeout": 0.05}
    assert told()["Redis"].value == "does not answer"


def test_the_board_is_shown_where_the_redis_that_keeps_its_figures_is_away(settings: Any) -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    settings.BROKER_REDIS_URL = away
    settings.CACHES = {"default": {"BACKEND": "flowforge.redis_cache.RedisCache", "LOCATION": away}}
    for path in ("/admin/", "/admin/board/"):
        page = superuser().get(path)
        assert page.status_code == 200
        assert "does not answer" in page.content.decode()
