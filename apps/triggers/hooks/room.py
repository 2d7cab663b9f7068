"""How much memory the bodies of hooks may take in this process, from reading to storing them."""

import threading

from django.conf import settings

from apps.triggers.hooks.errors import too_busy

LARGEST_BODIES = 8
"""There is room for so many bodies of the largest size."""


class Room:
    """Counts bytes that are held. May be used from any thread."""

    def __init__(self) -> None:
        self.taken = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Count bytes as held. Raises RefusedError where there is no room for them."""
        with self._lock:
            if self.taken + size > LARGEST_BODIES * settings.MAX_BODY_BYTES:
                raise too_busy()
            self.taken += size

    def give_back(self, size: int) -> None:
        with self._lock:
            self.taken -= size
