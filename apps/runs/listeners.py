"""Who listens to a stream, and what they may watch: the same rights as everywhere."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.http import HttpRequest, parse_cookie
from django.utils.module_loading import import_string

from apps.runs.models import Run
from apps.workspaces.api_keys import verify
from apps.workspaces.permissions import Principal, may


def principal_of(scope: dict[str, Any]) -> Principal | None:
    """The API key of `Authorization: Bearer`, else the person whose session cookie came along."""
    headers = dict(scope["headers"])
    scheme, _, key = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme:
        return verify(key.strip()) if scheme.lower() == "bearer" else None
    return _person(headers.get(b"cookie", b"").decode("latin-1"))


def may_watch_run(scope: dict[str, Any], run: UUID, workspace: UUID | None = None) -> int:
    """The HTTP status that the wish to watch this run earns: 200, 401, 403 or 404."""
    principal = principal_of(scope)
    if principal is None:
        return 401
    if principal.as_user is not None and not _is_own_origin(scope):
        return 403
    runs = Run.objects.visible_to(principal, "run.view").filter(pk=run)
    if workspace is not None:
        runs = runs.filter(workspace=workspace)
    return 200 if runs.exists() else 404


def may_watch_workspace(scope: dict[str, Any], workspace: UUID) -> bool:
    principal = principal_of(scope)
    if principal is None or (principal.as_user is not None and not _is_own_origin(scope)):
        return False
    return may(principal, "run.view", workspace)


def _person(cookies: str) -> Any:
    session_id = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    if not session_id:
        return None
    request = HttpRequest()
    request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(session_id)
    if SESSION_KEY not in request.session:
        return None
    user = get_user(request)
    return user if user.is_authenticated else None


def _is_own_origin(scope: dict[str, Any]) -> bool:
    """Whether the page that asks is ours: a cookie alone would speak for any page."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not origin:
        return True
    own = {headers.get(b"host", b"").decode("latin-1"), urlsplit(settings.PUBLIC_URL).netloc}
    return urlsplit(origin).netloc in own
