"""What all pages of the admin have around them, beside the sidebar."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.runs.holds import hold_of


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """Which of several installations this is, and the colour of its label."""
    name: str = settings.ENVIRONMENT
    if not name:
        return None
    return name, "danger" if name.lower().startswith("prod") else "warning"


def title_prefix(request: HttpRequest) -> str:
    """The same in the window's title."""
    return f"[{settings.ENVIRONMENT}]" if settings.ENVIRONMENT else ""


def held(request: HttpRequest) -> dict[str, Any]:
    """The hold of everything, which each page tells of to whoever is in."""
    is_in = request.user.is_active and request.user.is_staff
    return {"held": hold_of(None) if is_in else None}
