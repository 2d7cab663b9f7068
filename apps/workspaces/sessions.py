"""Sessions in browsers: what is told of them, and how they end. Django keeps the sessions."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from apps.workspaces.audit import record
from apps.workspaces.client_address import client_address
from apps.workspaces.models import User, UserSession
from apps.workspaces.permissions import Principal

logger = logging.getLogger(__name__)

View = Callable[[HttpRequest], HttpResponseBase]

SEEN_IS_NOTED_EVERY_S = 300
MOST_REMEMBERED = 10_000
MOST_TOLD = 100
_noted: dict[str, float] = {}
"""The sessions of this process and when it noted their use: so requests need not ask."""


class SeenMiddleware:
    """Notes who was here, from where and with what, every few minutes."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # What nobody has looked into costs no query here.
        if request.session.accessed and request.session.get(SESSION_KEY):
            key, now = str(request.session.session_key), time.monotonic()
            is_due = now - _noted.get(key, -SEEN_IS_NOTED_EVERY_S) >= SEEN_IS_NOTED_EVERY_S
            if is_due and isinstance(request.user, User):
                _note(request, request.user)
        return response


def note_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Begin the record of a session (`user_logged_in`)."""
    _note(request, user)


def sessions_of(user: User) -> QuerySet[UserSession]:
    """The sessions that go on, the one last seen first."""
    is_there = Session.objects.filter(
        session_key=OuterRef("session_key"), expire_date__gt=timezone.now()
    )
    return user.sessions.filter(Exists(is_there))[:MOST_TOLD]


def end_session(session: UserSession, *, by: Principal | None) -> None:
    """Sign a browser out."""
    with transaction.atomic():
        Session.objects.filter(session_key=session.session_key).delete()
        record("user.end_session", session.user, by=by)
        session.delete()


def end_all_sessions(user: User, *, by: Principal | None) -> None:
    """Sign somebody out everywhere."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        user.sign_outs = locked.sign_outs = locked.sign_outs + 1
        locked.save(update_fields=["sign_outs"])
        keys = list(locked.sessions.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        locked.sessions.all().delete()
        record("user.end_sessions", locked, by=by)


def forget_ended_sessions(now: datetime) -> int:
    """Delete the records of sessions that are no more; gives how many."""
    is_there = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    return UserSession.objects.filter(~Exists(is_there)).delete()[0]


def browser_of(told: str) -> str:
    """What a User-Agent says, in short: the browser and where it runs, as far as we know them."""
    browser = next((name for sign, name in _BROWSERS if sign in told), "")
    system = next((name for sign, name in _SYSTEMS if sign in told), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    return told[:60] or "unknown"


# The order counts: each also says that it is those behind it.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def _note(request: HttpRequest, user: User) -> None:
    key = request.session.session_key
    if key is None:
        return
    if len(_noted) >= MOST_REMEMBERED:
        _noted.clear()
    _noted[key] = time.monotonic()
    seen = {
        "user": user,
        "seen_at": timezone.now(),
        "address": client_address(request) or None,
        "browser": request.headers.get("User-Agent", "")[:300],
    }
    try:
        UserSession.objects.update_or_create(session_key=key, defaults=seen)
    except (DatabaseError, InterfaceError) as error:  # no answer fails because of it
        logger.warning("the use of a session was not noted: %s", error)
