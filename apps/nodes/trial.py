"""An attempt outside of any run: for trying a credential."""

import time
from collections.abc import Callable

TRIAL_S = 15.0


class Trial:
    """The engine's `Attempt` of nothing but a try; it is current until its time is over."""

    def __init__(self) -> None:
        self._until = time.monotonic() + TRIAL_S

    def check(self) -> None:
        pass

    def remaining_s(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def log(self, level: str, text: str) -> None:
        pass

    def key(self, item: int, request: int = 0) -> str:
        return ""

    def on_revoke(self, close: Callable[[], None]) -> None:
        pass
