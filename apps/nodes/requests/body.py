"""Bodies of HTTP requests: what they hold, and what they say they are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import httpx

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.nodes.files import OCTETS, FileRoom, Files, file_name, plain_media_type
from apps.nodes.params import json_text, scalar_text

BodyKind = Literal["none", "json", "form", "multipart", "raw", "binary"]
MAX_BODY_BYTES = 64 * 2**20
MAX_PARTS = 1_000
_HALF_A_SIGN = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent, and its media type, which is empty where there is none."""

    content: bytes = b""
    media_type: str = ""


def json_body(value: Json) -> Body:
    """JSON text as it is, or a value as JSON."""
    return Body(_bytes(value if isinstance(value, str) else json_text(value)), "application/json")


def form_body(fields: Mapping[str, Json]) -> Body:
    content = urlencode(pairs(fields), errors="replace").encode()
    return Body(content, "application/x-www-form-urlencoded")


def raw_body(text: str) -> Body:
    return Body(_bytes(text), "text/plain; charset=utf-8")


def file_body(files: Files, item: Item, field: str) -> Body:
    """A file of the item as it is."""
    content, reference = files.of(item, field)
    return Body(content, plain_media_type(str(reference.get("mimeType"))) or OCTETS)


def multipart_body(
    fields: Mapping[str, Json], wanted: Mapping[str, str | Sequence[str]], files: Files, item: Item
) -> Body:
    """A form with files: `wanted` names the fields of the item's `binary` for each part."""
    parts: list[tuple[str, tuple[str | None, bytes, str | None]]] = [
        (_whole(name), (None, _bytes(value), None)) for name, value in pairs(fields)
    ]
    too_large = NodeError(
        "body_too_large",
        f"The form has more than {MAX_PARTS:,} parts or {MAX_BODY_BYTES / 2**20:g} MB.",
    )
    room = FileRoom(files, MAX_BODY_BYTES, too_large)
    for name, named in wanted.items():
        for field in [named] if isinstance(named, str) else named:
            if len(parts) >= MAX_PARTS:
                raise too_large
            content, reference = room.of(item, field)
            kind = plain_media_type(str(reference.get("mimeType"))) or OCTETS
            told = file_name(str(reference.get("fileName") or "")) or "file"
            parts.append((_whole(name), (told, content, kind)))
    if not parts:
        # An empty form has an end all the same, which httpx does not write.
        return Body(b"--empty--\r\n", "multipart/form-data; boundary=empty")
    request = httpx.Request("POST", "http://multipart.invalid/", files=parts)
    return Body(request.read(), request.headers["content-type"])


def pairs(named: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Names with their values as text; a list repeats its name, null leaves it out."""
    return [
        (name, scalar_text(value))
        for name, values in named.items()
        for value in (values if isinstance(values, list) else [values])
        if value is not None
    ]


def _whole(text: str) -> str:
    return _HALF_A_SIGN.sub("�", text)


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")  # code can make half of a character
