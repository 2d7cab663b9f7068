"""Listeners of streams, thousands in a process of its own: `python -m tests.bench.listeners`.

Reads what they listen to from the first line of its input, says `ready` once all are connected,
and when its input ends prints what each has heard.
"""

import asyncio
import base64
import json
import os
import re
import resource
import socket
import sys
import time
from dataclasses import asdict, dataclass, field

AT_ONCE = 50
"""Connections that are made side by side."""
SLOW_BUFFER = 4 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who listens: runs that are streamed, runs that are followed over sockets, and runs that are
    asked for by listeners that never read."""

    port: int
    key: str
    workspace: str
    streams: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    slow_streams: list[str] = field(default_factory=list)
    slow_sockets: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Heard:
    """What all listeners of one kind have heard: each end of a step, and what was wrong."""

    ends: list[tuple[str, int, float]] = field(default_factory=list)
    """Run, number of the event, and when it was heard."""
    gaps: int = 0
    lost: int = 0
    """Connections that ended before they were to."""


class Listener(asyncio.Protocol):
    """One connection: asks, and keeps of what comes no more than the number of the last event."""

    def __init__(self, run: str, heard: Heard, request: bytes) -> None:
        self.run = run
        self.heard = heard
        self.request = request
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.seq = 0
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, error: Exception | None) -> None:
        self.heard.lost += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"refused: {self.rest[:300]!r}"))

    def began(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def told(self, seq: int, is_end: bool) -> None:
        self.heard.gaps += seq != self.seq + 1
        self.seq = seq
        if is_end:
            self.heard.ends.append((self.run, seq, time.time()))


class StreamListener(Listener):
    """Server-sent events. A piece of the chunked body begins and ends with an event."""

    def data_received(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"id: "):
                self.next = int(line[4:])
            elif line.startswith(b"event: "):
                self.told(self.next, line == b"event: step_succeeded")
            elif line.startswith(b": "):
                self.began()


EVENT = re.compile(rb'^\{"event": ?"(\w+)"')
SEQ = re.compile(rb'"seq": ?(\d+)')


class SocketListener(Listener):
    """A WebSocket that follows one run, and hears of the others' statuses."""

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.ready.done():
            head, found, self.rest = self.rest.partition(b"\r\n\r\n")
            if not found:
                self.rest = head
                return
            if b" 101 " in head.splitlines()[0]:
                self.began()
                self.transport.write(masked(json.dumps({"follow": self.run}).encode()))
        while (end := frame_end(self.rest)) is not None:
            begin, end = end
            frame, self.rest = self.rest[begin:end], self.rest[end:]
            named, seq = EVENT.match(frame), SEQ.search(frame)
            if named and seq:
                self.told(int(seq[1]), named[1] == b"step_succeeded")


def frame_end(data: bytes) -> tuple[int, int] | None:
    """Where the payload of a server's frame begins and ends; None where it is not whole."""
    if len(data) < 2:
        return None
    begin, size = 2, data[1] & 127
    if size >= 126:
        begin = 4 if size == 126 else 10
        size = int.from_bytes(data[2:begin])
    return (begin, begin + size) if len(data) >= begin + size else None


def masked(payload: bytes) -> bytes:
    """A client's text frame, shorter than 126 bytes; its mask is none."""
    return bytes([0x81, 0x80 | len(payload)]) + bytes(4) + payload


class Crowd:
    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.streams, self.sockets = Heard(), Heard()
        self.slow: list[socket.socket] = []
        head = f"Host: 127.0.0.1:{wanted.port}\r\nAuthorization: Bearer {wanted.key}\r\n"
        self.head = head.encode()

    async def connect(self) -> None:
        """Connect all; raises where one is refused."""
        doors = asyncio.Semaphore(AT_ONCE)
        loop = asyncio.get_running_loop()

        async def enter(listener: Listener) -> None:
            async with doors:
                await loop.create_connection(lambda: listener, "127.0.0.1", self.wanted.port)
                await listener.ready

        for run in [*self.wanted.slow_streams, *self.wanted.slow_sockets]:
            is_socket = len(self.slow) >= len(self.wanted.slow_streams)
            self.slow.append(self.sleeper(run, is_socket=is_socket))
        streams = [
            StreamListener(run, self.streams, self.stream(run)) for run in self.wanted.streams
        ]
        sockets = [SocketListener(run, self.sockets, self.socket()) for run in self.wanted.sockets]
        await asyncio.gather(*(enter(listener) for listener in [*streams, *sockets]))

    def sleeper(self, run: str, *, is_socket: bool) -> socket.socket:
        """A connection that asks, and reads nothing of what it is sent."""
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER)
        slow.connect(("127.0.0.1", self.wanted.port))
        slow.sendall(self.socket() if is_socket else self.stream(run))
        if is_socket:
            slow.recv(SLOW_BUFFER)
            slow.sendall(masked(json.dumps({"follow": run}).encode()))
        return slow

    def stream(self, run: str) -> bytes:
        return b"GET /api/v1/runs/%s/events HTTP/1.1\r\n%s\r\n" % (run.encode(), self.head)

    def socket(self) -> bytes:
        path = f"/ws/workspaces/{self.wanted.workspace}".encode()
        key = base64.b64encode(os.urandom(16))
        return (
            b"GET %s HTTP/1.1\r\n%sUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n"
        ) % (path, self.head, key)


async def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    crowd = Crowd(Wanted(**json.loads(sys.stdin.readline())))
    await crowd.connect()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps({"streams": asdict(crowd.streams), "sockets": asdict(crowd.sockets)}))


if __name__ == "__main__":
    asyncio.run(main())
