"""A link by mail to set a new password, or the first: by Django's tokens, once, for a day."""

from threading import Thread

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from apps.workspaces.audit import record
from apps.workspaces.counted import Counter, count_within, household
from apps.workspaces.errors import ConflictError
from apps.workspaces.mail import send_mail
from apps.workspaces.models import User
from apps.workspaces.permissions import Principal

HOUR_S = 3_600
MOST_FOR_ACCOUNT = 5
"""Links that one client may ask for one account, in an hour; and for all accounts."""
MOST_OF_ADDRESS = 30
SUBJECT = "A new password for FlowForge"


def send_reset_mail(user: User, *, by: Principal) -> None:
    """Send somebody a link to set a new password. Raises ConflictError where that cannot be."""
    if not user.is_active:
        raise ConflictError("disabled", f"{user} is disabled.", "Enable the account first.")
    if error := send_mail(user.email, SUBJECT, _text(user)):
        raise ConflictError("mail_not_sent", error)
    record("user.send_reset_mail", user, by=by)


def answer_forgotten(user: User) -> None:
    """Send the link that somebody asked for who is not signed in. How long that takes, and whether
    it works, is told to nobody: it would say whether there is such an account."""
    Thread(target=send_mail, args=(user.email, SUBJECT, _text(user)), daemon=True).start()


def require_rate(address: str, email: str) -> None:
    """Count a question for a link. Raises TooOftenError where there were too many this hour."""
    who = household(address)
    limits = [
        (Counter(HOUR_S, "reset", who, email.lower()), MOST_FOR_ACCOUNT),
        (Counter(HOUR_S, "reset", who), MOST_OF_ADDRESS),
    ]
    count_within(limits, "too_many_resets", "Too many mails were asked for.")


def _text(user: User) -> str:
    id = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    link = f"{settings.PUBLIC_URL}{reverse('password_reset_confirm', args=[id, token])}"
    return (
        f"Set a new password for your account {user.email} of FlowForge here:\n{link}\n\n"
        "The link works once, for a day. If you did not ask for it, do nothing: your password "
        "stays as it is.\n"
    )
