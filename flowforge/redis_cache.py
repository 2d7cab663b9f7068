"""Django's cache on Redis."""

from typing import Any

from django.core.cache.backends import redis


class Client(redis.RedisCacheClient):
    """Makes its client of Redis once: Django makes one for each command, which takes longer than
    the command."""

    _made: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if self._made is None:
            self._made = super().get_client(key, write=write)
        return self._made


class RedisCache(redis.RedisCache):
    """For one server."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = Client
