"""The status board: the admin's first page, and the part of it that renews itself."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.operations.board.figures import figures_of
from apps.workspaces.models import Workspace
from apps.workspaces.scoped_admin import is_superuser, seen_by

KEPT_S = 4
"""So long the figures serve all who may see the same."""


def board_of(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Give the admin's first page its figures."""
    return context | _figures(request)


@require_safe
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    """The figures alone, for the page that has them already. 401 to who is not in any more: a
    page of login does not belong among them."""
    if not (request.user.is_active and request.user.is_staff):
        return HttpResponse(status=401)
    return render(request, "operations_admin/figures.html", _figures(request))


def _figures(request: HttpRequest) -> dict[str, Any]:
    is_super = is_superuser(request)
    whose = "all" if is_super else str(request.user.pk)
    key = f"board.{whose}"
    found = cache.get(key)
    if found is None:
        rows = seen_by(request, Workspace.objects.all(), "run.view")
        workspaces = list(rows.values_list("pk", flat=True))
        figures = figures_of(workspaces, of_installation=is_super)
        found = {"figures": figures, "counted_at": timezone.now()}
        cache.set(key, found, KEPT_S)
    return found
