"""How often a login may fail before the next attempt has to wait, at whichever door."""

from typing import Any

from django import forms
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from unfold.forms import AuthenticationForm

from apps.workspaces.client_address import client_address
from apps.workspaces.counted import Counter, household
from apps.workspaces.models import User

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
        address = household(client_address(request)) if request else ""
        limits = [
            (Counter(WINDOW_S, "login", address, str(username).lower()), MAX_FAILURES),
            (Counter(WINDOW_S, "login", address), MAX_FAILURES_OF_ADDRESS),
        ]
        if any(counter.count >= limit for counter, limit in limits):
            raise Throttled(limits[0][0].ends_in_s)
        # Takes as long for an unknown account as for a wrong password: Django hashes anyway.
        user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            for counter, _ in limits:
                counter.add_one()
        assert user is None or isinstance(user, User)
        return user


class LoginForm(AuthenticationForm):
    """The admin's login, which says that one has to wait."""

    def clean(self) -> dict[str, Any]:
        try:
            return dict(super().clean())
        except Throttled as error:
            raise forms.ValidationError(str(error.detail)) from None
