"""How often something was done in the minute, or hour, that it is: counted for all processes."""

import hashlib
import logging
import time
from collections.abc import Iterable
from ipaddress import ip_network

import redis
from django.core.cache import cache

from apps.workspaces.errors import TooOftenError

logger = logging.getLogger(__name__)


class Counter:
    """Counts what is done within a window of time by whoever the parts name, and then anew.

    Redis that is away must not keep people from looking what is wrong: then nothing is counted.
    """

    def __init__(self, window_s: int, *parts: str) -> None:
        self.window_s = window_s
        window = int(time.time() // window_s)
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        self._key = f"counted:{window_s}:{window}:{digest}"

    @property
    def ends_in_s(self) -> float:
        return self.window_s - time.time() % self.window_s

    @property
    def count(self) -> int:
        try:
            return int(cache.get(self._key, 0))
        except redis.RedisError as error:
            logger.warning("nothing is counted against limits: %s", error)
            return 0

    def add_one(self) -> None:
        try:
            cache.add(self._key, 0, timeout=self.window_s * 2)
            cache.incr(self._key)
        except (redis.RedisError, ValueError) as error:  # away, or it has just forgotten the key
            logger.warning("nothing is counted against limits: %s", error)


def count_within(limits: Iterable[tuple[Counter, int]], code: str, told: str) -> None:
    """Count something once by each of these. Raises TooOftenError, and counts nothing, where one
    has as many as its limit; `told` may name that: `{most} mails an hour are enough.`"""
    limits = list(limits)
    for counter, most in limits:
        if counter.count >= most:
            minutes = max(1, round(counter.ends_in_s / 60))
            raise TooOftenError(
                code,
                told.format(most=most),
                f"Wait {minutes} minute{'s' if minutes > 1 else ''}.",
                wait=counter.ends_in_s,
            )
    for counter, _ in limits:
        counter.add_one()


def household(address: str) -> str:
    """What one client has: of IPv6 a network of 2^64 addresses."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
