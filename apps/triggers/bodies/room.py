"""How much of this process bodies may take: of its memory, and of the disk."""

import threading

from django.conf import settings

from apps.triggers.errors import too_busy

LARGEST_BODIES = 8
"""There is room for so many bodies of the largest size."""


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
