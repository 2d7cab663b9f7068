"""An attempt outside of any run: bounded in time, its connections cut when the time is over."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from apps.engine.errors import RevokedError
from apps.engine.masking import Masker, revealed
from apps.nodes.context import Services
from apps.nodes.outside.http import HeldBytes, Http
from apps.nodes.outside.pinned import Connections


class LoneAttempt:
    """The engine's `Attempt` where no step is: what it logs nobody reads."""

    def __init__(self, timeout_s: float) -> None:
        self.masker = Masker(beside=revealed)
        self._id = uuid4()
        self._deadline = time.monotonic() + timeout_s
        self._lock = threading.Lock()
        self._closers: list[Callable[[], None]] | None = []

    def check(self) -> None:
        if self._closers is None or self.remaining_s() <= 0:
            raise RevokedError("the time for this is over")

    def remaining_s(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def log(self, level: str, text: str) -> None:
        pass

    def hide(self, secrets: Iterable[str]) -> None:
        self.masker.hide(secrets)

    def masked(self, content: bytes) -> bytes:
        return self.masker.content(content)

    def keep(self, size: int) -> None:
        pass

    def key(self, item: int, request: int = 0) -> str:
        return f"{self._id}:{item}:{request}"

    def on_revoke(self, close: Callable[[], None]) -> None:
        with self._lock:
            if self._closers is not None:
                self._closers.append(close)
                return
        close()

    def revoke(self) -> None:
        """End it: its connections close."""
        with self._lock:
            closers, self._closers = self._closers or [], None
        for close in closers:
            close()


def lone_http(services: Services, attempt: LoneAttempt) -> Http:
    """Requests of such an attempt, vetted and bounded as those of steps are. To be closed."""
    transport = services.transport(Connections(services.egress, attempt))
    held = HeldBytes(services.http.step_bytes)
    return Http(attempt, transport, lambda: attempt.key(0), services.http, held)


@contextmanager
def lone_attempt(timeout_s: float) -> Iterator[LoneAttempt]:
    """An attempt that is revoked when its time is over, whatever it waits for, or it has ended."""
    attempt = LoneAttempt(timeout_s)
    timer = threading.Timer(timeout_s, attempt.revoke)
    timer.daemon = True
    timer.start()
    try:
        yield attempt
    finally:
        timer.cancel()
        attempt.revoke()
