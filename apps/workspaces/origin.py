"""Where a change comes from: by which way, and from which address. The audit trail asks."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from django.db.models import TextChoices
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.workspaces.client_address import client_address

View = Callable[[HttpRequest], HttpResponseBase]


class Way(TextChoices):
    """By what a change was made."""

    WEB = "web", "web app"
    API = "api", "API"
    ADMIN = "admin", "admin"
    LINK = "link", "link"
    COMMAND = "command", "command"
    WORKER = "worker", "worker"


@dataclass(frozen=True, slots=True)
class Origin:
    """The way, and the address of the request; of what no request asks for, none."""

    way: Way
    address: str | None = None


_origin: ContextVar[Origin] = ContextVar("origin")

# No thread inherits what its starter has: whatever works beside requests is a worker.
BY_WORKER = Origin(Way.WORKER)


def origin() -> Origin:
    """Where what is done just now comes from."""
    return _origin.get(BY_WORKER)


def comes_from_command() -> None:
    """Say that what this thread does from now on was typed on the command line."""
    _origin.set(Origin(Way.COMMAND))


class OriginMiddleware:
    """Notes where each request comes from while it is answered."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _origin.set(Origin(_way(request), client_address(request) or None))
        try:
            return self.get_response(request)
        finally:
            _origin.reset(token)


def _way(request: HttpRequest) -> Way:
    if request.path.startswith("/admin/"):
        return Way.ADMIN
    if request.path.startswith("/api/"):
        # The web app asks the same API, by a session.
        return Way.API if "Authorization" in request.headers else Way.WEB
    return Way.LINK
