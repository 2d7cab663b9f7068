"""Whether a failed attempt is made again, and when."""

from collections.abc import Callable, Sequence

from apps.engine.errors import FlowForgeError
from apps.engine.graph import Retry
from apps.engine.items import Json

WORKER_LOST = "worker_lost"


def retry_wait_s(
    retry: Retry,
    error: FlowForgeError,
    attempts: Sequence[dict[str, Json]],
    random: Callable[[], float],
) -> float | None:
    """Seconds until the next attempt, or None when there is to be none.

    Attempts that died with their worker use up no retry. Jitter draws from the upper half of the
    wait, so that a retry never comes at once.
    """
    if not error.retryable or (retry.on and error.code not in retry.on):
        return None
    used = sum(
        1 for attempt in attempts[:-1] if attempt.get("error", {}).get("code") != WORKER_LOST
    )
    if used >= retry.count:
        return None
    wait = min(retry.wait_s * retry.factor**used, retry.max_wait_s)
    return wait * (0.5 + random() / 2) if retry.jitter else wait
