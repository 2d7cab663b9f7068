"""Places for senders that wait until their runs answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from apps.triggers.errors import too_many_wait

MOST_SENDERS = 1_000
"""So many may wait at once for what their runs answer."""


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
