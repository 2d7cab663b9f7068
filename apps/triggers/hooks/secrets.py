"""What of a request is secret, and is seen by nobody who reads its run or the inbox."""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus

from apps.engine.encoding import decode, encode
from apps.engine.items import Json
from apps.engine.masking import Masker
from apps.nodes.formats.packed import packed, unpacked_within
from apps.nodes.webhooks.paths import has_names
from apps.triggers.hooks.request import HookRequest

HIDDEN = "(hidden)"
_SECRET_NAME = re.compile(
    r"authorization|cookie|api-?_?key|access-?_?key|token|secret|signature|passw", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a sender was known by: the headers, in small letters, and the values of a credential.

    None of them where anybody may send.
    """

    headers: frozenset[str] = frozenset()
    masker: Masker = field(default_factory=Masker)

    def hide_in(self, request: HookRequest) -> HookRequest:
        """The request without them, but in its body."""
        if not self.headers:
            return request
        headers = {
            name: HIDDEN if name in self.headers else self.masker.text(value)
            for name, value in request.headers.items()
        }
        parts = tuple(map(self.masker.text, request.parts))
        return replace(request, parts=parts, headers=headers, query=self.masker.text(request.query))

    def hide_in_body(self, body: bytes, coding: str, most: int) -> bytes:
        """A body without them. Nothing is left of one that is packed so that what is in it, more
        than `most` bytes, cannot be looked through."""
        if not self.headers:
            return body
        if not coding:
            return self._hidden(body)
        plain = unpacked_within(body, coding, most)
        # Packed anew whatever is in it: a gzip file has other places for a text.
        return b"" if plain is None else packed(self._hidden(plain), coding)

    def _hidden(self, body: bytes) -> bytes:
        # Also where it is no text as a whole, as a form with files is.
        return self.masker.content(body, errors="surrogateescape")

    def hide_in_item(self, item: dict[str, Json]) -> dict[str, Json]:
        """What a webhook gives, without them."""
        if not self.headers:
            return item
        written = encode(item)
        masked = self.masker.json(written)
        return item if masked is written else decode(masked)


NO_SECRETS = Secrets()
"""Of who may send without being known."""


def is_secret_name(name: str) -> bool:
    """Whether what bears this name, a header or a parameter, is most likely a secret."""
    return _SECRET_NAME.search(name) is not None


def without_named_secrets(query: str) -> str:
    """A query, as it was written, but for the values of parameters that are secret by name."""
    return "&".join(map(_shown, query.split("&")))


def without_named_parts(path: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a request, but for those at names of the hook's path that are secret."""
    if not has_names(path):
        return parts
    pairs = zip(path.split("/"), parts, strict=True)
    return tuple(HIDDEN if has_names(own) and is_secret_name(own) else part for own, part in pairs)


def _shown(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={HIDDEN}" if equals and is_secret_name(unquote_plus(name)) else parameter
