"""A large upload goes through a real server to the disk, and never whole through its memory."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.graphs import graph, node
from tests.installation import TLS, Installation
from tests.migrated import migrated_sqlite

pytestmark = pytest.mark.integration

PIECE = bytes(range(256)) * 4_096
PIECES = 200
MOST_GROWTH = 64 * 2**20
"""Of the process's memory at most, while 200 MB come in."""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, migrated_sqlite(tmp_path)) as installation:
        yield installation


def body(digest: "hashlib._Hash") -> Iterator[bytes]:
    yield b'--cut\r\nContent-Disposition: form-data; name="film"; filename="a.mp4"\r\n\r\n'
    for _ in range(PIECES):
        digest.update(PIECE)
        yield PIECE
    yield b"\r\n--cut--\r\n"


def forget_peak_of(pid: int) -> int:
    """Measure from now; gives what the process has now, in bytes."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak_of(pid)


def peak_of(pid: int) -> int:
    """The most memory that a process has had since, in bytes."""
    told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert told is not None
    return int(told[1]) * 1024


FILM = {"type": "file", "name": "film"}


@pytest.mark.parametrize(
    ("type", "at", "params"),
    [("webhook", "hooks", {}), ("form", "forms", {"title": "Films", "fields": [FILM]})],
)
def test_a_large_upload_is_never_whole_in_memory(
    installation: Installation, type: str, at: str, params: dict[str, Any]
) -> None:
    server = installation.serve()
    start = node("in", type, params={"path": "films", **params})
    installation.workflow(graph([start, node("end")], ["in -> end"]))
    url = f"{installation.url}/{at}/films"
    headers = {"content-type": "multipart/form-data; boundary=cut"}
    small = (
        b'--cut\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n1\r\n--cut--\r\n'
    )
    first = httpx.post(url, content=small, headers=headers, timeout=30, verify=TLS)
    installation.ended(first.json()["run"])
    before, digest = forget_peak_of(server.pid), hashlib.sha256()
    answer = httpx.post(url, content=body(digest), headers=headers, timeout=60, verify=TLS)
    assert answer.status_code == 202, answer.text
    assert peak_of(server.pid) - before < MOST_GROWTH
    run = installation.ended(answer.json()["run"])
    assert run["status"] == "completed"
    [step, *_] = installation.api("GET", f"runs/{run['id']}/steps?include=payloads")["results"]
    [item] = step["output_json"]["main"]
    film = item["binary"]["film"]
    assert (film["fileName"], film["fileSize"]) == ("a.mp4", PIECES * len(PIECE))
    read = hashlib.sha256()
    url = f"{installation.url}/api/v1/payloads/{film['id']}"
    with httpx.stream("GET", url, headers=installation.headers, timeout=60, verify=TLS) as stored:
        for piece in stored.iter_raw():
            read.update(piece)
    assert read.digest() == digest.digest()
