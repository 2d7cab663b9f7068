"""The connections under requests: pinned, bounded in time, cut off, and closed."""

import fcntl
import resource
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apps.engine.errors import NodeError, RevokedError
from apps.nodes.outside import egress, pinned
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.http import HttpLimits
from tests.nodes.certificates import self_signed
from tests.nodes.sending import http_to
from tests.nodes.servers import LocalServer, Reply, serving, trap
from tests.nodes.twins import MemoryAttempt


def refused() -> pytest.RaisesExc[NodeError]:
    return pytest.raises(NodeError)


@contextmanager
def silent_server() -> Iterator[LocalServer]:
    """A server that does not answer; who asks it must give up before it does."""
    silence, gave_up = threading.Event(), threading.Event()

    def wait(handler: Any) -> None:
        if not silence.wait(60):
            gave_up.set()

    with serving(Reply(act=wait)) as server:
        yield server
        assert not gave_up.is_set()
        silence.set()


def test_no_wait_is_longer_than_the_attempt() -> None:
    attempt = MemoryAttempt(timeout_s=0.2)
    with silent_server() as server, http_to(server, attempt=attempt) as http, refused():
        http.request("GET", server.url, timeout_s=1_000)


def test_revoking_the_attempt_closes_its_connection_at_once() -> None:
    attempt = MemoryAttempt(1_000)
    with silent_server() as server, http_to(server, attempt=attempt) as http:
        threading.Timer(0.1, attempt.revoke).start()
        with pytest.raises(RevokedError):
            http.request("GET", server.url, timeout_s=1_000)


def test_a_revoked_attempt_sends_nothing() -> None:
    attempt = MemoryAttempt()
    with serving(Reply()) as server, http_to(server, attempt=attempt) as http:
        attempt.revoke()
        with pytest.raises(RevokedError):
            http.request("GET", server.url)
    assert server.seen == []


def test_nobody_listening_is_a_connect_error_that_may_be_retried() -> None:
    with trap() as gone:
        port = gone.port
    policy = EgressPolicy([f"127.0.0.1:{port}"])
    with http_to(policy=policy) as http, refused() as failure:
        http.request("GET", f"http://127.0.0.1:{port}/")
    assert (failure.value.code, failure.value.retryable) == ("connect", True)


def test_a_connection_that_breaks_off_may_be_retried() -> None:
    def hang_up(handler: Any) -> None:
        handler.wfile.write(b"x")
        handler.close_connection = True

    reply = Reply(headers={"Content-Length": "10"}, act=hang_up)
    with serving(reply) as server, http_to(server) as http, refused() as failure:
        http.request("GET", server.url)
    assert (failure.value.code, failure.value.retryable) == ("connection_lost", True)


def test_a_certificate_that_nobody_vouches_for_is_no_connection(tmp_path: Path) -> None:
    with serving(Reply()) as server:
        server.use_tls(self_signed(tmp_path))
        with http_to(server) as http, refused() as failure:
            http.request("GET", f"https://127.0.0.1:{server.port}/")
    assert (failure.value.code, failure.value.retryable) == ("tls", False)
    assert server.seen == []


def test_an_operator_may_allow_certificates_that_nobody_vouches_for(tmp_path: Path) -> None:
    limits = HttpLimits(insecure_tls=True)
    with serving(Reply(body=b"hi")) as server:
        server.use_tls(self_signed(tmp_path, "another.test"))
        url = f"https://127.0.0.1:{server.port}/"
        with http_to(server, limits=limits) as http:
            assert http.request("GET", url, verify_tls=False).content == b"hi"
            with refused() as failure:
                http.request("GET", url)
            assert failure.value.code == "tls"
        with http_to(server) as http, refused() as refusal:
            http.request("GET", url, verify_tls=False)
    assert (refusal.value.code, len(server.seen)) == ("insecure_tls_refused", 1)


def test_a_trusted_server_is_asked_by_the_name_of_the_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, "pinned.test")
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(pinned, "tls", lambda: trusting)
    with serving(Reply(body=b"safe")) as server:
        server.use_tls(certificate)
        policy = EgressPolicy([f"127.0.0.1:{server.port}"], resolve=lambda host: ["127.0.0.1"])
        with http_to(policy=policy) as http:
            response = http.request("GET", f"https://pinned.test:{server.port}/")
    assert response.content == b"safe"
    assert server.seen[0].header("host") == f"pinned.test:{server.port}"


def test_revoking_the_attempt_ends_a_handshake_too() -> None:
    attempt, ended = MemoryAttempt(1_000), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        policy = EgressPolicy([f"127.0.0.1:{port}"])

        def ask() -> None:
            with http_to(policy=policy, attempt=attempt) as http, pytest.raises(RevokedError):
                http.request("GET", f"https://127.0.0.1:{port}/", timeout_s=1_000)
            ended.set()

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        connection, _ = silent.accept()
        with connection:
            assert connection.recv(1)
            attempt.revoke()
            assert ended.wait(10)
    asking.join()


class HighPolicy(EgressPolicy):
    """Connects by the numbers that a process has which holds many files open."""

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        with super().connect(host, port, timeout_s) as low:
            return socket.socket(fileno=fcntl.fcntl(low.fileno(), fcntl.F_DUPFD, 2_000))


def test_connections_are_kept_by_a_process_that_holds_many_files_open() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_048), hard))
    try:
        with serving(Reply()) as server:
            with http_to(policy=HighPolicy([f"127.0.0.1:{server.port}"])) as http:
                for _ in range(2):
                    http.request("GET", server.url)
            assert len({seen.client_port for seen in server.seen}) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Fallen(socket.socket):
    """A connection that ended as soon as it was made."""

    def getpeername(self) -> Any:
        raise OSError("not connected")


def test_a_connection_that_falls_at_once_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    fallen = Fallen()
    monkeypatch.setattr(egress.socket, "create_connection", lambda *_: fallen)
    with pytest.raises(OSError, match="not connected"):
        EgressPolicy().connect("8.8.8.8", 80, timeout_s=1)
    assert fallen.fileno() == -1


def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patience: list[float] = []

    def silent(address: tuple[str, int], timeout_s: float) -> socket.socket:
        patience.append(timeout_s)
        raise TimeoutError("timed out")

    monkeypatch.setattr(egress.socket, "create_connection", silent)
    policy = EgressPolicy(resolve=lambda host: ["8.8.8.8", "8.8.4.4"])
    with pytest.raises(TimeoutError):
        policy.connect("two.test", 80, timeout_s=60)
    assert patience == [pytest.approx(30, abs=5), pytest.approx(60, abs=5)]
