"""How all that a run does is taken back by another thread, whatever the run's own is in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from apps.engine.attempts import RunningAttempt


class Interrupt:
    """Once set, the attempts under way are revoked, and what begins later is so from the start.

    Set for a run that is asked to end: the run's own thread reads that, and ends it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: set[RunningAttempt] = set()
        self._is_set = False

    def set(self) -> None:
        """Revoke all; once this returns, none of them sends anything more."""
        with self._lock:
            self._is_set = True
            attempts = list(self._under_way)
        for attempt in attempts:
            attempt.revoke()

    @property
    def has_any(self) -> bool:
        """Whether an attempt is under way."""
        return bool(self._under_way)

    @contextmanager
    def reaches(self, attempt: RunningAttempt) -> Iterator[None]:
        """The attempt is under way meanwhile."""
        with self._lock:
            self._under_way.add(attempt)
            is_set = self._is_set
        try:
            if is_set:
                attempt.revoke()
            yield
        finally:
            with self._lock:
                self._under_way.discard(attempt)
