"""Hostile JavaScript under both pools of Celery: it ends as it must, and every worker lives on."""

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.expressions.hostile import CLEAN, SNIPPETS
from tests.services import wait_for

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tasks(redis_url: str) -> Iterator[Any]:
    """The application as its clients know it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROKER", redis_url)
        yield importlib.import_module("tests.integration.javascript_worker")


@pytest.fixture(params=["prefork", "threads"])
def worker(request: pytest.FixtureRequest, tasks: Any) -> Iterator[subprocess.Popen[bytes]]:
    command = "celery -A tests.integration.javascript_worker worker --loglevel=ERROR -c 4 --pool"
    environment = {"BROKER": os.environ["BROKER"], "C_FORCE_ROOT": "1"}
    words = [sys.executable, "-W", "ignore", "-m", *command.split(), request.param]
    worker = subprocess.Popen(words, cwd=ROOT, env=environment)
    yield worker
    worker.terminate()
    worker.wait(30)


def children_of(pid: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(stat.parent.name))
    return found


def test_hostile_javascript_ends_as_it_must_and_the_workers_live(
    tasks: Any, worker: subprocess.Popen[bytes]
) -> None:
    asked = [tasks.run.delay(place) for place in range(len(SNIPPETS))]
    pids = set()
    for snippet, answer in zip(SNIPPETS, asked, strict=True):
        outcome, probed, found, pid = answer.get(timeout=60)
        assert outcome in snippet.ends, snippet.name
        assert (probed, found) == ("value", CLEAN), snippet.name
        pids.add(pid)
    assert worker.poll() is None
    # None died, so none was replaced.
    assert pids <= children_of(worker.pid) | {worker.pid}


def test_no_javascript_outlives_its_worker(tasks: Any, worker: subprocess.Popen[bytes]) -> None:
    tasks.run.delay(len(SNIPPETS) - 1).get(timeout=60)
    hosts = {
        host
        for parent in (worker.pid, *children_of(worker.pid))
        for host in children_of(parent)
        if b"jshost" in Path(f"/proc/{host}/cmdline").read_bytes()
    }
    assert hosts
    for pid in (*children_of(worker.pid) - hosts, worker.pid):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not any(Path(f"/proc/{host}").exists() for host in hosts), 20, every=0.05)
