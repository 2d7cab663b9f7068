"""Whose turn it is to have an expression evaluated: nobody holds up the others."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.exceptions import Throttled

WINDOW_S = 60.0
BUDGET_S = 20.0
WAIT_S = 2.0


class Turns:
    """One at a time for each who asks, and of each minute no more than `BUDGET_S`.

    Kept in this process: what is bounded is the time that somebody takes of it.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._at_work: set[Any] = set()
        self._spent: dict[Any, float] = {}
        self._window = 0.0

    @contextmanager
    def turn(self, who: Any) -> Iterator[None]:
        """Wait until it is this one's turn. Raises Throttled where that takes too long."""
        with self._changed:
            self._require_budget(who)
            if not self._changed.wait_for(lambda: who not in self._at_work, WAIT_S):
                raise Throttled(1)
            self._at_work.add(who)
        begun = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._at_work.discard(who)
                self._spent[who] = self._spent.get(who, 0) + time.monotonic() - begun
                self._changed.notify_all()

    def _require_budget(self, who: Any) -> None:
        now = time.monotonic()
        if now - self._window >= WINDOW_S:
            self._window = now
            self._spent.clear()
        if self._spent.get(who, 0) >= BUDGET_S:
            raise Throttled(self._window + WINDOW_S - now)
