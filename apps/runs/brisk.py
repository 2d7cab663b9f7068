"""Which runs are so brief that several of them are claimed at once."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

BRISK_S = 0.02
MOST_KNOWN = 64


class Brisk:
    """Versions whose last run took this process next to no time. Used by any thread.

    Runs that are claimed together are executed one after the other: what waits for the network, or
    reckons for long, would let the others wait.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._versions: dict[UUID, None] = {}
        self._is_backlog = False

    @property
    def versions(self) -> tuple[UUID, ...]:
        """Those of which several runs may be claimed now; none where no more runs are pending than
        there is somebody to execute."""
        return tuple(self._versions) if self._is_backlog else ()

    def note_backlog(self, has_more: bool) -> None:
        """Whether the last claim left runs behind."""
        self._is_backlog = has_more

    @contextmanager
    def measured(self, version: UUID) -> Iterator[None]:
        """Note how long a run of the version takes."""
        begun = self._clock()
        try:
            yield
        finally:
            if self._clock() - begun > BRISK_S:
                self._versions.pop(version, None)
            elif version not in self._versions and len(self._versions) < MOST_KNOWN:
                self._versions[version] = None


brisk = Brisk()
