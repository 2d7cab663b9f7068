"""Small servers on loopback for tests of requests: one that answers, one that must not be found."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Seen:
    """A request as the server read it."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    client_port: int

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    act: Callable[[BaseHTTPRequestHandler], None] | None = None
    """Instead of a body: whatever the test wants to write on the connection."""
    ends_headers: bool = True


class LocalServer:
    """Answers on a free port of 127.0.0.1 with what `reply` gives for a request."""

    def __init__(self, reply: Callable[[Seen], Reply]) -> None:
        self.seen: list[Seen] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                seen = Seen(
                    self.command,
                    self.path,
                    list(self.headers.items()),
                    self.rfile.read(length),
                    self.client_address[1],
                )
                outer.seen.append(seen)
                reply_now = reply(seen)
                self.send_response(reply_now.status)
                for name, value in reply_now.headers.items():
                    self.send_header(name, value)
                if reply_now.act is not None:
                    if reply_now.ends_headers:
                        self.end_headers()
                    else:
                        self.flush_headers()
                    reply_now.act(self)
                    return
                self.send_header("Content-Length", str(len(reply_now.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply_now.body)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = answer  # noqa: N815

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def use_tls(self, certificate: Path) -> None:
        """Speak HTTPS from now on, with the certificate and key of a file."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(reply: Callable[[Seen], Reply] | Reply) -> Iterator[LocalServer]:
    """A server for the length of a test."""
    server = LocalServer(reply if callable(reply) else lambda seen: reply)
    try:
        yield server
    finally:
        server.close()


class Trap:
    """A listener on loopback that nobody may reach."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def connections(self) -> int:
        """How many came, until now."""
        count = 0
        while True:
            try:
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return count
            connection.close()
            count += 1

    def close(self) -> None:
        self._socket.close()


@contextmanager
def trap() -> Iterator[Trap]:
    trap = Trap()
    try:
        yield trap
    finally:
        trap.close()
