"""How often something was done in the minute, or hour, that it is: counted for all processes."""

import hashlib
import logging
import time
from ipaddress import ip_network

import redis
from django.core.cache import cache

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


def household(address: str) -> str:
    """What one client has: of IPv6 a network of 2^64 addresses."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
