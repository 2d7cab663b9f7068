"""The pool of jshost processes: the only door to JavaScript."""

import atexit
import json
import logging
import os
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache
from typing import Any

from apps.expressions.child import Child, Op, Part
from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import DEFAULT_LIMITS, Limits
from apps.expressions.stop import Stop

__all__ = ["Limits", "Op", "Part", "Sandbox"]

logger = logging.getLogger(__name__)

MAX_CHILDREN = 8
MAX_REQUESTS = 10_000
KEEP_S = 60.0
MAX_PEAK_KB = 192 * 1024


class Sandbox:
    """Runs JavaScript in child processes, each call in a fresh context of its own.

    Children start when they are needed, as many as threads call at once and at most `size`; further
    callers wait for one, `wait_s` at most. A child that was killed, served 10,000 requests or grew
    large is replaced beside, so that who comes next does not wait for it. Those that nobody needed
    for a while end. A fork starts with none. Make one a process and share it among its threads.
    """

    def __init__(self, size: int = MAX_CHILDREN, wait_s: float | None = None) -> None:
        self._size = size
        self._wait_s = wait_s
        self._begin()
        _sandboxes.add(self)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[tuple[float, Child]] = []  # since when; who came last is used first
        self._busy: set[Child] = set()
        self._count = 0  # idle, busy and starting
        self._starting = 0  # of these, those that start beside
        self._waiting = 0  # callers
        self._is_closed = False

    def call(
        self,
        op: Op,
        request: bytes,
        limits: Limits = DEFAULT_LIMITS,
        parts: Part = Part.NONE,
        stop: Stop | None = None,
    ) -> Any:
        """Run one entry point of the prelude on a JSON text in ASCII; return its answer, parsed.

        Another thread ends it by `stop`: as if the child had died.

        What the child could not bear (time, memory, size) is raised as a JavaScriptError; what the
        code did wrong is in the answer (answers.py). Nothing of the answer is to be trusted.
        """
        child = self._take()
        try:
            with stop.reaches(child) if stop else nullcontext():
                answer = child.call(op, request, limits, parts)
        finally:
            self._give_back(child)
        return _read(answer)

    def warm(self) -> None:
        """Start a child beside, if there is none, for whoever comes first."""
        with self._changed:
            if self._count == 0:
                self._count += 1
                self._start_beside()

    def missing_walls(self) -> Mapping[str, str]:
        """Start a child if there is none; say which walls its system refused, and why."""
        child = self._take()
        self._give_back(child)
        return child.missing_walls

    @property
    def pids(self) -> list[int]:
        """The processes of the idle children."""
        with self._changed:
            return [child.pid for _, child in self._idle]

    @property
    def child_count(self) -> int:
        """How many children there are, idle, at work and starting."""
        return self._count

    def close(self) -> None:
        """End the children: those at work when their call ends."""
        with self._changed:
            self._is_closed = True
            idle, self._idle = self._idle, []
            self._count -= len(idle)
            self._changed.notify_all()
        for _, child in idle:
            child.kill()

    def _after_fork(self) -> None:
        """The children are the parent's: their pipes are closed here, so that they see its end."""
        for child in (*(child for _, child in self._idle), *self._busy):
            child.forget()
        self._begin()

    def _take(self) -> Child:
        with self._changed:
            self._waiting += 1
            try:
                is_free = self._changed.wait_for(self._is_one_free, self._wait_s)
            finally:
                self._waiting -= 1
            if not is_free:
                raise JavaScriptError("js_host", "All processes for JavaScript are at work.")
            while self._idle:
                _, child = self._idle.pop()
                if child.is_alive:
                    self._busy.add(child)
                    return child
                child.kill()
                self._count -= 1
            self._count += 1
        return self._start()

    def _is_one_free(self) -> bool:
        """An idle child, or room for one; what starts beside is left to those who wait for it."""
        has_room = self._count < self._size and self._starting < self._waiting
        return bool(self._idle) or has_room

    def _start(self) -> Child:
        try:
            try:
                return self._started()
            except JavaScriptError:
                return self._started()  # nothing was asked of the first, so nothing is lost
        except BaseException as error:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()
            if isinstance(error, OSError):
                raise JavaScriptError("js_host", f"The JavaScript process: {error}") from error
            raise

    def _started(self) -> Child:
        with _forking:
            child = Child()
            self._busy.add(child)
        try:
            child.start()
        except BaseException:
            self._busy.discard(child)
            raise
        if child.missing_walls:
            _warn_of(", ".join(f"{wall}: {why}" for wall, why in child.missing_walls.items()))
        return child

    def _start_beside(self, spent: Child | None = None) -> None:
        """Start a child that is counted already, in a thread; under the lock."""
        self._starting += 1
        try:
            threading.Thread(target=self._replace, args=(spent,), daemon=True).start()
        except RuntimeError:  # no more threads, or the process is about to end
            self._starting -= 1
            self._count -= 1

    def _replace(self, spent: Child | None) -> None:
        child = None
        try:
            if spent is not None:
                spent.kill()
            child = self._start()
        except JavaScriptError as error:
            logger.warning("%s", error)  # who needs one starts it, and is told
        finally:
            with self._changed:
                self._starting -= 1
                if child is not None:
                    self._keep(child)
                self._changed.notify_all()

    def _keep(self, child: Child) -> None:
        """Let others have a child, if it lives; under the lock."""
        self._busy.discard(child)
        if child.is_alive and not self._is_closed:
            self._idle.append((time.monotonic(), child))
        else:
            self._count -= 1
            child.kill()

    def _give_back(self, child: Child) -> None:
        is_spent = child.requests >= MAX_REQUESTS or child.peak_kb > MAX_PEAK_KB
        with self._changed:
            if (is_spent or not child.is_alive) and not self._is_closed:
                self._busy.discard(child)
                self._start_beside(child)
            else:
                self._keep(child)
            unneeded = self._unneeded()
            self._changed.notify()
        for each in unneeded:
            each.kill()

    def _unneeded(self) -> list[Child]:
        """The child that is idle for longest, if nobody needed it for a while, taken away."""
        if len(self._idle) < 2 or time.monotonic() - self._idle[0][0] < KEEP_S:
            return []
        self._count -= 1
        return [self._idle.pop(0)[1]]


_sandboxes: weakref.WeakSet[Sandbox] = weakref.WeakSet()
_forking = threading.Lock()
"""Held while a child is being made: a fork of ours in between would keep its pipe open."""


def _after_fork() -> None:
    _forking.release()
    for sandbox in list(_sandboxes):
        sandbox._after_fork()


@atexit.register
def _close_all() -> None:
    for sandbox in list(_sandboxes):
        sandbox.close()


os.register_at_fork(
    before=_forking.acquire, after_in_parent=_forking.release, after_in_child=_after_fork
)


@cache
def _warn_of(walls: str) -> None:
    """Once a process: all its children lack the same walls."""
    logger.warning("The JavaScript sandbox lacks walls that this system refused: %s", walls)


def _read(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except RecursionError:
        raise JavaScriptError("js_output_too_large", "The result is nested too deep.") from None
    except ValueError as error:
        raise JavaScriptError("js_error", f"The result is no JSON: {error}") from None
