"""Whether a failed attempt is made again, and when."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Retry
from apps.engine.retry import Retries, losses, retry_wait_s
from apps.engine.scheduler import Activation

LATE = NodeError("timeout", "late", retryable=True)


def attempts(*codes: str | None) -> list[dict[str, Any]]:
    """Attempts that ended with these errors; None: the one that fails now."""
    return [{"error": {"code": code}} if code else {} for code in codes]


def wait(retry: Retry, *codes: str | None, error: NodeError = LATE) -> float | None:
    return retry_wait_s(retry, error, attempts(*codes), lambda: 0.5)


@pytest.mark.parametrize(
    ("retry", "codes", "wait_s"),
    [
        (Retry(), [None], None),  # no retries asked for
        (Retry(count=2, jitter=False), [None], 1),
        (Retry(count=2, jitter=False), ["timeout", None], 2),  # backoff
        (Retry(count=2, jitter=False), ["timeout", "timeout", None], None),  # used up
        (Retry(count=9, wait_s=100, jitter=False), ["timeout"] * 5 + [None], 300),  # bounded
        (Retry(count=1, jitter=False), ["worker_lost", "worker_lost", None], 1),  # losses are free
        (Retry(count=1, on=("timeout",), jitter=False), [None], 1),
        (Retry(count=1, on=("http_status",)), [None], None),  # another error is meant
        (Retry(count=1, wait_s=4), [None], 3),  # from the upper half
    ],
)
def test_a_retry_comes_after(retry: Retry, codes: list[str | None], wait_s: float | None):
    assert wait(retry, *codes) == wait_s


def test_what_cannot_succeed_is_not_retried():
    assert wait(Retry(count=3), None, error=NodeError("bad_input", "never")) is None


@pytest.mark.parametrize(
    ("asked_s", "wait_s"),
    [(30, 30), (0.5, 1), (100_000, 300), (None, 1)],  # less than ours; more than the longest
)
def test_who_asks_to_be_left_alone_for_longer_is(asked_s: float | None, wait_s: float):
    busy = NodeError("http_status", "busy", retryable=True, retry_after_s=asked_s)
    assert wait(Retry(count=1, jitter=False), None, error=busy) == wait_s


def test_losses_are_counted_over_all_attempts():
    assert losses(attempts("worker_lost", "timeout", "worker_lost", None)) == 2


def test_only_retries_that_are_due_are_taken():
    retries = Retries()
    soon, later = Activation("a", 0, {}), Activation("b", 0, {})
    retries.add(1, soon)
    retries.add(2, later)
    assert retries.take_due(1.5) == [soon]
    assert (len(retries), retries.dues()) == (1, [2])
