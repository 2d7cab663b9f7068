"""The transport under every request: its sockets come from the egress policy and can be cut off."""

import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import certifi
import httpcore
import httpx

from apps.engine.ports import Attempt
from apps.nodes.outside.egress import EgressPolicy

INSECURE = "flowforge.insecure"
"""The extension of a request whose server's certificate need not be trusted."""


class Moment(float):
    """A timeout that is a moment of the monotonic clock: all the waits until then share it."""


@cache
def tls() -> ssl.SSLContext:
    """One context a process: loading the authorities takes longer than most requests."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@cache
def unchecked_tls() -> ssl.SSLContext:
    """For the servers that nobody vouches for."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class TlsError(httpcore.ConnectError):
    """The other side has no certificate that we trust, or speaks no TLS."""


class Connections(httpcore.NetworkBackend):
    """The connections of one attempt: vetted when they are made, closed when it is revoked.

    No single wait is longer than what is left of the attempt.
    """

    def __init__(self, policy: EgressPolicy, attempt: Attempt) -> None:
        self._policy = policy
        self._attempt = attempt
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.is_cut = False
        attempt.on_revoke(self.cut)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "Stream":
        try:
            connection = self._policy.connect(host, port, self.patience_s(timeout))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return Stream(connection, self)

    def patience_s(self, timeout_s: float | None) -> float:
        left = self._attempt.remaining_s()
        if isinstance(timeout_s, Moment):
            timeout_s -= time.monotonic()
        return max(0.001, left if timeout_s is None else min(timeout_s, left))

    def keep(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        if self.is_cut:
            self.cut()

    def drop(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def cut(self) -> None:
        """Shut every connection, so that whoever waits on one wakes up; from any thread."""
        with self._lock:
            self.is_cut = True
            cut, self._open = self._open, set()
        for connection in cut:
            with suppress(OSError):
                # Below TLS: the layer above must not take part in it from another thread.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Stream(httpcore.NetworkStream):
    """A connection as httpcore reads and writes it."""

    def __init__(self, connection: socket.socket, connections: Connections) -> None:
        self._connection = connection
        self._connections = connections
        connections.keep(connection)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._connection.settimeout(self._connections.patience_s(timeout))
        try:
            read = self._connection.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        if not read and self._connections.is_cut:
            # Else an answer that ends with its connection would seem to be whole.
            raise httpcore.ReadError("the connection was cut")
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._connection.settimeout(self._connections.patience_s(timeout))
        try:
            self._connection.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._connections.drop(self._connection)
        self._connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "Stream":
        self._connection.settimeout(self._connections.patience_s(timeout))
        self._connections.drop(self._connection)
        stream = self
        try:
            wrapped = ssl_context.wrap_socket(
                self._connection, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            stream = Stream(wrapped, self._connections)  # so that the handshake can be cut too
            wrapped.do_handshake()
        except TimeoutError as error:
            stream.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except ssl.SSLError as error:
            stream.close()
            raise TlsError(str(error)) from error
        except OSError as error:
            stream.close()
            raise httpcore.ConnectError(str(error)) from error
        return stream

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            waiting = select.poll()  # `select` knows no file from the 1,024th on
            waiting.register(self._connection, select.POLLIN)
            return bool(waiting.poll(0))
        return None


class PinnedTransport(httpx.BaseTransport):
    """httpx over these connections: HTTP/1.1, no proxy, whatever the environment says.

    Raises httpcore's errors as they are, and the policy's.
    """

    def __init__(self, connections: Connections) -> None:
        self._pool, self._unchecked = (
            httpcore.ConnectionPool(
                ssl_context=context, network_backend=connections, max_keepalive_connections=4
            )
            for context in (tls(), unchecked_tls())
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        pool = self._unchecked if request.extensions.get(INSECURE) else self._pool
        answer = pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()
        self._unchecked.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
