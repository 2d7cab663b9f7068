"""Limits of processor time that mean the same on slow machines and on fast ones."""

import time

USUAL_S = 0.06
"""What `_work` takes on the machine for which the limits are written."""


def seconds_here(seconds: float) -> float:
    """As much processor time as takes so many seconds on the usual machine, or more on a fast one.

    The same machine may be slower than an hour before: ask where the time is compared.
    """
    begun = time.process_time()
    _work()
    return seconds * max(1.0, (time.process_time() - begun) / USUAL_S)


def _work() -> int:
    return sum(number * number for number in range(1_000_000))
