"""An attempt in flight, as the code of a node sees it, and how it is taken back."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from apps.engine.errors import RevokedError
from apps.engine.masking import Masker
from apps.engine.ports import Clock
from apps.engine.recorder import Key


@dataclass(frozen=True, slots=True)
class Logged:
    """A branch tells of a log line."""

    key: Key
    attempt: int
    level: str
    text: str


class RunningAttempt:
    """The engine's `Attempt`. Its methods may be called from any thread."""

    def __init__(
        self,
        run: UUID,
        key: Key,
        number: int,
        *,
        timeout_s: float,
        clock: Clock,
        tell: Callable[[Logged], None],
        check_claim: Callable[[], None],
        masker: Masker,
        keep: Callable[[int], None],
    ) -> None:
        self.number = number
        self.lost_claim = False
        """Whether this attempt was refused for the claim's sake: whatever became of it is void."""
        self._timeout_s = timeout_s
        self._began_at: float | None = None
        self._run = run
        self.step = key
        self._clock = clock
        self._tell = tell
        self._check_claim = check_claim
        self._masker = masker
        self._keep = keep
        self._lock = threading.Lock()
        self._is_revoked = False
        self._closers: list[Callable[[], None]] = []

    @property
    def is_revoked(self) -> bool:
        return self._is_revoked

    def begin(self) -> None:
        """Start the clock: now, and not while the attempt waited for a thread."""
        self._began_at = self._clock.monotonic()

    @property
    def deadline(self) -> float:
        """When it times out; moves along with the time as long as it has not begun."""
        began_at = self._clock.monotonic() if self._began_at is None else self._began_at
        return began_at + self._timeout_s

    def check(self) -> None:
        try:
            self._check_claim()
        except RevokedError:
            self.lost_claim = True
            raise
        # After the claim: while nobody knew whether it holds, the attempt may have timed out.
        if self._is_revoked:
            raise RevokedError("this attempt has timed out or was cancelled")

    def remaining_s(self) -> float:
        return max(0.0, self.deadline - self._clock.monotonic())

    def log(self, level: str, text: str) -> None:
        self._tell(Logged(self.step, self.number, level, self._masker.text(text)))

    def hide(self, secrets: Iterable[str]) -> None:
        self._masker.hide(secrets)

    def masked(self, content: bytes) -> bytes:
        return self._masker.content(content)

    def keep(self, size: int) -> None:
        self._keep(size)

    def key(self, item: int, request: int = 0) -> str:
        node, iteration = self.step
        return f"{self._run}:{node}:{iteration}:{item}:{request}"

    def on_revoke(self, close: Callable[[], None]) -> None:
        with self._lock:
            if not self._is_revoked:
                self._closers.append(close)
                return
        close()

    def revoke(self) -> None:
        """Take the attempt back: nothing it does from now on counts, its connections close."""
        with self._lock:
            self._is_revoked = True
            closers, self._closers = self._closers, []
        for close in closers:
            close()
