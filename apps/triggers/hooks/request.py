"""A request to a hook, as it came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request as it came, but FlowForge's own cookies."""

    method: str
    parts: tuple[str, ...]
    """Of the path behind `/hooks/`, each decoded by itself."""
    query: str
    headers: dict[str, str]
    """By names in small letters; of what came more than once the values are joined."""
    body: bytes = b""
    address: str = ""
    """Of who sent it; empty where it is unknown."""

    @property
    def path(self) -> str:
        return "/".join(self.parts)

    @property
    def size(self) -> int:
        """Of the body, in bytes."""
        return len(self.body)

    @property
    def origin(self) -> str:
        """Of the web page that sends it; empty where none does."""
        return self.headers.get("origin", "")


def parts_of(scope: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts of the path of an ASGI scope, as a HookRequest has them."""
    # Some servers give the decoded path alone.
    if raw := scope.get("raw_path"):
        return tuple(map(unquote, raw.decode("latin-1").split("/")[2:]))
    return tuple(scope["path"].split("/")[2:])


def headers_of(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers of an ASGI scope, as a HookRequest has them."""
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
