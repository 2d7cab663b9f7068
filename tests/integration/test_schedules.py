"""Schedules in real processes: with and without beat, and with a beat that is killed."""

import json
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from aiosmtpd.controller import Controller
from redis import Redis

from tests.graphs import graph, node
from tests.installation import TLS, Installation
from tests.migrated import migrated_postgres, migrated_sqlite
from tests.nodes.smtp import Keeper
from tests.services import free_port, wait_for

pytestmark = pytest.mark.integration

CELERY = ("-m", "celery", "-A", "flowforge")
EACH_SECOND = {"cron": "* * * * * *", "missed": "all", "missed_most": 1_000}


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, migrated_sqlite(tmp_path)) as installation:
        yield installation


@pytest.fixture
def cluster(tmp_path: Path, postgres_url: str, redis_url: str) -> Iterator[Installation]:
    database = migrated_postgres(postgres_url)
    with Installation(tmp_path, database, redis_url) as cluster:
        cluster.remember_access(cluster.manage("setup_demo"))
        yield cluster


def scheduled(installation: Installation) -> str:
    """A schedule that fires each second from now on."""
    nodes = [node("tick", "schedule", params=EACH_SECOND), node("end", "no_operation")]
    installation.workflow(graph(nodes, ["tick -> end"]), "Each second")
    schedules = installation.api("GET", "schedules")["results"]
    return next(row["id"] for row in schedules if row["workflow_name"] == "Each second")


