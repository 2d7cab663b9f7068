"""PostgreSQL and Redis, and the processes that the README names: web, worker, beat."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.installation import Installation
from tests.migrated import migrated_postgres
from tests.services import wait_for

pytestmark = pytest.mark.integration

WORKER = ("-m", "celery", "-A", "flowforge", "worker")
BEAT = ("-m", "celery", "-A", "flowforge", "beat")


@pytest.fixture
def cluster(tmp_path: Path, postgres_url: str, redis_url: str) -> Iterator[Installation]:
    database = migrated_postgres(postgres_url)
    with Installation(tmp_path, database, redis_url) as cluster:
        cluster.remember_access(cluster.manage("setup_demo"))
        yield cluster


def test_a_run_goes_from_the_web_process_through_a_worker(cluster: Installation) -> None:
    cluster.serve()
    cluster.start(*BEAT)
    run = cluster.hook("demo", {"action": "opened", "repository": {"full_name": "a/b"}})
    assert cluster.run(run)["status"] == "pending"
    worker = cluster.start(*WORKER)
    assert cluster.ended(run)["status"] == "completed", worker.output()


def test_a_listener_hears_events_from_another_process(cluster: Installation) -> None:
    cluster.serve()
    cluster.start(*WORKER)
    workflows = cluster.api("GET", "workflows")["results"]
    slow = next(workflow["id"] for workflow in workflows if "one by one" in workflow["name"])
    run = cluster.api("POST", f"workflows/{slow}/runs", {})["id"]
    events = list(cluster.events(run))
    assert [seq for seq, _ in events] == list(range(1, len(events) + 1))
    assert events[-1][1] == "run_finished"


def test_readyz_looks_at_database_broker_and_workers(cluster: Installation) -> None:
    cluster.serve()
    answer = httpx.get(f"{cluster.url}/readyz")
    assert answer.status_code == 503
    told = {name for name, told in answer.json().items() if told != "ok"}
    assert told == {"status", "workers", "beat"}
    cluster.start(*WORKER)
    wait_for(lambda: httpx.get(f"{cluster.url}/readyz").status_code == 200, seconds=30)


def test_a_worker_that_is_told_to_stop_ends_by_itself(cluster: Installation) -> None:
    worker = cluster.start(*WORKER)
    wait_for(lambda: "This worker is ready." in worker.output(), seconds=60)
    assert worker.end() == 0
