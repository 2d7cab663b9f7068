"""Ends a connection from any thread, whatever library holds it."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from apps.engine.ports import Attempt


class CutOff:
    """Shuts a connection down when its attempt is revoked.

    It has a handle of its own: by the bare number of a socket that was closed meanwhile, it could
    end a connection of somebody else.
    """

    def __init__(
        self, fileno: int, attempt: Attempt, first: Callable[[], None] = lambda: None
    ) -> None:
        """`first` is called before the connection ends."""
        self._first = first
        self._lock = threading.Lock()
        self._handle = socket.fromfd(fileno, socket.AF_INET, socket.SOCK_STREAM)
        attempt.on_revoke(self.cut)

    def cut(self) -> None:
        """Wake up whoever waits on the connection: it is over."""
        self._first()
        with self._lock, suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            self._handle.close()
