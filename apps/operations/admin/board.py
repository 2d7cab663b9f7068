"""The status board: the admin's first page, and the parts of it that renew themselves."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from apps.operations.board.charts import charts_of, rows_of
from apps.operations.board.day import day_of
from apps.operations.board.figures import figures_of
from apps.workspaces.models import Workspace
from apps.workspaces.scoped_admin import is_superuser, seen_by

KEPT_S = 2
"""So long the figures serve all who may see the same."""
DAY_KEPT_S = 55
"""And the graphs, which go on seldom."""

Part = Callable[[HttpRequest], dict[str, Any]]


def board_of(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Give the admin's first page its figures and graphs."""
    return context | {"title": "Status board"} | _figures(request) | _day(request)


@require_safe
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    """The figures alone, for the page that has them already."""
    return _part(request, "operations_admin/figures.html", _figures)


@require_safe
@never_cache
def board_day(request: HttpRequest) -> HttpResponse:
    """The graphs alone."""
    return _part(request, "operations_admin/day.html", _day)


def _part(request: HttpRequest, template: str, part: Part) -> HttpResponse:
    """401 to who is not in any more: a page of login does not belong among them."""
    if not (request.user.is_active and request.user.is_staff):
        return HttpResponse(status=401)
    return render(request, template, part(request))


def _figures(request: HttpRequest) -> dict[str, Any]:
    def count(workspaces: list[UUID]) -> dict[str, Any]:
        figures = figures_of(workspaces, of_installation=is_superuser(request))
        return {"figures": figures, "counted_at": timezone.now()}

    return _kept(request, "figures", KEPT_S, count)


def _day(request: HttpRequest) -> dict[str, Any]:
    def count(workspaces: list[UUID]) -> dict[str, Any]:
        day = day_of(workspaces, timezone.now())
        times = [f"{each.starts_at:%H:%M}" for each in day[::12]]
        now = f"{day[-1].ends_at:%H:%M}"
        return {"charts": charts_of(day), "rows": rows_of(day), "times": [*times, now]}

    return _kept(request, "day", DAY_KEPT_S, count)


def _kept(
    request: HttpRequest, name: str, seconds: int, count: Callable[[list[UUID]], dict[str, Any]]
) -> dict[str, Any]:
    """What all who may see the same are shown for so long, counted anew only then."""
    whose = "all" if is_superuser(request) else str(request.user.pk)
    key = f"board.{name}.{whose}"
    found: dict[str, Any] | None = None
    # Where Redis is away the board is wanted most: it says so.
    with suppress(RedisError):
        found = cache.get(key)
    if found is None:
        rows = seen_by(request, Workspace.objects.all(), "run.view")
        found = count(list(rows.values_list("pk", flat=True)))
        with suppress(RedisError):
            cache.set(key, found, seconds)
    return found
