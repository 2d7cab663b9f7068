"""How often a login may fail before the next attempt has to wait."""

import hashlib
import time

from django.core.cache import cache
from rest_framework.exceptions import Throttled

WINDOW_S = 60
MAX_FAILURES = 10
MAX_FAILURES_OF_ADDRESS = 30


def check_login_limit(email: str, address: str) -> None:
    """Refuse (429) while too many logins failed in this minute: for this account, or from there."""
    for name, limit in _counters(email, address):
        if cache.get(name, 0) >= limit:
            raise Throttled(WINDOW_S - time.time() % WINDOW_S)


def count_failed_login(email: str, address: str) -> None:
    for name, _ in _counters(email, address):
        cache.add(name, 0, timeout=WINDOW_S * 2)
        cache.incr(name)


def _counters(email: str, address: str) -> list[tuple[str, int]]:
    # By account and address together: who knows an e-mail address cannot lock its owner out.
    window = int(time.time() // WINDOW_S)
    return [
        (_name(window, address, email.lower()), MAX_FAILURES),
        (_name(window, address), MAX_FAILURES_OF_ADDRESS),
    ]


def _name(window: int, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"login:{window}:{digest}"
