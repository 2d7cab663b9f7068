"""Uploads to waiting steps and forms are ended on their way, before they fill the disk."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.testing import HttpCommunicator
from pytest_django import Settings

from apps.triggers.bodies import bounded
from apps.triggers.bodies.room import disk
from flowforge import asgi

pytestmark = pytest.mark.django_db(transaction=True)
PATHS = ["/wait/x", "/decide/x", "/form/x", "/forms/x"]


FORM = "multipart/form-data; boundary=x"


async def begun(
    path: str, *pieces: bytes, accept: str = "*/*", types: Sequence[str] = (FORM,)
) -> tuple[int, bytes]:
    """The answer to a body that would go on behind these pieces."""
    headers = [(b"content-type", each.encode()) for each in types]
    headers += [(b"accept", accept.encode()), (b"host", b"localhost")]
    headers += [(b"transfer-encoding", b"chunked")]
    asked = HttpCommunicator(asgi.application, "POST", path, headers=headers)
    for piece in pieces:
        await asked.send_input({"type": "http.request", "body": piece, "more_body": True})
    status = (await asked.receive_output(10))["status"]
    body = (await asked.receive_output(10))["body"]
    await asked.wait(10)
    return status, body


@pytest.mark.parametrize("path", PATHS)
def test_what_is_too_large_is_not_read_to_its_end(path: str, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    status, body = async_to_sync(begun)(path, b"x" * 600, b"x" * 600)
    assert (status, json.loads(body)["errors"][0]["code"]) == (413, "too_large")
    assert disk.taken == 0


@pytest.mark.parametrize("path", PATHS)
def test_a_person_is_told_so_by_a_page(path: str, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    status, body = async_to_sync(begun)(path, b"x" * 1_001, accept="text/html")
    assert (status, b"larger than 1,000 bytes" in body) == (413, True)


def test_what_comes_in_chunks_is_not_read_into_memory_to_know_how_long_it_is(
    settings: Settings,
) -> None:
    settings.MAX_UPLOAD_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000, 100
    status, body = async_to_sync(begun)("/wait/x", b"x" * 600, b"x" * 600)
    assert (status, json.loads(body)["errors"][0]["code"]) == (413, "too_large")


def test_where_there_is_no_room_it_is_refused(settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    disk.take(7_900)
    try:
        status, body = async_to_sync(begun)("/wait/x", b"x" * 200, b"x", b"x")
        assert (status, json.loads(body)["errors"][0]["code"]) == (429, "too_busy")
        assert disk.taken == 7_900
    finally:
        disk.give_back(7_900)


def test_what_comes_too_slowly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LONGEST_S", 0.01)
    status, body = async_to_sync(begun)("/wait/x", b"x")
    assert (status, json.loads(body)["errors"][0]["code"]) == (408, "too_slow")
    assert disk.taken == 0


def test_a_type_that_is_told_twice_is_bounded_too(settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    types = ["image/png", "application/json"]
    status, body = async_to_sync(begun)("/wait/x", b"x" * 1_001, types=types)
    assert (status, json.loads(body)["errors"][0]["code"]) == (413, "too_large")


def test_no_more_is_read_where_nothing_is_to_be_sent(settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    status, _ = async_to_sync(begun)("/files/x", b"x" * 1_001)
    assert status == 403


def test_a_client_that_goes_away_gives_back_its_room() -> None:
    async def go_away() -> Any:
        headers = [(b"content-type", b"image/png"), (b"host", b"localhost")]
        asked = HttpCommunicator(asgi.application, "POST", "/wait/x", headers=headers)
        piece = {"type": "http.request", "body": b"x" * 100_000, "more_body": True}
        await asked.send_input(piece)
        while disk.taken == 0:
            await asyncio.sleep(0)
        await asked.send_input({"type": "http.disconnect"})
        await asked.wait(10)

    async_to_sync(go_away)()
    assert disk.taken == 0
