"""What a thread has done is told to an event loop: of many at once with one wake-up."""

import asyncio
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import Any


class Settler:
    """Lets what waits on one loop know of futures that other threads settle.

    `asyncio.wrap_future` wakes the loop for each, and both threads stand in each other's way.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._lock = threading.Lock()
        self._settled: list[tuple[asyncio.Future[Any], Future[Any]]] = []

    def awaitable(self, work: Future[Any]) -> asyncio.Future[Any]:
        """What waits for the work; to give up waiting does not end the work."""
        waiting = self.loop.create_future()
        work.add_done_callback(lambda done: self._put(waiting, done))
        return waiting

    def _put(self, waiting: asyncio.Future[Any], done: Future[Any]) -> None:
        with self._lock:
            is_asked = bool(self._settled)
            self._settled.append((waiting, done))
        if not is_asked:
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                self.loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        with self._lock:
            settled, self._settled = self._settled, []
        for waiting, done in settled:
            if waiting.done():
                continue  # nobody waits any more
            if error := done.exception():
                waiting.set_exception(error)
            else:
                waiting.set_result(done.result())


_settler: Settler | None = None


def settled(work: Future[Any]) -> asyncio.Future[Any]:
    """Await the work of another thread on the running loop."""
    global _settler
    loop = asyncio.get_running_loop()
    if _settler is None or _settler.loop is not loop:
        _settler = Settler(loop)
    return _settler.awaitable(work)
