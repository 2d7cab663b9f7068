"""A web process that is killed while hooks pour in has kept each one that it answered."""

import random
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
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


def pour(url: str, accepted: list[str], request: Callable[[], dict[str, Any]]) -> None:
    """Send one hook after the other, until nobody answers any more."""
    with httpx.Client(verify=TLS, timeout=30) as client:
        while True:
            try:
                answer = client.post(url, **request())
            except httpx.TransportError:
                return
            if answer.status_code == 202:
                accepted.append(answer.json()["run"])


def photo() -> dict[str, Any]:
    """A form with a file that nobody has sent before, too large for a row."""
    told = uuid.uuid4().hex
    file = ("a.png", told.encode() * 5_000, "image/png")
    return {"files": {"photo": file}, "data": {"told": told}}


def rows_of(installation: Installation, path: str) -> list[dict[str, Any]]:
    """All rows of a list of the API, page by page."""
    rows, page = [], f"{path}&limit=200"
    while page:
        told = installation.api("GET", page)
        rows += told["results"]
        page = (told["next"] or "").partition("/api/v1/")[2]
    return rows


def killed_while_poured(
    installation: Installation, request: Callable[[], dict[str, Any]], enough: int
) -> tuple[str, list[str]]:
    """A workflow, and its runs that were accepted before the server was killed."""
    server = installation.serve()
    hook = node("in", "webhook", params={"path": "poured"})
    workflow = installation.workflow(graph([hook, node("end")], ["in -> end"]))
    accepted: list[str] = []
    given = (f"{installation.url}/hooks/poured", accepted, request)
    senders = [threading.Thread(target=pour, args=given) for _ in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    wait_for(lambda: len(accepted) >= enough, 60, every=0.005)
    server.end(signal.SIGKILL)
    for sender in senders:
        sender.join()
    installation.serve()
    return workflow, accepted


def test_each_hook_that_was_accepted_has_its_run_and_its_request(
    installation: Installation, dice: random.Random
) -> None:
    enough = dice.randrange(50, 400)
    workflow, accepted = killed_while_poured(installation, lambda: {"json": {"n": 1}}, enough)
    runs = [row["id"] for row in rows_of(installation, f"runs?workflow={workflow}")]
    kept = [row["run"] for row in rows_of(installation, f"hook-requests?workflow={workflow}")]
    assert set(accepted) <= set(runs)
    # One for one, also of those that were stored and not answered any more.
    assert sorted(kept) == sorted(runs)


def test_each_upload_that_was_accepted_has_its_run_and_its_files(
    installation: Installation, dice: random.Random
) -> None:
    enough = dice.randrange(10, 60)
    workflow, accepted = killed_while_poured(installation, photo, enough)
    runs = [row["id"] for row in rows_of(installation, f"runs?workflow={workflow}")]
    assert set(accepted) <= set(runs)
    for run in runs:
        wait_for(lambda run=run: installation.run(run)["finished_at"], 60)
        steps = installation.api("GET", f"runs/{run}/steps?include=payloads")["results"]
        [item] = steps[0]["output_json"]["main"]
        url = f"{installation.url}/api/v1/payloads/{item['binary']['photo']['id']}"
        stored = httpx.get(url, headers=installation.headers, verify=TLS, timeout=30)
        assert stored.content == item["json"]["body"]["told"].encode() * 5_000
