"""What the admin says to who may not do something: who may."""

from http import HTTPStatus
from typing import Any, Literal

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.workspaces import problems
from apps.workspaces.models import Membership
from apps.workspaces.permissions import Role

NOBODY = "Nobody does this here."
SUPERUSERS = "Only superusers may do this."
NOTHING = "There is nothing here, or nothing that you may see."
ROLES_SHOWN = 20


def refused(request: HttpRequest, least: Role | str) -> Literal[False]:
    """Note who may do what was asked for last: a role, or said in words."""
    page: Any = request
    page.refused_in_admin = least
    return False


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """In the admin a page with its frame; elsewhere as everywhere."""
    is_in = request.user.is_active and request.user.is_staff
    if not is_in or not request.path.startswith(reverse("admin:index")):
        return problems.permission_denied(request, exception)
    # First: the frame asks for what there is to show, too.
    least = str(exception) or getattr(request, "refused_in_admin", NOTHING)
    context = admin.site.each_context(request) | {"title": "You may not do this"}
    if isinstance(least, Role):
        roles = Membership.objects.filter(user=request.user.pk).select_related("workspace")
        context |= {"least": least, "roles": roles.order_by("workspace__name")[:ROLES_SHOWN]}
    else:
        context["told"] = least
    return render(request, "workspaces_admin/refused.html", context, status=HTTPStatus.FORBIDDEN)
