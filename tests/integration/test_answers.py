"""Senders of hooks are answered by their runs, whichever process executes these."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from tests.graphs import graph, node
from tests.installation import Installation
from tests.migrated import migrated_postgres, migrated_sqlite
from tests.services import wait_for

pytestmark = pytest.mark.integration

TWICE = {"mode": "json", "include": "none", "json": "={{ { n: 2 * $json.body.n } }}"}
SAYS = {"answer": "json", "status": 201, "body": "={{ { n: $json.n } }}"}


@pytest.fixture(params=["one process", "cluster"])
def installation(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str, redis_url: str
) -> Iterator[Installation]:
    """FlowForge in one process, or with a worker beside the web process."""
    is_cluster = request.param == "cluster"
    database = migrated_postgres(postgres_url) if is_cluster else migrated_sqlite(tmp_path)
    with Installation(tmp_path, database, redis_url if is_cluster else "") as installation:
        if is_cluster:
            installation.remember_access(installation.manage("setup_demo"))
            installation.start("-m", "celery", "-A", "flowforge", "worker")
        installation.serve()
        yield installation


def ask(installation: Installation, path: str, number: int) -> httpx.Response:
    url = f"{installation.url}/hooks/{path}"
    return httpx.post(url, json={"n": number}, timeout=60)


def test_many_senders_at_once_get_each_its_own_answer(installation: Installation) -> None:
    for path, respond, says in (
        ("last", "last_node", node("say", "no_operation")),
        ("says", "respond_node", node("say", "respond_to_webhook", params=SAYS)),
    ):
        hook = node("in", "webhook", params={"path": path, "respond": respond})
        nodes = [hook, node("twice", "set_fields", params=TWICE), says]
        installation.workflow(graph(nodes, ["in -> twice", "twice -> say"]), path)
    with ThreadPoolExecutor(20) as senders:
        last = list(senders.map(lambda n: ask(installation, "last", n), range(40)))
        says_all = list(senders.map(lambda n: ask(installation, "says", n), range(40)))
    assert [(answer.status_code, answer.json()) for answer in last] == [
        (200, [{"n": 2 * n}]) for n in range(40)
    ]
    told: list[tuple[int, Any]] = [(answer.status_code, answer.json()) for answer in says_all]
    assert told == [(201, {"n": 2 * n}) for n in range(40)]
    if redis_url := installation.environment["REDIS_URL"]:
        # Nobody listens to those runs any more: a web process would gather channels for ever.
        redis = Redis.from_url(redis_url)
        wait_for(lambda: len(redis.pubsub_channels("asgi*")) == 1)
