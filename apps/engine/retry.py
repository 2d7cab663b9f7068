"""Whether a failed attempt is made again, and when."""

from collections.abc import Callable, Sequence

from apps.engine.errors import FlowForgeError
from apps.engine.graph import Retry
from apps.engine.items import Json
from apps.engine.scheduler import Activation

WORKER_LOST = "worker_lost"


def losses(attempts: Sequence[dict[str, Json]]) -> int:
    """How many attempts of a step were lost with their worker, that died or was told to stop."""
    return sum(attempt.get("error", {}).get("code") == WORKER_LOST for attempt in attempts)


def is_retried(retry: Retry, error: FlowForgeError) -> bool:
    """Whether an attempt that failed so is made again, while attempts are left."""
    return error.retryable and (not retry.on or error.code in retry.on)


def retries_left(retry: Retry, attempts: Sequence[dict[str, Json]]) -> int:
    """How many attempts may follow; those that were lost with their worker use up none."""
    return max(0, retry.count - (len(attempts) - 1 - losses(attempts[:-1])))


def retry_wait_s(
    retry: Retry,
    error: FlowForgeError,
    attempts: Sequence[dict[str, Json]],
    random: Callable[[], float],
) -> float | None:
    """Seconds until the next attempt, or None when there is to be none.

    Jitter draws from the upper half of the wait, so that a retry never comes at once. Whoever asked
    to be left alone for longer is, up to the longest wait.
    """
    left = retries_left(retry, attempts)
    if not left or not is_retried(retry, error):
        return None
    wait = min(retry.wait_s * retry.factor ** (retry.count - left), retry.max_wait_s)
    if retry.jitter:
        wait *= 0.5 + random() / 2
    return max(wait, min(error.retry_after_s or 0, retry.max_wait_s))


class Retries:
    """Steps to be tried again so soon that their run does not suspend for it."""

    def __init__(self) -> None:
        self._due: list[tuple[float, Activation]] = []

    def __len__(self) -> int:
        return len(self._due)

    def add(self, due: float, activation: Activation) -> None:
        self._due.append((due, activation))

    def take_due(self, now: float) -> list[Activation]:
        taken = [activation for due, activation in self._due if due <= now]
        if taken:
            self._due = [(due, activation) for due, activation in self._due if due > now]
        return taken

    def dues(self) -> list[float]:
        return [due for due, _ in self._due]
