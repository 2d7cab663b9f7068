"""Pages for who has forgotten the password. They tell nobody whether there is an account."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from apps.workspaces.account_pages import NewPasswordForm, account_page, dressed, show
from apps.workspaces.accounts import note_new_password
from apps.workspaces.client_address import client_address
from apps.workspaces.errors import TooOftenError
from apps.workspaces.models import User
from apps.workspaces.password_reset import answer_forgotten, require_rate
from apps.workspaces.scoped_admin import sentence

SIGN_IN = ("/login", "Sign in")


class ForgottenForm(PasswordResetForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dressed(self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Send the link, after Django's own way of finding for whom."""
        for user in self.get_users(self.cleaned_data["email"]):
            answer_forgotten(user)


@method_decorator(account_page, name="dispatch")
class ForgottenView(views.PasswordResetView):
    """Asks for the address, and sends the link."""

    form_class = ForgottenForm
    template_name = "account/form.html"
    title = "Forgotten your password?"
    success_url = reverse_lazy("password_reset_sent")
    told = ["A link to set a new one is sent to the e-mail address of your account."]
    button = "Send the link"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if settings.HAS_MAIL_SERVER:
            return super().dispatch(request, *args, **kwargs)
        told = [
            "FlowForge has no mail server here, so it sends no link.",
            "Who runs this installation sets a new password for you in the admin.",
        ]
        return show(request, "told", title=self.title, told=told, elsewhere=SIGN_IN)

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        try:
            require_rate(client_address(self.request), form.cleaned_data["email"])
        except TooOftenError as refusal:
            form.add_error(None, sentence(refusal))
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"told": self.told, "button": self.button, "elsewhere": SIGN_IN}
        return admin.site.each_context(self.request) | shown | super().get_context_data(**kwargs)


@account_page
def link_sent(request: HttpRequest) -> HttpResponse:
    told = [
        "If there is an account of this address, a mail is on its way to it.",
        "Its link works once, for a day. Look among the unwanted mail too.",
    ]
    return show(request, "told", title="Look into your mail", told=told, elsewhere=SIGN_IN)


@method_decorator(account_page, name="dispatch")
class NewPasswordView(views.PasswordResetConfirmView):
    """Where the link leads."""

    form_class = NewPasswordForm
    template_name = "account/form.html"
    title = "Set a new password"
    success_url = reverse_lazy("password_reset_done")

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            assert isinstance(self.user, User)  # the link is valid
            note_new_password(self.user, by=self.user)
        return answer

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if self.validlink:
            return super().render_to_response(context, **kwargs)
        told = ["This link was used already, or has expired."]
        again = (str(reverse_lazy("admin_password_reset")), "Ask for another one")
        return show(
            self.request, "told", status=404, title="No new password", told=told, elsewhere=again
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "told": [],
            "title": self.title,
            "button": "Set the password",
            "email": getattr(self.user, "email", ""),
        }
        return admin.site.each_context(self.request) | super().get_context_data(**kwargs) | shown


@account_page
def password_set(request: HttpRequest) -> HttpResponse:
    told = ["The new password is set, and all your sessions have ended."]
    return show(request, "told", title="Sign in again", told=told, elsewhere=SIGN_IN)
