"""A clock for tests of what measures time."""

import math
import time


class Clock:
    """A monotonic clock that is set.

    It begins at the real one's time, which others may have read; whole, so that sums are exact.
    """

    def __init__(self) -> None:
        self.now = float(math.ceil(time.monotonic()))

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let others go on, who may set the clock."""
        time.sleep(seconds)
