"""What all pages of the admin have around them, beside the sidebar."""

from django.conf import settings
from django.http import HttpRequest


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """Which of several installations this is, and the colour of its label."""
    name: str = settings.ENVIRONMENT
    if not name:
        return None
    return name, "danger" if name.lower().startswith("prod") else "warning"


def title_prefix(request: HttpRequest) -> str:
    """The same in the window's title."""
    return f"[{settings.ENVIRONMENT}]" if settings.ENVIRONMENT else ""
