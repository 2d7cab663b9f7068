"""API keys in the admin, and answers that are kept for repeated requests."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import display

from apps.workspaces.admin_dialogs import asking_action, asking_of_chosen
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.api_keys import create_api_key, revoke_api_key
from apps.workspaces.models import (
    ApiKey,
    IdempotencyKey,
    User,
)
from apps.workspaces.permissions import Role, principal_of
from apps.workspaces.scoped_admin import BigTableAdmin, ScopedAdmin, back_to

REVOKING = "Programs that use it are refused from then on. It cannot be undone."


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
    actions_detail = ("revoke_this",)

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

    def has_revoke_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "api_key.manage", id)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """A key is revoked once."""
        key = self.get_object(request, str(object_id))
        is_good = key is not None and key.revoked_at is None
        return super().get_actions_detail(request, object_id) if is_good else []

    @asking_action(
        description="Revoke",
        icon="key_off",
        permissions=["revoke"],
        dialog={
            "title": "Revoke this key?",
            "description": REVOKING,
            "form_class": None,
            "form_submit_text": "Revoke",
        },
    )
    def revoke_this(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=object_id)
        self.run_deed(request, rows, "api_key.manage", "key{s} revoked", revoke_api_key)
        return back_to(request, reverse("admin:workspaces_apikey_change", args=[object_id]))

    @asking_of_chosen(
        description="Revoke",
        permissions=["add"],
        title="Revoke these keys?",
        asks=REVOKING,
        submit="Revoke",
        shown=lambda key: f"{key} {key.name}",
    )
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        self.run_deed(request, queryset, "api_key.manage", "key{s} revoked", revoke_api_key)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(BigTableAdmin):
    view_right = "audit.view"
    list_display = ("request", "who", "workspace", "status", "created_at", "expires_at")
    list_select_related = ("workspace",)
    list_filter = (("workspace", VisibleFilter),)
    fields = ("request", "who", "workspace", "status", "created_at", "expires_at")
    readonly_fields = ("who",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[IdempotencyKey]:
        users = User.objects.filter(pk=OuterRef("principal")).values("email")
        keys = ApiKey.objects.filter(pk=OuterRef("principal"))
        rows: QuerySet[IdempotencyKey] = super().get_queryset(request)
        return rows.annotate(
            email=Subquery(users),
            key_name=Subquery(keys.values("name")),
            prefix=Subquery(keys.values("prefix")),
        )

    @display(description="asked by")
    def who(self, kept: Any) -> str:
        """By name, as long as there is somebody of this id."""
        if kept.email:
            return str(kept.email)
        return f"API key {kept.key_name or kept.prefix}" if kept.prefix else str(kept.principal)
