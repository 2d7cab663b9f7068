"""A web process that is killed while forms are sent has kept each one, and its file, whole."""

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

CONNECTIONS = 4
COUNT = """
from apps.runs.models import Run, RunFile
from apps.runs.payloads import read_payload
files = {file.run_id: file.payload_id for file in RunFile.objects.all()}
print("stored", RunFile.objects.count(), len(files))
for run in Run.objects.all():
    [item] = run.input_json
    assert item["binary"]["letter"]["id"] == str(files[run.pk])
    assert read_payload(files[run.pk]).decode() == item["json"]["name"]
"""


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    with Installation(tmp_path, database_url) as installation:
        yield installation


def send_forms(url: str, sender: int, accepted: list[str]) -> None:
    """Send one form after the other, each with another file, until nobody answers any more."""
    with httpx.Client(verify=TLS, timeout=30) as client:
        for number in range(10_000):
            name = f"{sender}-{number}"
            letter = {"letter": ("letter.txt", name.encode())}
            try:
                answer = client.post(url, data={"name": name}, files=letter)
            except httpx.TransportError:
                return
            if answer.status_code == 202:
                accepted.append(answer.json()["run"])


def test_each_form_that_was_accepted_has_its_run_and_its_file(
    installation: Installation, dice: random.Random
) -> None:
    server = installation.serve()
    fields: list[dict[str, Any]] = [
        {"type": "text", "name": "name", "required": True},
        {"type": "file", "name": "letter", "required": True},
    ]
    form = node("in", "form", params={"path": "sent", "title": "Letters", "fields": fields})
    workflow = installation.workflow(graph([form, node("end")], ["in -> end"]))
    accepted: list[str] = []
    url = f"{installation.url}/forms/sent"
    senders = [
        threading.Thread(target=send_forms, args=(url, sender, accepted))
        for sender in range(CONNECTIONS)
    ]
    for sender in senders:
        sender.start()
    enough = dice.randrange(10, 50)
    wait_for(lambda: len(accepted) >= enough, 60, every=0.005)
    server.end(signal.SIGKILL)
    for sender in senders:
        sender.join()

    told = installation.manage("shell", "--no-imports", "-c", COUNT)
    [stored] = [line.split()[1:] for line in told.splitlines() if line.startswith("stored")]
    installation.serve()
    runs = {
        row["id"]
        for row in installation.api("GET", f"runs?workflow={workflow}&limit=200")["results"]
    }
    assert set(accepted) <= runs
    # One for one, also of those that were stored and not answered any more.
    assert stored == [str(len(runs))] * 2
