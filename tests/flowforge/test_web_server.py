"""What Daphne does for FlowForge beyond itself."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.services import free_port, wait_for

PIECES, PIECE = 2_000, 65_536
SERVER = f"""
import sys

from flowforge import web_server

sent, streams = 0, 0


async def application(scope, receive, send):
    global sent, streams
    if scope["type"] == "websocket":
        await send({{"type": "websocket.accept"}})
        streams += 1
        for sent in range(1, {PIECES} + 1):
            await send({{"type": "websocket.send", "text": "x" * {PIECE}}})
        streams -= 1
        return
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    if scope["path"] == "/":
        streams += 1
        for sent in range(1, {PIECES} + 1):
            await send({{"type": "http.response.body", "body": b"x" * {PIECE}, "more_body": True}})
        streams -= 1
    if scope["path"] == "/breaks":
        await send({{"type": "http.response.body", "body": b"half", "more_body": True}})
        raise RuntimeError("in the midst of it")
    if scope["path"] == "/whole":
        await send({{"type": "http.response.body", "body": b"x" * {PIECES} * {PIECE // 8}}})
        return
    kept = len(server.connections)
    told = {{"/sent": sent, "/streams": streams, "/kept": kept}}.get(scope["path"], "")
    await send({{"type": "http.response.body", "body": str(told).encode()}})


web_server.STALLED_S = web_server.IDLE_S = float(sys.argv[2])
server = web_server.WebServer(application, "127.0.0.1", int(sys.argv[1]), lambda: None)
server.run()
"""
"""Streams 128 MB, and tells how many pieces it has sent, how many streams go on, and how many
requests it keeps."""


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server; its parameter is after how many seconds it gives up a client."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(request.param)])
    try:
        wait_for(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def told(url: str) -> int:
    return int(httpx.get(url, timeout=30).text)


@pytest.mark.parametrize("url", [60], indirect=True)
def test_of_a_long_answer_no_more_is_sent_than_the_client_takes(url: str) -> None:
    with httpx.stream("GET", url, timeout=30) as answer:
        wait_for(lambda: told(f"{url}/sent") == told(f"{url}/sent"))
        assert 0 < told(f"{url}/sent") < PIECES / 4
        assert sum(map(len, answer.iter_raw())) == PIECES * PIECE


@pytest.mark.parametrize("url", [0.1], indirect=True)
def test_a_client_that_takes_nothing_is_given_up(url: str) -> None:
    with httpx.stream("GET", url, timeout=30) as answer:
        wait_for(lambda: told(f"{url}/streams") == 0)
        with pytest.raises(httpx.TransportError):
            for _ in answer.iter_raw():
                pass


@pytest.mark.parametrize("url", [60], indirect=True)
def test_a_large_answer_in_one_piece_arrives_whole(url: str) -> None:
    with httpx.Client(timeout=30) as client:
        for _ in range(2):
            with client.stream("GET", f"{url}/whole") as answer:
                assert sum(map(len, answer.iter_raw())) == PIECES * PIECE // 8


@pytest.mark.parametrize("url", [60], indirect=True)
@pytest.mark.parametrize("version", ["1.0", "1.1\r\nConnection: close"], ids=["1.0", "close"])
def test_a_connection_that_is_to_end_with_its_answer_does(url: str, version: str) -> None:
    for path in ("/sent", "/whole"):
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
            client.sendall(f"GET {path} HTTP/{version}\r\nHost: localhost\r\n\r\n".encode())
            answer = bytearray()
            while some := client.recv(PIECE):
                answer += some
        assert b" 200 " in answer[:20]


@pytest.mark.parametrize("url", [60], indirect=True)
def test_requests_that_are_sent_ahead_are_answered_in_their_order(url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.sendall(b"GET /sent HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        answers = b""
        while answers.count(b"HTTP/1.1 200") < 50:
            answers += client.recv(PIECE)


@pytest.mark.parametrize("url", [0.1], indirect=True)
def test_a_connection_that_brings_no_more_requests_is_ended(url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.settimeout(60)
        client.sendall(b"GET /sent HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = bytearray()
        while some := client.recv(PIECE):
            answer += some
    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("url", [60], indirect=True)
def test_a_request_is_let_go_once_it_is_answered(url: str) -> None:
    with httpx.Client(timeout=30) as client:
        kept = [int(client.get(f"{url}/kept").text) for _ in range(100)]
    assert max(kept) < 10


HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.mark.parametrize("url", [60], indirect=True)
def test_over_a_socket_no_more_is_sent_than_the_client_takes(url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.sendall(HANDSHAKE)
        wait_for(lambda: told(f"{url}/sent") > 0)
        wait_for(lambda: told(f"{url}/sent") == told(f"{url}/sent"))
        assert told(f"{url}/sent") < PIECES / 4
        taken = 0
        while taken < PIECES * PIECE:
            taken += len(client.recv(PIECE))
        wait_for(lambda: told(f"{url}/streams") == 0)


@pytest.mark.parametrize("url", [60], indirect=True)
def test_each_text_that_a_socket_is_sent_is_a_frame(url: str) -> None:
    frame = b"\x81\x7f" + PIECE.to_bytes(8, "big") + b"x" * PIECE
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.sendall(HANDSHAKE)
        with client.makefile("rb") as answer:
            while answer.readline() != b"\r\n":
                pass
            assert [answer.read(len(frame)) for _ in range(3)] == [frame] * 3


@pytest.mark.parametrize("url", [0.1], indirect=True)
def test_a_socket_that_takes_nothing_is_given_up(url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.sendall(HANDSHAKE)
        wait_for(lambda: told(f"{url}/sent") > 0)
        wait_for(lambda: told(f"{url}/streams") == 0)


@pytest.mark.parametrize("url", [60], indirect=True)
def test_an_answer_that_breaks_off_is_ended_each_time(url: str) -> None:
    for _ in range(2):
        with pytest.raises(httpx.TransportError, match=r"closed|reset"):
            httpx.get(f"{url}/breaks", timeout=10)
