"""Who listens to a stream, and what they may watch: the same rights as everywhere."""

from collections.abc import Collection
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.http import HttpRequest, parse_cookie
from django.utils.module_loading import import_string

from apps.runs.models import Run
from apps.workspaces.api_keys import verify
from apps.workspaces.permissions import Principal, may


class Credentials(NamedTuple):
    """What a connection brought along that says who asks, and from which page."""

    authorization: str
    cookies: str
    origin: str
    host: str


def credentials_of(scope: dict[str, Any]) -> Credentials:
    headers = dict(scope["headers"])
    names = (b"authorization", b"cookie", b"origin", b"host")
    return Credentials(*(headers.get(name, b"").decode("latin-1") for name in names))


def principal_of(credentials: Credentials) -> Principal | None:
    """The API key of `Authorization: Bearer`, else the person whose session cookie came along."""
    scheme, _, key = credentials.authorization.partition(" ")
    if scheme:
        return verify(key.strip()) if scheme.lower() == "bearer" else None
    return _person(credentials.cookies)


def may_watch_run(
    credentials: Credentials, run: UUID, workspace: UUID | None = None
) -> tuple[int, UUID | None]:
    """The HTTP status that the wish to watch this run earns: 200, 401, 403 or 404; with 200 the
    workspace of the run."""
    principal = principal_of(credentials)
    if principal is None:
        return 401, None
    if _is_foreign_page(principal, credentials):
        return 403, None
    runs = Run.objects.visible_to(principal, "run.view").filter(pk=run)
    if workspace is not None:
        runs = runs.filter(workspace=workspace)
    found = runs.values_list("workspace", flat=True).first()
    return (404 if found is None else 200), found


def may_watch_workspace(credentials: Credentials, workspace: UUID) -> bool:
    return bool(seen_by(credentials, set(), {workspace})[1])


def seen_by(
    credentials: Credentials, runs: Collection[UUID], workspaces: Collection[UUID]
) -> tuple[dict[UUID, tuple[int, str]], set[UUID]]:
    """Of these runs those that may be watched, with number and status; and of the workspaces."""
    principal = principal_of(credentials)
    if principal is None or _is_foreign_page(principal, credentials):
        return {}, set()
    watched = Run.objects.visible_to(principal, "run.view").filter(pk__in=runs)
    seen = {id: (seq, status) for id, seq, status in watched.values_list("pk", "seq", "status")}
    return seen, {each for each in workspaces if may(principal, "run.view", each)}


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


def _is_foreign_page(principal: Principal, credentials: Credentials) -> bool:
    """Whether a page of others asks: a cookie alone would speak for any page."""
    if principal.as_user is None or not credentials.origin:
        return False
    own = {credentials.host, urlsplit(settings.PUBLIC_URL).netloc}
    return urlsplit(credentials.origin).netloc not in own
