"""Accounts in the admin."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.workspaces.accounts import (
    FIELDS,
    change_user,
    create_user,
    delete_user,
    note_new_password,
)
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.models import User
from apps.workspaces.password_reset import send_reset_mail
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import DeedAdmin, back_to, is_superuser


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(DeedAdmin, DjangoUserAdmin):
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
    actions_detail = ("send_reset_mail",)
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

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        by = principal_of(request)
        if not change:
            create_user(obj, by=by)
        elif changed := [field for field in FIELDS if field in form.changed_data]:
            change_user(obj, changed, by=by)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
                note_new_password(User.objects.get(pk=id), by=principal_of(request))
        return answer

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer a mail where there is a server to send it."""
        wrong = () if settings.HAS_MAIL_SERVER else ("_send_reset_mail",)
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(wrong)]

    def has_manage_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return is_superuser(request)

    @asking_action(
        description="Send reset mail",
        icon="lock_reset",
        permissions=["manage"],
        dialog={
            "title": "Send a mail to set a new password?",
            "description": "Its link works once, for a day. Until then the password stays as it "
            "is.",
            "form_class": None,
            "form_submit_text": "Send it",
        },
    )
    def send_reset_mail(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, "mails sent", send_reset_mail)

    def _do(self, request: HttpRequest, id: str, done: str, deed: Any) -> HttpResponse:
        self.do_each(request, self.get_queryset(request).filter(pk=id), done, deed)
        return back_to(request, reverse("admin:workspaces_user_change", args=[id]))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_user(obj, by=principal_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            delete_user(user, by=principal_of(request))
