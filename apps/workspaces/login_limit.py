"""How often a login may fail before the next attempt has to wait, at whichever door."""

import hashlib
import logging
import time
from ipaddress import ip_network
from typing import Any

import redis
from django import forms
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from unfold.forms import AuthenticationForm

from apps.workspaces.client_address import client_address
from apps.workspaces.models import User

logger = logging.getLogger(__name__)

WINDOW_S = 60
MAX_FAILURES = 10
MAX_FAILURES_OF_ADDRESS = 30


class LimitedBackend(ModelBackend):
    """Knows people by e-mail address and password."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Find who that is. Raises Throttled while too many logins failed in this minute: for this
        account from this address, or from this address at all."""
        # By account and address together: who knows an e-mail address cannot lock its owner out.
        address = _household(client_address(request)) if request else ""
        limits = [
            (_counter(address, str(username).lower()), MAX_FAILURES),
            (_counter(address), MAX_FAILURES_OF_ADDRESS),
        ]
        if any(_count(counter) >= limit for counter, limit in limits):
            raise Throttled(WINDOW_S - time.time() % WINDOW_S)
        # Takes as long for an unknown account as for a wrong password: Django hashes anyway.
        user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            for counter, _ in limits:
                _add_one(counter)
        assert user is None or isinstance(user, User)
        return user


class LoginForm(AuthenticationForm):
    """The admin's login, which says that one has to wait."""

    def clean(self) -> dict[str, Any]:
        try:
            return dict(super().clean())
        except Throttled as error:
            raise forms.ValidationError(str(error.detail)) from None


# Redis that is away must not keep people from looking what is wrong: then nothing is counted.


def _count(counter: str) -> int:
    try:
        return int(cache.get(counter, 0))
    except redis.RedisError as error:
        logger.warning("failed logins are not counted: %s", error)
        return 0


def _add_one(counter: str) -> None:
    try:
        cache.add(counter, 0, timeout=WINDOW_S * 2)
        cache.incr(counter)
    except (redis.RedisError, ValueError) as error:  # away, or it has just forgotten the counter
        logger.warning("failed logins are not counted: %s", error)


def _household(address: str) -> str:
    """What one client has: of IPv6 a network of 2^64 addresses."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _counter(*parts: str) -> str:
    window = int(time.time() // WINDOW_S)
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"login:{window}:{digest}"
