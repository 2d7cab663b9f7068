"""Hooks that come at the same time are stored together: one thread, one transaction for all."""

import queue
import threading
import time
from concurrent.futures import Future

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from apps.runs.models import Run
from apps.triggers.errors import too_busy
from apps.triggers.hooks.receive import Outcome, receive_all
from apps.triggers.hooks.request import HookRequest
from apps.workspaces.reconnect import reconnect

AT_ONCE = 100
AT_ONCE_BYTES = 4 * 1024**2
"""What is read of JSON takes many times the bytes: a batch that has so many takes no more."""
MOST_WAITING = 2_000
LONG_BACKLOG = 16
PAUSE_S = 0.02


class HookWriter:
    """Takes requests from any thread; each gets a future of its run, or of why it has none."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[HookRequest, Future[Outcome]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, request: HookRequest) -> "Future[Outcome]":
        """Have the request stored. A backlog that is too long is refused, before latency runs
        away."""
        future: Future[Outcome] = Future()
        if self._waiting.qsize() >= MOST_WAITING:
            future.set_result(too_busy())
            return future
        self._start()
        self._waiting.put((request, future))
        return future

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._write, name="hooks", daemon=True)
                self._thread.start()

    def _write(self) -> None:
        while True:
            together = [self._waiting.get()]
            size = len(together[0][0].body)
            while len(together) < AT_ONCE and size < AT_ONCE_BYTES and not self._waiting.empty():
                together.append(self._waiting.get_nowait())
                size += len(together[-1][0].body)
            self._store(together)
            if len(together) > 1 and not settings.REDIS_URL and is_long_backlog():
                # Web and workers share one process: let those that execute have a turn, before
                # the latency of runs runs away. Meanwhile hooks gather for the next batch.
                pause()
            del together  # else they are kept in memory until the next request

    def _store(self, together: list[tuple[HookRequest, "Future[Outcome]"]]) -> None:
        try:
            outcomes = receive_all([request for request, _ in together])
        except Exception as error:
            if len(together) > 1 and not isinstance(error, OperationalError | InterfaceError):
                # One of them must not take the others along. Nothing was stored; where a database
                # is away that is not sure, and storing again might double the others' runs.
                for each in together:
                    self._store([each])
                return
            for _, future in together:
                future.set_exception(error)
            if isinstance(error, DatabaseError | InterfaceError):
                reconnect()
            return
        finally:
            if connection.vendor == "postgresql" and self._waiting.empty():
                connection.close()  # back to the pool
        for (_, future), outcome in zip(together, outcomes, strict=True):
            future.set_result(outcome)


def pause() -> None:
    time.sleep(PAUSE_S)


def is_long_backlog() -> bool:
    """Whether so many runs are pending that those who execute them need the time."""
    # Ordered by an index of them: PostgreSQL may hope to meet some soon in the table itself, where
    # they are the last.
    pending = Run.objects.ready().order_by("sent_at")
    try:
        return pending[:LONG_BACKLOG].count() == LONG_BACKLOG
    except (DatabaseError, InterfaceError):
        return False
    finally:
        if connection.vendor == "postgresql":
            connection.close()  # back to the pool
