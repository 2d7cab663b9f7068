"""Workspaces, people and keys in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.workspaces.api_keys import create_api_key, revoke_api_key
from apps.workspaces.edit import create_workspace, rename_workspace
from apps.workspaces.members import add_member, change_role, delete_user, remove_member
from apps.workspaces.models import (
    ApiKey,
    AuditEntry,
    IdempotencyKey,
    Membership,
    User,
    Variable,
    Workspace,
)
from apps.workspaces.permissions import Role, principal_of
from apps.workspaces.scoped_admin import (
    DeedAdmin,
    ScopedAdmin,
    VisibleFilter,
    is_superuser,
    shown_json,
)
from apps.workspaces.variables import change_variable, create_variable, delete_variable

# Who may do what is said by roles in workspaces: groups would be a second table of rights.
admin.site.unregister(Group)


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, DeedAdmin):
    """Accounts. Only superusers change them: who sets a password may be anyone."""

    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "is_active", "is_staff", "is_superuser", "last_login", "created_at")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email",)
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "created_at")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Times", {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: Any = super().get_queryset(request)
        return users if is_superuser(request) else users.visible_to(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return is_superuser(request)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_user(obj, by=principal_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            delete_user(user, by=principal_of(request))


@admin.register(Workspace)
class WorkspaceAdmin(ScopedAdmin):
    view_right = "workspace.view"
    change_right = "workspace.edit"
    list_display = ("name", "created_at")
    search_fields = ("name",)
    fields = ("name", "created_at")
    readonly_fields = ("created_at",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # No role in a workspace says who may make another.
        return is_superuser(request)

    def save_model(
        self, request: HttpRequest, obj: Workspace, form: ModelForm, change: bool
    ) -> None:
        if change:
            name, obj.name = obj.name, form.initial["name"]
            rename_workspace(obj, name, by=principal_of(request))
        else:
            owner = principal_of(request).as_user
            obj.pk = create_workspace(obj.name, owner).pk


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

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset:
            remove_member(membership, by=principal_of(request))


@admin.register(ApiKey)
class ApiKeyAdmin(ScopedAdmin):
    """Keys are made and revoked here. The page of a key never shows it."""

    view_right = "api_key.view"
    add_right = "api_key.manage"
    list_display = (
        "prefix",
        "name",
        "workspace",
        "role",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_select_related = ("workspace",)
    list_filter = (("workspace", VisibleFilter), "role")
    search_fields = ("prefix", "name")
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        made = ("prefix", "created_by", "created_at", "last_used_at", "revoked_at")
        return ("workspace", "name", "role", "expires_at", *(made if obj else ()))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ModelForm, change: bool) -> None:
        key, text = create_api_key(
            obj.workspace,
            Role(obj.role),
            name=obj.name,
            expires_at=obj.expires_at,
            by=principal_of(request),
        )
        obj.pk, obj.prefix = key.pk, key.prefix
        told = f"The key is {text} — it is shown this once and cannot be read again."
        self.message_user(request, told, messages.WARNING)

    @admin.action(description="Revoke", permissions=["add"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        self.run_deed(request, queryset, "api_key.manage", "keys revoked", revoke_api_key)


@admin.register(Variable)
class VariableAdmin(ScopedAdmin):
    view_right = "variable.view"
    add_right = change_right = delete_right = "variable.edit"
    list_display = ("name", "value", "workspace", "created_at")
    list_select_related = ("workspace",)
    list_filter = (("workspace", VisibleFilter),)
    search_fields = ("name", "value")
    fields = ("workspace", "name", "value")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("workspace",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Variable, form: ModelForm, change: bool
    ) -> None:
        by = principal_of(request)
        if change:
            change_variable(obj, obj.name, obj.value, by=by)
        else:
            obj.pk = create_variable(obj.workspace, obj.name, obj.value, by=by).pk

    def delete_model(self, request: HttpRequest, obj: Variable) -> None:
        delete_variable(obj, by=principal_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Variable]) -> None:
        for variable in queryset:
            delete_variable(variable, by=principal_of(request))


@admin.register(AuditEntry)
class AuditEntryAdmin(ScopedAdmin):
    view_right = "audit.view"
    list_display = ("at", "action", "object_name", "user", "api_key", "workspace")
    list_select_related = ("user", "api_key", "workspace")
    list_filter = (("workspace", VisibleFilter), "action")
    search_fields = ("action", "object_name", "user__email")
    date_hierarchy = "at"
    fields = (
        "at",
        "action",
        "object_type",
        "object_id",
        "object_name",
        "user",
        "api_key",
        "workspace",
        "details",
    )
    readonly_fields = ("details",)

    @display(description="details")
    def details(self, entry: AuditEntry) -> SafeString:
        return shown_json(entry.detail)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ScopedAdmin):
    view_right = "audit.view"
    list_display = ("request", "principal", "workspace", "status", "created_at", "expires_at")
    list_select_related = ("workspace",)
    list_filter = (("workspace", VisibleFilter), "status")
    fields = ("request", "principal", "workspace", "status", "created_at", "expires_at")
