"""Bodies on their way in: no more of them is kept than is taken."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from io import BytesIO
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from pytest_django import Settings
from twisted.web.test.requesthelper import DummyChannel

from flowforge.incoming import AHEAD_BYTES, Request
from tests.flowforge.test_web_server import is_listening, told
from tests.services import free_port, wait_for

MOST = 4_000_000
SERVER = f"""
import asyncio, os, sys

os.environ["MAX_UPLOAD_BYTES"] = "{MOST}"
os.environ["DJANGO_SETTINGS_MODULE"] = "flowforge.settings"
from flowforge import web_server

taken, gone, go_on = 0, 0, asyncio.Event()


async def application(scope, receive, send):
    global taken, gone
    told = {{"/taken": taken, "/gone": gone}}.get(scope["path"], "")
    if scope["path"] == "/go-on":
        go_on.set()
    if scope["path"].startswith("/hooks/"):
        if scope["path"] == "/hooks/waits":
            await go_on.wait()
        more, taken = scope["path"] != "/hooks/refuses", 0
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                gone += 1
                return
            taken += len(message["body"])
            more = message["more_body"]
        told = taken
    body = str(told).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({{"type": "http.response.start", "status": 200, "headers": headers}})
    await send({{"type": "http.response.body", "body": body}})


web_server.WebServer(application, "127.0.0.1", int(sys.argv[1]), lambda: None).run()
"""
"""Tells how many bytes of a body it has taken."""
UPLOAD = {"content-type": "image/png"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(scope="module")
def small_url() -> Iterator[str]:
    """A server that takes only 1,000 bytes of what is no upload."""
    with serving(MAX_BODY_BYTES="1000") as url:
        yield url


@contextmanager
def serving(**environment: str) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-c", SERVER, str(port)]
    server = subprocess.Popen(command, env=os.environ | environment)
    try:
        wait_for(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("chunks", [[b"x" * 500], [b"x" * 90, b"x" * 90, b"x" * 90], [b"x" * 101]])
def test_of_a_body_that_is_too_large_only_so_much_is_kept(
    settings: Settings, chunks: list[bytes]
) -> None:
    settings.MAX_BODY_BYTES = 100
    channel: Any = DummyChannel()
    channel.factory = Mock()
    request: Any = Request(channel, 0)
    request.content = BytesIO()
    for chunk in chunks:
        request.handleContentChunk(chunk)
    assert len(request.content.getvalue()) == 101


def pieces(size: int, piece: int = 50_000) -> Iterator[bytes]:
    for _ in range(size // piece):
        yield b"x" * piece


@pytest.mark.parametrize("size", [50_000, 1_000_000, MOST])
@pytest.mark.parametrize("in_chunks", [False, True])
def test_an_upload_comes_whole(url: str, size: int, in_chunks: bool) -> None:
    length = {} if in_chunks else {"content-length": str(size)}
    with httpx.Client() as client:
        for _ in range(2):  # on one connection
            answer = client.post(f"{url}/hooks/x", content=pieces(size), headers=UPLOAD | length)
            assert answer.text == str(size)


@pytest.mark.parametrize("size", [50_000, 1_000_000])
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/%68ooks/x", [("content-type", "image/png")]),
        ("/hooks/x", [("content-type", "image/png"), ("upgrade", "h2c")]),
        # as the application sees it, this is one type that is none
        ("/hooks/x", [("content-type", "application/json"), ("content-type", "image/png")]),
    ],
)
def test_an_upload_is_whole_however_it_is_asked(
    small_url: str, path: str, headers: list[tuple[str, str]], size: int
) -> None:
    answer = httpx.post(f"{small_url}{path}", content=b"x" * size, headers=headers)
    assert answer.text == str(size)


def test_what_is_to_be_a_socket_is_no_upload(url: str) -> None:
    headers = [("content-type", "image/png"), ("upgrade", "websocket"), ("upgrade", "h2c")]
    assert httpx.post(f"{url}/hooks/x", content=b"x" * 200_000, headers=headers).status_code == 405


def test_no_more_is_handed_on_than_shows_that_it_is_too_large(url: str) -> None:
    with httpx.Client() as client:
        answer = client.post(f"{url}/hooks/x", content=pieces(MOST + 500_000), headers=UPLOAD)
        assert answer.text == str(MOST + 1)
        assert client.get(f"{url}/taken").text == str(MOST + 1)


def test_an_answer_is_sent_before_the_body_has_come(url: str) -> None:
    with httpx.Client() as client:
        answer = client.post(f"{url}/hooks/refuses", content=pieces(MOST), headers=UPLOAD)
        assert answer.text == "0"
        assert client.get(f"{url}/taken").text == "0"


def head_of(path: str, size: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        f"Content-Length: {size}\r\n\r\n"
    ).encode()


def connected(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=30)


def test_a_client_is_held_back_until_the_application_takes_what_it_sends(url: str) -> None:
    with closing(connected(url)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
        client.sendall(head_of("/hooks/waits", 3_000_000))
        client.settimeout(1)
        sent = 0
        with suppress(TimeoutError):
            while sent < 3_000_000:
                sent += client.send(b"x" * 10_000)
        assert AHEAD_BYTES < sent < 3_000_000
        client.settimeout(30)
        httpx.get(f"{url}/go-on")
        client.sendall(b"x" * (3_000_000 - sent))
        assert client.recv(10_000).endswith(b"3000000")
    assert sent > AHEAD_BYTES


def test_the_application_hears_of_a_client_that_goes_away(url: str) -> None:
    gone = told(f"{url}/gone")
    with closing(connected(url)) as client:
        client.sendall(head_of("/hooks/x", 3_000_000) + b"x" * 500_000)
    wait_for(lambda: told(f"{url}/gone") == gone + 1)
