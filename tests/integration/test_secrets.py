"""A secret that comes back is found in nothing that real processes keep, tell or send."""

import base64
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from websockets.sync.client import connect

from apps.engine.masking import MASK
from tests.credentials.canaries import Echo
from tests.credentials.surfaces import children
from tests.graphs import graph, node
from tests.installation import Installation
from tests.migrated import migrated_postgres, migrated_sqlite
from tests.services import wait_for

pytestmark = pytest.mark.integration

SECRET = "Zx81-tok_9f3cA7e5.B2d4qTu0"
TRACES = [SECRET, base64.b64encode(SECRET.encode()).decode()[:-4], SECRET[::-1]]


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo(SECRET)
    yield echo
    echo.close()


@pytest.fixture
def house(tmp_path: Path, echo: Echo) -> Iterator[Installation]:
    """One process on SQLite."""
    with Installation(tmp_path, migrated_sqlite(tmp_path)) as house:
        house.environment["EGRESS_ALLOW"] += f",127.0.0.1:{echo.port}"
        house.serve()
        yield house


@pytest.fixture
def cluster(
    tmp_path: Path, echo: Echo, postgres_url: str, redis_url: str
) -> Iterator[Installation]:
    """A web process and a worker, on PostgreSQL and Redis."""
    database = migrated_postgres(postgres_url)
    with Installation(tmp_path, database, redis_url) as cluster:
        cluster.environment["EGRESS_ALLOW"] += f",127.0.0.1:{echo.port}"
        cluster.remember_access(cluster.manage("setup_demo"))
        cluster.serve()
        cluster.start("-m", "celery", "-A", "flowforge", "worker")
        yield cluster


def test_one_process_keeps_and_tells_no_secret(house: Installation, echo: Echo) -> None:
    told = run_with_secret(house, echo)
    assert MASK in told
    assert_absent({"told": told, **files_of(house), **processes_of(house)})


def test_a_cluster_keeps_tells_and_sends_no_secret(cluster: Installation, echo: Echo) -> None:
    with monitored(cluster.environment["REDIS_URL"]) as sent:
        told = run_with_secret(cluster, echo)
    assert MASK in told
    assert any("run" in line for line in sent)
    rows = {"rows": rows_of(cluster.environment["DATABASE_URL"])}
    assert MASK in rows["rows"]
    assert_absent(
        {
            "told": told,
            "sent": "\n".join(sent),
            **rows,
            **files_of(cluster),
            **processes_of(cluster),
        }
    )


def test_who_goes_on_with_a_run_masks_what_another_process_revealed(
    house: Installation, echo: Echo
) -> None:
    use_secret(house, echo, node("wait", "delay", params={"seconds": 3}), name="late")
    run = house.hook("late", {})
    wait_for(lambda: house.run(run)["status"] == "waiting")
    house.processes[-1].end()
    house.serve()
    assert house.ended(run)["status"] == "failed"
    again = step_of(house, run, "again")
    assert MASK in again["error"]
    assert_absent({"told": str(again), **files_of(house)})


def use_secret(house: Installation, echo: Echo, *between: dict[str, Any], name: str) -> None:
    """Make a workflow that sends the secret once, and is given it back then and later."""
    workspace = house.api("GET", "workspaces")["results"][0]["id"]
    made = {"workspace": workspace, "name": name, "type": "http_bearer"}
    id = house.api("POST", "credentials", made | {"values": {"token": SECRET}})["id"]
    code = "console.log($json.body.got); return $json"
    nodes = [
        node("hook", "webhook", params={"path": name}),
        node("call", "http_call", params={"url": echo.at("body"), "credential": id}),
        node("big", "http_call", params={"url": echo.at("large"), "credential": id}),
        node("code", "transform", params={"language": "javascript", "mode": "each", "code": code}),
        *between,
        node("again", "http_call", params={"url": echo.at("refused")}),
    ]
    names = [each["id"] for each in nodes]
    edges = [f"{one} -> {next}" for one, next in pairwise(names)]
    house.workflow(graph(nodes, edges), name)


def run_with_secret(house: Installation, echo: Echo) -> str:
    """Execute it; gives all that API, stream and socket tell of it."""
    use_secret(house, echo, name="leaky")
    workspace = house.api("GET", "workspaces")["results"][0]["id"]
    address = house.url.replace("http", "ws", 1) + f"/ws/workspaces/{workspace}"
    with connect(address, additional_headers=house.headers, origin=house.url) as socket:
        run = house.hook("leaky", {})
        assert house.ended(run)["status"] == "failed"
        told = list(heard(socket, run))
    with house.stream(run) as lines:
        told += lines
    for path in (f"runs/{run}", f"runs/{run}/steps", "runs", "credentials"):
        told.append(str(house.api("GET", path)))
    for step in house.api("GET", f"runs/{run}/steps")["results"]:
        told.append(str(house.api("GET", f"runs/{run}/steps/{step['id']}")))
    return "\n".join(told)


def heard(socket: Any, run: str) -> Iterator[str]:
    """What the workspace's socket says until the run has ended."""
    while True:
        message = str(socket.recv(timeout=10))
        yield message
        if run in message and "failed" in message:
            return


def step_of(house: Installation, run: str, node: str) -> dict[str, Any]:
    steps = house.api("GET", f"runs/{run}/steps")["results"]
    [id] = [step["id"] for step in steps if step["node"] == node]
    return dict(house.api("GET", f"runs/{run}/steps/{id}"))


@contextmanager
def monitored(url: str) -> Iterator[list[str]]:
    """All that is sent to Redis meanwhile."""
    sent: list[str] = []
    with redis.Redis.from_url(url, socket_timeout=60) as client, client.monitor() as monitor:
        thread = threading.Thread(target=lambda: note(monitor, sent), daemon=True)
        thread.start()
        yield sent
        with redis.Redis.from_url(url) as other:
            other.echo("the end of it")
        thread.join(timeout=10)


def note(monitor: Any, sent: list[str]) -> None:
    for command in monitor.listen():
        sent.append(str(command))
        if "the end of it" in sent[-1]:
            return


def rows_of(url: str) -> str:
    with psycopg.connect(url) as database:
        tables = database.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        return "\n".join(
            str(row) for (table,) in tables for row in database.execute(f'SELECT * FROM "{table}"')
        )


def files_of(house: Installation) -> dict[str, str]:
    """Every file that it has, its databases and logs too."""
    files = [path for path in house.folder.rglob("*") if path.is_file()]
    return {str(path): path.read_bytes().decode("latin-1") for path in files}


def processes_of(house: Installation) -> dict[str, str]:
    """Arguments and environment of all its processes, and of what they have started."""
    pids = [process.pid for process in house.processes if process.popen.poll() is None]
    for pid in pids:
        pids += children(pid)
    return {
        f"/proc/{pid}/{name}": Path(f"/proc/{pid}/{name}").read_text(errors="replace")
        for pid in pids
        for name in ("cmdline", "environ")
        if os.path.exists(f"/proc/{pid}/{name}")
    }


def assert_absent(everything: dict[str, str]) -> None:
    found = [place for place, text in everything.items() for trace in TRACES if trace in text]
    assert not found
