"""Addresses of mail, read strictly: what two readers could read in two ways is refused."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import formataddr

from apps.engine.errors import NodeError
from apps.nodes.outside.egress import plain_host

MAX_TEXT = 100_000
# Line ends of every kind, other control characters, half characters: none can stand in a header.
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# Possessive, and with or without an end: no place to come back to, whatever the text.
_PIECES = re.compile(r'"(?:[^"\\]|\\.)*+"?|[^",;]++|[,;]', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_NAMED = re.compile(r"(?P<name>[^<>]*+)<(?P<address>[^<>]*+)>\s*")


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address in ASCII, and perhaps a name."""

    name: str
    address: str

    def __str__(self) -> str:
        return formataddr((self.name, self.address))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def read_addresses(written: str | Sequence[str], field: str) -> tuple[Address, ...]:
    """Addresses as text with commas or semicolons between them, or as a list of such texts.

    Raises NodeError `invalid_address`, which names the field.
    """
    texts = [written] if isinstance(written, str) else written
    if sum(len(text) for text in texts) > MAX_TEXT:
        raise NodeError("invalid_address", f"{field}: more than {MAX_TEXT:,} characters.")
    return tuple(_address(each, field) for text in texts for each in _split(text) if each.strip())


def checked_line(text: str, field: str) -> str:
    """A text that can stand in a header. Raises NodeError `invalid_header`."""
    text = text.strip()
    if UNFIT.search(text):
        raise NodeError(
            "invalid_header", f"{field}: it must be one line, without control characters."
        )
    return text


def _split(text: str) -> Iterator[str]:
    """The parts between commas and semicolons that stand in no quotes."""
    part = ""
    for match in _PIECES.finditer(text):
        if match[0] in (",", ";"):
            yield part
            part = ""
        else:
            part += match[0]
    yield part


def _address(written: str, field: str) -> Address:
    text = checked_line(written, field)
    match = _NAMED.fullmatch(text)
    name, address = (match["name"].strip(), match["address"].strip()) if match else ("", text)
    if quoted := _QUOTED.fullmatch(name):
        name = re.sub(r"\\(.)", r"\1", quoted[1])
    local, at, domain = address.rpartition("@")
    host = plain_host(domain) if at else None
    is_plain = quoted is not None or '"' not in name
    if host is None or not is_plain or not _LOCAL.fullmatch(local) or len(local) > 64:
        raise NodeError(
            "invalid_address",
            f"{field}: {written.strip()[:80]!r} is no mail address.",
            "Such as ada@example.org, or Ada Lovelace <ada@example.org>.",
        )
    return Address(name, f"{local}@{host}")
