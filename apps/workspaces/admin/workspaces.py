"""Workspaces and their members in the admin."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.edit import create_workspace, rename_workspace
from apps.workspaces.invitations import with_standing
from apps.workspaces.members import add_member, change_role, remove_member
from apps.workspaces.models import (
    Membership,
    Workspace,
)
from apps.workspaces.permissions import Role, principal_of
from apps.workspaces.scoped_admin import ScopedAdmin, is_allowed, superusers_alone

MOST_SHOWN = 50


@admin.register(Workspace)
class WorkspaceAdmin(ScopedAdmin):
    view_right = "workspace.view"
    change_right = "workspace.edit"
    list_display = ("name", "created_at")
    search_fields = ("name",)
    fields = ("name", "created_at")
    readonly_fields = ("created_at",)
    change_form_outer_after_template = "workspaces_admin/workspace.html"

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            context |= _people_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # No role in a workspace says who may make another.
        return superusers_alone(request)

    def save_model(
        self, request: HttpRequest, obj: Workspace, form: ModelForm, change: bool
    ) -> None:
        if change:
            name, obj.name = obj.name, form.initial["name"]
            rename_workspace(obj, name, by=principal_of(request))
        else:
            owner = principal_of(request).as_user
            obj.pk = create_workspace(obj.name, owner).pk


def _people_of(request: HttpRequest, workspace: Workspace) -> dict[str, Any]:
    """Who works in a workspace, and which programs: as far as who asks may see it."""
    members = list(workspace.memberships.select_related("user")[: MOST_SHOWN + 1])
    may_manage = is_allowed(request, "member.manage", workspace)
    may_see_keys = is_allowed(request, "api_key.view", workspace)
    invitations = with_standing(workspace.invitations.all())
    return {
        "members": members[:MOST_SHOWN],
        "more_members": len(members) > MOST_SHOWN,
        "most": MOST_SHOWN,
        "may_manage": may_manage,
        "invitations": invitations[:MOST_SHOWN] if may_manage else (),
        "may_see_keys": may_see_keys,
        "keys": workspace.api_keys.all()[:MOST_SHOWN] if may_see_keys else (),
    }


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    view_right = "member.view"
    add_right = change_right = delete_right = "member.manage"
    list_display = ("user", "workspace", "role", "created_at")
    list_select_related = ("user", "workspace")
    list_filter = (("workspace", VisibleFilter), "role")
    search_fields = ("user__email", "workspace__name")
    fields = ("workspace", "user", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("workspace", "user") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Membership, form: ModelForm, change: bool
    ) -> None:
        if change:
            role, obj.role = Role(obj.role), form.initial["role"]
            change_role(obj, role, by=principal_of(request))
        else:
            role = Role(obj.role)
            added = add_member(obj.workspace, obj.user.email, role, by=principal_of(request))
            obj.pk = added.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        remove_member(obj, by=principal_of(request))
