"""To end JavaScript that runs, from another thread than the one that waits for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from apps.expressions.child import Child
from apps.expressions.errors import JavaScriptError


class Stop:
    """Ends the calls of the sandbox that it is given to: the one under way, and all later ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._is_set = False

    def set(self) -> None:
        with self._lock:
            self._is_set = True
            if self._child is not None:
                self._child.stop()

    @contextmanager
    def reaches(self, child: Child) -> Iterator[None]:
        """The child is at work for the call meanwhile, and for no other."""
        with self._lock:
            if self._is_set:
                raise JavaScriptError("js_host", "The JavaScript was stopped.")
            self._child = child
        try:
            yield
        finally:
            with self._lock:
                self._child = None
