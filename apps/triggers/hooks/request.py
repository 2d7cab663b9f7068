"""A request to a hook, as it came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


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
