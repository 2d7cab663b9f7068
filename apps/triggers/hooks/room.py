"""What hooks may take of this process: memory and disk for bodies, and places for senders that wait
until their runs answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from apps.triggers.hooks.errors import too_busy, too_many_wait

LARGEST_BODIES = 8
"""There is room for so many bodies of the largest size."""
MOST_SENDERS = 1_000
"""So many may wait at once for what their runs answer."""


class Room:
    """Counts bytes that are held. May be used from any thread."""

    def __init__(self, largest: str) -> None:
        self.taken = 0
        self._largest = largest
        """The setting that bounds one body."""
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Count bytes as held. Raises RefusedError where there is no room for them."""
        with self._lock:
            if self.taken + size > LARGEST_BODIES * getattr(settings, self._largest):
                raise too_busy()
            self.taken += size

    def give_back(self, size: int) -> None:
        with self._lock:
            self.taken -= size


memory = Room("MAX_BODY_BYTES")
"""From reading to storing them."""
disk = Room("MAX_UPLOAD_BYTES")


class Senders:
    """Counts those who wait for an answer, on the event loop. May be asked from any thread."""

    def __init__(self) -> None:
        self.waiting = 0

    def check(self) -> None:
        """Raise RefusedError where one more may not wait.

        Those that a batch takes are counted once it is stored: some more than that may wait.
        """
        if self.waiting >= MOST_SENDERS:
            raise too_many_wait()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a sender while it waits."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1


senders = Senders()
