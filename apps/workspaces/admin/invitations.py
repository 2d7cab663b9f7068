"""Invitations in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import display

from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.invitations import (
    invite,
    is_void,
    send_again,
    with_standing,
    withdraw,
)
from apps.workspaces.models import Invitation
from apps.workspaces.permissions import Role, principal_of
from apps.workspaces.scoped_admin import ScopedAdmin, back_to

VOID = "void: sender may not invite"


@admin.register(Invitation)
class InvitationAdmin(ScopedAdmin):
    """Who is invited and has not answered yet. To delete an invitation is to withdraw it."""

    view_right = add_right = delete_right = "member.manage"
    list_display = ("email", "workspace", "role", "state", "invited_by", "expires_at")
    list_select_related = ("workspace", "invited_by")
    list_filter = (("workspace", VisibleFilter), "role")
    list_per_page = 50
    search_fields = ("email", "workspace__name")
    actions_detail = ("again",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_standing(super().get_queryset(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        made = ("state", "mail_error", "invited_by", "created_at", "expires_at")
        return ("workspace", "email", "role", *(made if obj else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    @display(
        description="state",
        label={
            "mailed": "success",
            "link handed over": "info",
            "not sent": "danger",
            "expired": "warning",
            VOID: "warning",
        },
    )
    def state(self, invitation: Invitation) -> str:
        if invitation.has_expired:
            return "expired"
        if is_void(invitation):
            return VOID
        if invitation.mailed_at:
            return "mailed"
        return "not sent" if invitation.mail_error else "link handed over"

    def save_model(
        self, request: HttpRequest, obj: Invitation, form: ModelForm, change: bool
    ) -> None:
        made, link = invite(obj.workspace, obj.email, Role(obj.role), by=principal_of(request))
        obj.pk = made.pk
        self._tell(request, obj.email, link)

    def delete_model(self, request: HttpRequest, obj: Invitation) -> None:
        withdraw(obj, by=principal_of(request))

    def has_again_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "member.manage", id)

    @asking_action(
        description="Send again",
        icon="outgoing_mail",
        permissions=["again"],
        dialog={
            "title": "Send the invitation again?",
            "description": "With a new link, which works for a week. Those before work no more.",
            "form_class": None,
            "form_submit_text": "Send it",
        },
    )
    def again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def deed(invitation: Invitation, by: Any) -> None:
            self._tell(request, invitation.email, send_again(invitation, by=by))

        rows = self.get_queryset(request).filter(pk=object_id)
        self.run_deed(request, rows, "member.manage", "invitation{s} renewed", deed)
        page = reverse("admin:workspaces_invitation_change", args=[object_id])
        return back_to(request, page)

    def _tell(self, request: HttpRequest, email: str, link: str | None) -> None:
        if link is None:
            told = f"A mail goes to {email}; the state below says whether it was sent."
            self.message_user(request, told, messages.INFO)
            return
        told = (
            f"No mail server is set, so no mail is sent. Hand this link to {email}: {link} — it is "
            "shown this once and cannot be read again."
        )
        self.message_user(request, told, messages.WARNING)
