"""`python -m flowforge.serve`, as `make run` starts it."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.graphs import edge, node
from tests.installation import ROOT, Installation
from tests.migrated import migrated_sqlite
from tests.services import free_port, wait_for

pytestmark = pytest.mark.integration


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    with Installation(tmp_path, database_url) as installation:
        yield installation


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, migrated_sqlite(tmp_path)) as installation:
        yield installation


@pytest.fixture
def empty(tmp_path: Path, empty_database_url: str) -> Iterator[Installation]:
    """An installation that was never started."""
    with Installation(tmp_path, empty_database_url) as installation:
        yield installation


def test_a_first_start_tells_all_that_is_needed_to_try_the_demo(empty: Installation) -> None:
    server = empty.serve()
    said = server.output()
    assert str(server.pid) in said
    assert f"{empty.url}/hooks/demo" in said
    assert httpx.get(f"{empty.url}/readyz").json()["threads"] == "ok"
    run = empty.hook("demo", {"action": "opened", "repository": {"full_name": "a/b"}})
    assert empty.ended(run)["status"] == "completed"
    nodes = {step["node"]: step for step in empty.api("GET", f"runs/{run}/steps")["results"]}
    assert nodes["tell"]["status"] == "completed"
    assert nodes["kept"]["status"] == "skipped"


def test_the_documented_first_workflow_runs_as_it_is_written(
    on_sqlite: Installation, tmp_path: Path
) -> None:
    on_sqlite.serve()
    page = (ROOT / "docs" / "first-workflow.md").read_text()
    [recipe] = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    recipe = recipe.replace("ff_…", on_sqlite.api_key)
    recipe = recipe.replace("http://127.0.0.1:8000", on_sqlite.url)
    told = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", recipe],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    assert "run_finished" in told
    assert '"text":"Ada ordered for 120"' in told


def test_a_second_start_keeps_the_data_and_says_no_secret_again(installation: Installation) -> None:
    first = installation.serve()
    run = installation.hook("demo", {"action": "opened"})
    installation.ended(run)
    assert first.end(signal.SIGINT) == 0
    second = installation.serve()
    assert installation.run(run)["status"] == "completed"
    assert "password" not in second.output()
    assert installation.api_key not in second.output()


def test_a_second_server_on_the_same_data_names_the_first(on_sqlite: Installation) -> None:
    first = on_sqlite.serve()
    second = on_sqlite.start("-m", "flowforge.serve", PORT=str(free_port()))
    assert second.popen.wait(timeout=60) == 1
    assert f"process {first.pid}" in second.output()


def test_a_busy_port_is_said_in_a_sentence(on_sqlite: Installation) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", on_sqlite.port))
        taken.listen()
        server = on_sqlite.start("-m", "flowforge.serve")
        assert server.popen.wait(timeout=60) == 1
    assert f"port {on_sqlite.port}" in server.output()
    assert "Traceback" not in server.output()


def test_a_wrong_setting_is_said_before_anything_starts(on_sqlite: Installation) -> None:
    server = on_sqlite.start("-m", "flowforge.serve", SWEEP_S="often")
    assert server.popen.wait(timeout=60) == 1
    assert "flowforge.E001" in server.output()
    assert "Traceback" not in server.output()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgres://somebody:secret@127.0.0.1:1/orders", "Connection refused"),
        ("sqlite:////nowhere/orders", "unable to open database file"),
    ],
)
def test_a_database_that_cannot_be_reached_is_said_in_a_sentence(
    on_sqlite: Installation, url: str, told: str
) -> None:
    server = on_sqlite.start("-m", "flowforge.serve", DATABASE_URL=url)
    assert server.popen.wait(timeout=60) == 1
    [sentence] = server.output().splitlines()
    assert url.replace(":secret", "") in sentence
    assert told in sentence


def test_after_a_kill_the_run_goes_on_behind_its_last_recorded_step(
    installation: Installation,
) -> None:
    server = installation.serve()
    graph = {
        "schema": 1,
        "nodes": [
            node("hook", "webhook", params={"path": "slow"}),
            node("before", "http_call", params={"url": f"{installation.url}/echo"}),
            node("wait", "delay", params={"seconds": 3}),
            node("after", "set_fields"),
        ],
        "edges": [edge("hook -> before"), edge("before -> wait"), edge("wait -> after")],
        "settings": {},
    }
    installation.workflow(graph)
    run = installation.hook("slow", {})
    wait_for(lambda: installation.run(run)["status"] == "waiting")
    told = installation.run(run)["seq"]
    server.end(signal.SIGKILL)
    installation.serve()
    assert installation.ended(run)["status"] == "completed"
    events = list(installation.events(run))
    assert [seq for seq, _ in events] == list(range(1, len(events) + 1))
    assert [name for _, name in events].count("run_finished") == 1
    assert len(events) > told
    steps = installation.api("GET", f"runs/{run}/steps")["results"]
    assert {step["node"]: len(step["attempts"]) for step in steps}["before"] == 1


def test_an_interrupt_ends_the_streams_after_their_last_event(on_sqlite: Installation) -> None:
    server = on_sqlite.serve()
    workflows = on_sqlite.api("GET", "workflows")["results"]
    slow = next(workflow["id"] for workflow in workflows if "one by one" in workflow["name"])
    run = on_sqlite.api("POST", f"workflows/{slow}/runs", {})["id"]
    with on_sqlite.stream(run) as lines:
        assert next(lines).startswith(":")
        server.popen.send_signal(signal.SIGINT)
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)
    assert server.popen.wait(timeout=30) == 0
    assert "Traceback" not in server.output()


def test_a_second_interrupt_leaves_at_once(on_sqlite: Installation) -> None:
    server = on_sqlite.serve()
    on_sqlite.workflow(
        {
            "schema": 1,
            "nodes": [
                node("hook", "webhook", params={"path": "busy"}),
                node("spin", "transform", params={"code": "while (true) {}"}),
            ],
            "edges": [edge("hook -> spin")],
            "settings": {},
        }
    )
    run = on_sqlite.hook("busy", {})
    wait_for(lambda: on_sqlite.run(run)["status"] == "running")
    server.popen.send_signal(signal.SIGINT)
    # It stops beat first, then waits for its runs.
    readiness = f"{on_sqlite.url}/readyz"
    wait_for(lambda: httpx.get(readiness, timeout=30).json()["threads"] == "beat ended")
    assert server.popen.poll() is None
    server.popen.send_signal(signal.SIGINT)
    assert server.popen.wait(timeout=30) == 128 + signal.SIGINT


def test_its_files_are_for_its_owner_only(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        installation.serve()
        var = Path(installation.environment["VAR_DIR"])
        assert var.stat().st_mode & 0o077 == 0
        assert os.access(var / "flowforge.sqlite3", os.R_OK)
