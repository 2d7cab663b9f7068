"""Accounts in the admin."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import display
from unfold.forms import (
    AdminPasswordChangeForm,
    BaseDialogForm,
    UserChangeForm,
    UserCreationForm,
)
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from apps.workspaces.accounts import (
    FIELDS,
    change_user,
    create_user,
    delete_user,
    disable_user,
    enable_user,
    note_new_password,
)
from apps.workspaces.admin.workspaces import MOST_SHOWN
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.models import ApiKey, User
from apps.workspaces.password_reset import send_reset_mail
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import DeedAdmin, back_to, is_superuser, superusers_alone
from apps.workspaces.sessions import browser_of, end_all_sessions, sessions_of


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


class DisableForm(BaseDialogForm):
    reason = forms.CharField(max_length=500, widget=UnfoldAdminTextInputWidget)
    revoke_keys = forms.BooleanField(
        label="Revoke the API keys that they made",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Programs that use them are refused from then on.",
    )


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
    change_form_outer_after_template = "workspaces_admin/user.html"
    readonly_fields = ("state", "last_login", "created_at")
    actions_detail = ("disable", "enable", "sign_out", "send_reset_mail")
    fieldsets = (
        (None, {"fields": ("email", "password", "state")}),
        ("Rights", {"fields": ("is_staff", "is_superuser")}),
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
        return superusers_alone(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return superusers_alone(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return superusers_alone(request)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None and is_superuser(request):
            context["access"] = _access_of(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

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
            if _was_taken(request, answer):
                note_new_password(User.objects.get(pk=id), by=principal_of(request))
        return answer

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """How a password is kept is for superusers alone."""
        found = tuple(super().get_fieldsets(request, obj))
        if obj is None or is_superuser(request):
            return found
        return ((None, {"fields": ("email", "state")}), *found[1:])

    @display(description="state")
    def state(self, user: User) -> str:
        if user.is_active:
            return "active: may sign in"
        return f"disabled: {user.disabled_reason or 'no reason was given'}"

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what can be done: a mail where there is a server to send it."""
        user = self.get_object(request, str(object_id))
        is_active = user is not None and user.is_active
        wrong = ["_enable"] if is_active else ["_disable", "_sign_out", "_send_reset_mail"]
        wrong += [] if settings.HAS_MAIL_SERVER else ["_send_reset_mail"]
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(tuple(wrong))]

    def has_manage_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return superusers_alone(request)

    @asking_action(
        description="Disable",
        icon="block",
        permissions=["manage"],
        dialog={
            "title": "Disable this account?",
            "description": "Nobody signs in with it any more, and its sessions end at once. Its "
            "memberships stay.",
            "form_class": DisableForm,
            "form_submit_text": "Disable",
        },
    )
    def disable(self, request: HttpRequest, form: DisableForm, object_id: str) -> HttpResponse:
        asked = {name: form.cleaned_data[name] for name in ("reason", "revoke_keys")}
        return self._do(request, object_id, "account{s} disabled", partial(disable_user, **asked))

    @asking_action(
        description="Enable",
        icon="check_circle",
        permissions=["manage"],
        dialog={
            "title": "Enable this account?",
            "description": "It may sign in again. Sessions and API keys that ended stay ended.",
            "form_class": None,
            "form_submit_text": "Enable",
        },
    )
    def enable(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, "account{s} enabled", enable_user)

    @asking_action(
        description="Sign out everywhere",
        icon="logout",
        permissions=["manage"],
        dialog={
            "title": "Sign this account out everywhere?",
            "description": "All its sessions end at once. It may sign in again.",
            "form_class": None,
            "form_submit_text": "Sign out",
        },
    )
    def sign_out(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, "account{s} signed out", end_all_sessions)

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
        return self._do(request, object_id, "mail{s} sent", send_reset_mail)

    def _do(self, request: HttpRequest, id: str, done: str, deed: Any, **how: Any) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=id)
        self.do_each(request, rows, done, partial(deed, **how))
        return back_to(request, reverse("admin:workspaces_user_change", args=[id]))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_user(obj, by=principal_of(request))


def _access_of(user: User) -> dict[str, Any]:
    """What somebody can do, and from where they do it."""
    roles = user.memberships.select_related("workspace").order_by("workspace__name")
    keys = ApiKey.objects.filter(created_by=user).select_related("workspace")
    return {
        "roles": roles[:MOST_SHOWN],
        "keys": keys[:MOST_SHOWN],
        "most": MOST_SHOWN,
        "sessions": [
            (each.created_at, each.seen_at, each.address or "–", browser_of(each.browser))
            for each in sessions_of(user)
        ],
    }


def own_password(request: HttpRequest) -> HttpResponse:
    """The page where staff set their own password: Django's, which tells the audit trail
    nothing."""
    with transaction.atomic():
        answer = admin.site.password_change(request)
        if _was_taken(request, answer):
            by = principal_of(request)
            note_new_password(by.as_user, by=by)
    return answer


def _was_taken(request: HttpRequest, answer: HttpResponse) -> bool:
    """Whether a form was sent, and nothing was wrong with it."""
    return request.method == "POST" and answer.status_code == HTTPStatus.FOUND
