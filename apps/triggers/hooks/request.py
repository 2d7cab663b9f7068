"""A request to a hook, as it came."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request as it came, but FlowForge's own cookies."""

    method: str
    path: str
    """Behind `/hooks/`."""
    query: str
    headers: dict[str, str]
    """By names in small letters; of what came more than once the values are joined."""
    body: bytes = b""
    address: str = ""
    """Of who sent it; empty where it is unknown."""

    @property
    def size(self) -> int:
        """Of the body, in bytes."""
        return len(self.body)

    @property
    def origin(self) -> str:
        """Of the web page that sends it; empty where none does."""
        return self.headers.get("origin", "")
