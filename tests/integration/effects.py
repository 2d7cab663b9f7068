"""The world outside: a server that does what runs ask of it, slowly, and counts by key."""

import os
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit


class EffectServer:
    """Answers `GET /effect?ms=…` after so long; `GET /held` only once `release` was called.

    Whoever asks for `/deadly` is killed: the process at the other end of the connection.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[str, list[float]] = {}
        self._held = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, ms: int) -> str:
        return f"http://{self.address}/effect?ms={ms}"

    @property
    def held_url(self) -> str:
        return f"http://{self.address}/held"

    @property
    def deadly_url(self) -> str:
        return f"http://{self.address}/deadly"

    def hold(self) -> None:
        """Let `/held` be silent to all who come from now on; those who waited are answered."""
        self._held.set()
        self._held.clear()

    def release(self) -> None:
        """Let `/held` answer, all who wait for it now and all who come later."""
        self._held.set()

    def begun(self) -> Counter[str]:
        """How often each key was asked for, whether answered or not."""
        with self._lock:
            return Counter({key: len(times) for key, times in self._begun.items()})

    def begun_at(self, run: str, node: str) -> list[float]:
        """When a node's first effect in a run was asked for, each time, by `time.monotonic`."""
        with self._lock:
            return list(self._begun.get(f"{run}:{node}:0:0:0", ()))

    def begun_by(self, run: str) -> Counter[str]:
        """The same for one run; keys without the run, as `node:iteration`."""
        of_run: Counter[str] = Counter()
        for key, times in self.begun().items():
            of, node, iteration, _, _ = key.split(":")
            if of == run:
                of_run[f"{node}:{iteration}"] += times
        return of_run

    def serve(self, path: str, key: str, port: int) -> None:
        with self._lock:
            self._begun.setdefault(key, []).append(time.monotonic())
        parts = urlsplit(path)
        if parts.path == "/held":
            self._held.wait()
        elif parts.path == "/deadly":
            os.kill(process_between(port, self._server.server_address[1]), signal.SIGKILL)
        else:
            time.sleep(int(parse_qs(parts.query)["ms"][0]) / 1000)


def _handler(effects: EffectServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            effects.serve(self.path, self.headers["Idempotency-Key"], self.client_address[1])
            try:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"done": true}')
            except OSError:
                pass  # who asked has been killed

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def process_between(port: int, server_port: int) -> int:
    """The process of this host that has connected from a local port to a server's.

    Not by its own port alone: the kernel gives the same to others, who connect to other servers.
    """
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ends = (port, server_port)
    # An earlier connection between the two, that has ended, is listed too, as nobody's.
    sockets = {f"socket:[{fields[9]}]" for fields in lines if _ports(*fields[1:3]) == ends}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(descriptor) in sockets:
                return int(descriptor.parts[2])
    raise LookupError(f"nobody has connected from port {port} to {server_port}")


def _ports(*addresses: str) -> tuple[int, ...]:
    return tuple(int(address.partition(":")[2], 16) for address in addresses)
