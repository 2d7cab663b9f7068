"""A load of webhooks: few connections, each sends the next request once the last is answered."""

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sent:
    """A hook that was answered, with the run it made: when it was sent, and answered (seconds since
    1970)."""

    run: str
    sent_at: float
    answered_at: float


@dataclass(slots=True)
class _Load:
    """Bodies that are still to be sent, each when it is due (on the loop's clock)."""

    bodies: deque[tuple[float, bytes]]
    sent: list[Sent] = field(default_factory=list)


async def _connection(port: int, path: str, load: _Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()
    try:
        while load.bodies:
            due, body = load.bodies.popleft()
            if (wait_s := due - loop.time()) > 0:
                await asyncio.sleep(wait_s)
            head = (
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            sent_at = time.time()
            writer.write(head.encode() + body)
            status, answer = await _answer(reader)
            if status in (200, 202):
                load.sent.append(Sent(json.loads(answer)["run"], sent_at, time.time()))
            elif status in (429, 503):
                load.bodies.append((loop.time() + 0.05, body))
            else:
                raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return status, await reader.readexactly(int(line.partition(b":")[2]))
    if b"chunked" not in head.lower():
        raise RuntimeError("an answer without a length")
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return status, b"".join(parts)


def post_hooks(
    port: int, path: str, count: int, connections: int, body: bytes, a_second: float | None = None
) -> list[Sent]:
    """Send `count` hooks over so many connections, as fast as they are answered or no faster than
    so many a second; gives those that were accepted."""

    async def all_of_them() -> list[Sent]:
        begun = asyncio.get_running_loop().time()
        dues = (begun + n / a_second if a_second else 0.0 for n in range(count))
        load = _Load(deque((due, body) for due in dues))
        await asyncio.gather(*(_connection(port, path, load) for _ in range(connections)))
        return load.sent

    return asyncio.run(all_of_them())


def get_many(port: int, path: str, count: int, connections: int) -> float:
    """Ask the same address `count` times; gives answers a second."""

    async def one(each: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(each):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            status, answer = await _answer(reader)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")
        writer.close()

    async def all_of_them() -> None:
        await asyncio.gather(*(one(count // connections) for _ in range(connections)))

    begun = time.perf_counter()
    asyncio.run(all_of_them())
    return count / (time.perf_counter() - begun)
