"""The headers of a request from outside, by which its body is read."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


def headers_of(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers of an ASGI scope, but FlowForge's own cookies: by names in small letters; of what
    came more than once the values are joined."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if key == "cookie" and not (text := _without_own_cookies(text)):
            continue
        joint = "; " if key == "cookie" else ", "
        headers[key] = f"{headers[key]}{joint}{text}" if key in headers else text
    return headers


def _without_own_cookies(cookies: str) -> str:
    """What a run is given is read by all who see the workflow, who must not become the visitor."""
    own = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, CookieStorage.cookie_name)
    pairs = [pair.strip() for pair in cookies.split(";")]
    return "; ".join(pair for pair in pairs if pair.partition("=")[0].strip() not in own)
