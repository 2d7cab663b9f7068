"""The page behind an invitation's link. A GET changes nothing: mail programs look at links too."""

from http import HTTPStatus

from django import forms
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import Throttled

from apps.workspaces.account_pages import APP, NewPasswordForm, account_page, dressed, show
from apps.workspaces.errors import ConflictError
from apps.workspaces.invitations import (
    accept,
    accept_with_password,
    invitation_of,
    needs_password,
)
from apps.workspaces.models import Invitation, User

VOID = (
    "This invitation was withdrawn, used or has expired, a newer one was sent, or who sent it may "
    "not invite any more."
)


class PasswordForm(forms.Form):
    password = forms.CharField(
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """`GET/POST /account/invitation/{token}`: who is invited becomes a member.

    With a first password, with that of their account, or as who is signed in already.
    """
    invitation = invitation_of(token)
    if invitation is None:
        return _refusal(request, VOID)
    try:
        if request.user.is_authenticated and request.user.email == invitation.email:
            return _as_oneself(request, invitation, request.user)
        if needs_password(invitation):
            return _with_first_password(request, invitation)
        return _with_password(request, invitation)
    except ConflictError as refusal:
        return _refusal(request, refusal.message, refusal.hint or "")


def _as_oneself(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    if request.method == "POST":
        accept(invitation, user)
        return HttpResponseRedirect(APP[0])
    return _ask(request, invitation, forms.Form(), "Join")


def _with_first_password(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = NewPasswordForm(User(email=invitation.email), request.POST or None)
    if form.is_valid():
        user = accept_with_password(invitation, form.cleaned_data["new_password1"])
        return _signed_in(request, user)
    return _ask(request, invitation, form, "Set password and join")


def _with_password(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        try:
            password = form.cleaned_data["password"]
            user = authenticate(request, username=invitation.email, password=password)
        except Throttled as error:
            user = None
            form.add_error("password", str(error.detail))
        else:
            if user is None:
                form.add_error("password", "This is not the password of your account.")
        if isinstance(user, User):
            accept(invitation, user)
            return _signed_in(request, user)
    forgotten = (reverse("admin_password_reset"), "Forgotten your password?")
    return _ask(request, invitation, dressed(form), "Sign in and join", forgotten)


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend="apps.workspaces.login_limit.LimitedBackend")
    return HttpResponseRedirect(APP[0])


def _ask(
    request: HttpRequest,
    invitation: Invitation,
    form: forms.BaseForm,
    button: str,
    elsewhere: tuple[str, str] | None = None,
) -> HttpResponse:
    who = invitation.invited_by or "An admin"
    told = [
        f"{who} invites {invitation.email} in the role {invitation.get_role_display().lower()}."
    ]
    return show(
        request,
        "form",
        title=invitation.workspace.name,
        above="Invitation to",
        told=told,
        form=form,
        button=button,
        email=invitation.email,
        elsewhere=elsewhere,
    )


def _refusal(request: HttpRequest, *told: str) -> HttpResponse:
    hint = "Ask who invited you to send the invitation again."
    sentences = [sentence for sentence in told if sentence]
    return show(
        request,
        "told",
        status=HTTPStatus.NOT_FOUND,
        title="The invitation is void",
        told=sentences if len(sentences) > 1 else [*sentences, hint],
        elsewhere=APP,
    )