def fires(installation: Installation, schedule: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = installation.api(
        "GET", f"schedules/{schedule}/fires?ordering=slot&limit=200"
    )["results"]
    return found


def wait_for_fires(installation: Installation, schedule: str, count: int) -> None:
    wait_for(lambda: len(fires(installation, schedule)) >= count, seconds=100)


def assert_each_second_once(installation: Installation, schedule: str) -> None:
    """No second between the first fire and the last is left out, and none has two runs."""
    installation.api("PATCH", f"schedules/{schedule}", {"paused": True})
    found = fires(installation, schedule)
    slots = [datetime.fromisoformat(fire["slot"]) for fire in found]
    assert slots == [slots[0] + timedelta(seconds=number) for number in range(len(slots))]
    assert {fire["outcome"] for fire in found} == {"fired"}
    runs = installation.api("GET", "runs?trigger=schedule&limit=200")["results"]
    assert sorted(fire["run"] for fire in found) == sorted(run["id"] for run in runs)


def test_the_one_process_server_fires(on_sqlite: Installation) -> None:
    on_sqlite.serve()
    schedule = scheduled(on_sqlite)
    wait_for_fires(on_sqlite, schedule, 5)
    assert_each_second_once(on_sqlite, schedule)
    run = fires(on_sqlite, schedule)[0]["run"]
    assert on_sqlite.ended(run)["status"] == "completed"


def test_where_runs_wait_for_each_other_one_that_is_suspended_is_waited_for(
    on_sqlite: Installation,
) -> None:
    on_sqlite.serve()
    nodes = [
        node("tick", "schedule", params={"cron": "* * * * * *", "overlap": "queue"}),
        node("rest", "delay", params={"seconds": 2}),
    ]
    on_sqlite.workflow(graph(nodes, ["tick -> rest"]), "Each after the other")
    ended = "runs?trigger=schedule&status=completed&ordering=created_at"
    wait_for(lambda: len(on_sqlite.api("GET", ended)["results"]) >= 3, seconds=60)
    runs = on_sqlite.api("GET", ended)["results"]
    for before, after in pairwise(runs):
        assert before["finished_at"] <= after["created_at"]
    [schedule] = on_sqlite.api("GET", "schedules")["results"]
    told = [fire["outcome"] for fire in fires(on_sqlite, schedule["id"])]
    assert told == sorted(told)  # fired, then queued
    assert "queued" in told


def test_a_worker_fires_where_there_is_no_beat(cluster: Installation) -> None:
    cluster.serve()
    cluster.start(*CELERY, "worker")
    schedule = scheduled(cluster)
    wait_for_fires(cluster, schedule, 5)
    assert_each_second_once(cluster, schedule)


def test_two_beats_of_which_one_is_killed_fire_each_slot_once(cluster: Installation) -> None:
    cluster.serve()
    workers = [cluster.start(*CELERY, "worker", "--hostname", name) for name in ("one", "two")]
    beats = [cluster.start(*CELERY, "beat") for _ in range(2)]
    schedule = scheduled(cluster)
    wait_for_fires(cluster, schedule, 5)
    assert [beat.popen.poll() for beat in beats] == [None, None]
    beats[0].end(signal.SIGKILL)
    workers[0].end(signal.SIGKILL)
    wait_for_fires(cluster, schedule, len(fires(cluster, schedule)) + 5)
    assert beats[1].popen.poll() is None
    assert_each_second_once(cluster, schedule)


@pytest.fixture
def post() -> Iterator[Controller]:
    """A mail server on loopback, with a thread of its own, that keeps what it takes."""
    server = Controller(Keeper(), hostname="127.0.0.1", port=free_port())
    server.start()
    yield server
    server.stop()


def test_web_processes_without_workers_tell_operators_once(
    cluster: Installation, post: Controller
) -> None:
    cluster.environment |= {
        "EMAIL_URL": f"smtp://127.0.0.1:{post.port}",
        "ALERT_EMAILS": "ops@example.org",
    }
    cluster.serve()
    cluster.start("-m", "flowforge.serve", PORT=str(free_port()))
    scheduled(cluster)
    with psycopg.connect(cluster.environment["DATABASE_URL"]) as database:
        database.execute(
            "UPDATE schedules SET due_at = now() - interval '14 minutes',"
            " next_run_at = now() - interval '14 minutes' WHERE is_live"
        )

    def told() -> list[str]:
        # A long one begins on a line of its own, with a space.
        return [taken.message["Subject"].strip() for taken in post.handler.taken]

    wait_for(told, seconds=60)
    cluster.start(*CELERY, "worker")
    wait_for(lambda: len(told()) > 1, seconds=60)
    its = "[FlowForge] the schedule of “Each second”"
    assert told() == [f"{its} is late", f"{its} goes on"]
    assert ": 14 min" in post.handler.taken[1].message.get_content()


def administer(installation: Installation, task: str, action: str) -> None:
    """Choose a task of beat in the admin, and an action for it, as an operator does."""
    with httpx.Client(base_url=installation.url, verify=TLS, timeout=30) as browser:
        browser.get("/admin/login/")
        login = {"username": installation.email, "password": installation.password}
        page = "/admin/django_celery_beat/periodictask/"
        for path, form in (
            ("/admin/login/", login),
            (page, {"action": action, "_selected_action": task}),
        ):
            token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            answer = browser.post(
                path, data={**form, **token}, headers={"Referer": installation.url}
            )
            assert answer.status_code == 302, answer.text


def senders(redis: Redis) -> set[str]:
    """Who has sent ticks, which no worker has taken."""
    sent = [json.loads(message)["headers"] for message in redis.lrange("flowforge", 0, -1)]
    return {each["origin"] for each in sent if each["task"] == "triggers.tick"}


def test_beats_that_run_do_what_the_admin_says_of_the_tick(cluster: Installation) -> None:
    cluster.serve()
    with psycopg.connect(cluster.environment["DATABASE_URL"]) as database:
        by_task = "SELECT id FROM django_celery_beat_periodictask WHERE task = 'triggers.tick'"
        [[tick]] = database.execute(by_task).fetchall()
    administer(cluster, str(tick), "switch_off")
    redis = Redis.from_url(cluster.environment["REDIS_URL"])
    before = senders(redis)
    beats = [cluster.start(*CELERY, "beat", LOG_LEVEL="DEBUG") for _ in range(2)]
    for beat in beats:
        wait_for(lambda beat=beat: "DatabaseScheduler: initial read" in beat.output(), 60)
    assert senders(redis) == before
    administer(cluster, str(tick), "switch_on")
    wait_for(lambda: len(senders(redis) - before) == 2, 60)
