"""Mail to people about their accounts, which may bear a link that opens something."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)

MAX_ERROR = 500


def send_mail(to: str, subject: str, text: str) -> str:
    """Send a message at once; gives what went wrong, empty where all was well.

    The mail server may take its time: not to be called in a transaction.
    """
    if not settings.HAS_MAIL_SERVER:
        return "No mail server is set (EMAIL_URL)."
    line = " ".join(subject.split())
    headers = {"Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(line, text, to=[to], headers=headers).send()
    # All errors of mail are the one, a domain whose name no network knows how to write the other.
    except (OSError, UnicodeError) as error:
        logger.warning("a mail about an account was not sent: %s", error)
        return f"The mail was not sent: {error}"[:MAX_ERROR]
    return ""
