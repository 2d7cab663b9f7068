"""The pool of jshost processes: the only door to JavaScript."""

import json
import logging
import os
import threading
import weakref
from collections.abc import Mapping
from functools import cache
from typing import Any

from apps.expressions.child import Child, Op, Part
from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import DEFAULT_LIMITS, Limits

__all__ = ["Limits", "Op", "Part", "Sandbox"]

logger = logging.getLogger(__name__)

MAX_REQUESTS = 10_000
MAX_PEAK_KB = 192 * 1024


class Sandbox:
    """Runs JavaScript in child processes, each call in a fresh context of its own.

    Children start on first use, as many as threads call at once and at most `size`; further
    callers wait for one, `wait_s` at most. A child that was killed, served 10,000 requests or grew
    large is replaced. A fork starts with none. Make one a process and share it among its threads.
    """

    def __init__(self, size: int | None = None, wait_s: float | None = None) -> None:
        self._size = size or max(2, min(4, os.cpu_count() or 1))
        self._wait_s = wait_s
        self._changed = threading.Condition()
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._count = 0  # idle, busy and starting
        _sandboxes.add(self)

    def call(
        self,
        op: Op,
        request: bytes,
        limits: Limits = DEFAULT_LIMITS,
        parts: Part = Part.NONE,
    ) -> Any:
        """Run one entry point of the prelude on a JSON text in ASCII; return its answer, parsed.

        What the child could not bear (time, memory, size) is raised as a JavaScriptError; what the
        code did wrong is in the answer (answers.py). Nothing of the answer is to be trusted.
        """
        child = self._take()
        try:
            answer = child.call(op, request, limits, parts)
        finally:
            self._give_back(child)
        return _read(answer)

    def missing_walls(self) -> Mapping[str, str]:
        """Start a child if there is none; say which walls its system refused, and why."""
        child = self._take()
        self._give_back(child)
        return child.missing_walls

    @property
    def pids(self) -> list[int]:
        """The processes of the idle children."""
        with self._changed:
            return [child.pid for child in self._idle]

    @property
    def child_count(self) -> int:
        """How many children there are, idle, at work and starting."""
        return self._count

    def close(self) -> None:
        """End the idle children. Those at work end when their call does."""
        with self._changed:
            idle, self._idle = self._idle, []
            self._count -= len(idle)
            self._changed.notify_all()
        for child in idle:
            child.kill()

    def _after_fork(self) -> None:
        """The children are the parent's: their pipes are closed here, so that they see its end."""
        for child in (*self._idle, *self._busy):
            child.forget()
        self._changed = threading.Condition()
        self._idle, self._busy, self._count = [], set(), 0

    def _take(self) -> Child:
        with self._changed:
            is_free = self._changed.wait_for(
                lambda: self._idle or self._count < self._size, self._wait_s
            )
            if not is_free:
                raise JavaScriptError("js_host", "All processes for JavaScript are at work.")
            while self._idle:
                child = self._idle.pop()
                if child.is_alive:
                    self._busy.add(child)
                    return child
                child.kill()
                self._count -= 1
            self._count += 1
        return self._start()

    def _start(self) -> Child:
        try:
            try:
                return self._started()
            except JavaScriptError:
                return self._started()  # nothing was asked of the first, so nothing is lost
        except BaseException as error:
            with self._changed:
                self._count -= 1
                self._changed.notify()
            if isinstance(error, OSError):
                raise JavaScriptError("js_host", f"The JavaScript process: {error}") from error
            raise

    def _started(self) -> Child:
        child = Child()
        with self._changed:
            self._busy.add(child)
        try:
            child.start()
        except BaseException:
            with self._changed:
                self._busy.discard(child)
            raise
        if child.missing_walls:
            _warn_of(", ".join(f"{wall}: {why}" for wall, why in child.missing_walls.items()))
        return child

    def _give_back(self, child: Child) -> None:
        spent = child.requests >= MAX_REQUESTS or child.peak_kb > MAX_PEAK_KB
        if spent:
            child.kill()
        with self._changed:
            self._busy.discard(child)
            if child.is_alive:
                self._idle.append(child)
            else:
                self._count -= 1
            self._changed.notify()


_sandboxes: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _after_fork() -> None:
    for sandbox in list(_sandboxes):
        sandbox._after_fork()


os.register_at_fork(after_in_child=_after_fork)


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
