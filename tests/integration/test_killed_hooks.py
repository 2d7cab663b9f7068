"""A web process that is killed while hooks pour in has kept each one that it answered."""

import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.graphs import graph, node
from tests.installation import TLS, Installation
from tests.services import wait_for

pytestmark = pytest.mark.integration

CONNECTIONS = 8


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    with Installation(tmp_path, database_url) as installation:
        yield installation


def pour(url: str, accepted: list[str]) -> None:
    """Send one hook after the other, until nobody answers any more."""
    with httpx.Client(verify=TLS, timeout=30) as client:
        while True:
            try:
                answer = client.post(url, json={"n": len(accepted)})
            except httpx.TransportError:
                return
            if answer.status_code == 202:
                accepted.append(answer.json()["run"])


def rows_of(installation: Installation, path: str) -> list[dict[str, Any]]:
    """All rows of a list of the API, page by page."""
    rows, page = [], f"{path}&limit=200"
    while page:
        told = installation.api("GET", page)
        rows += told["results"]
        page = (told["next"] or "").partition("/api/v1/")[2]
    return rows


def test_each_hook_that_was_accepted_has_its_run_and_its_request(
    installation: Installation, dice: random.Random
) -> None:
    server = installation.serve()
    hook = node("in", "webhook", params={"path": "poured"})
    workflow = installation.workflow(graph([hook, node("end")], ["in -> end"]))
    accepted: list[str] = []
    url = f"{installation.url}/hooks/poured"
    senders = [threading.Thread(target=pour, args=(url, accepted)) for _ in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    enough = dice.randrange(50, 400)
    wait_for(lambda: len(accepted) >= enough, 60, every=0.005)
    server.end(signal.SIGKILL)
    for sender in senders:
        sender.join()

    installation.serve()
    runs = [row["id"] for row in rows_of(installation, f"runs?workflow={workflow}")]
    kept = [row["run"] for row in rows_of(installation, f"hook-requests?workflow={workflow}")]
    assert set(accepted) <= set(runs)
    # One for one, also of those that were stored and not answered any more.
    assert sorted(kept) == sorted(runs)
