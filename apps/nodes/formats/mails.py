"""Messages read as plain values; runs in a process of its own."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from typing import Any

from apps.engine.items import Json

MAX_ATTACHMENTS = 100


def read_mail(wanted: Mapping[str, Any], content: bytes) -> dict[str, Json]:
    """What a message says; what it leaves out, or writes so that nobody can read it, is null.

    `error` names what nobody can read, and tells of attachments beyond `MAX_ATTACHMENTS`.
    """
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    parts: dict[str, Callable[[], Json]] = {
        "message_id": lambda: _text(message["message-id"]),
        "in_reply_to": lambda: _text(message["in-reply-to"]),
        "subject": lambda: _text(message["subject"]),
        "date": lambda: _moment(message["date"]),
        "from": lambda: _addresses(message["from"]),
        "to": lambda: _addresses(message["to"]),
        "cc": lambda: _addresses(message["cc"]),
        "reply_to": lambda: _addresses(message["reply-to"]),
        "text": lambda: _body(message, "plain"),
        "html": lambda: _body(message, "html"),
    }
    told: dict[str, Json] = {}
    errors: list[str] = []

    def read(name: str, part: Callable[[], Json]) -> Json:
        try:
            return part()
        except Exception:
            # The library raises anything at all on headers that are broken enough.
            errors.append(f"Its “{name}” cannot be read.")
            return None

    for name, part in parts.items():
        told[name] = read(name, part)
    attached = _attachments(message)
    if len(attached) > MAX_ATTACHMENTS:
        errors.append(
            f"It has {len(attached):,} attachments; the first {MAX_ATTACHMENTS} are here."
        )
    files = [read("attachment", partial(_attached, each)) for each in attached[:MAX_ATTACHMENTS]]
    told["attachments"] = [each for each in files if each is not None]
    return {"error": " ".join(errors) or None, **told}


def _attachments(message: EmailMessage) -> list[Any]:
    """All parts, however deep, but the two that are its text. A message within it is one part."""
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    found: list[Any] = []
    left: list[Any] = [message]
    while left:
        part = left.pop()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            left += reversed(list(part.iter_parts()))
        elif all(part is not body for body in bodies):
            found.append(part)
    return found


def _text(header: Any) -> str | None:
    return None if header is None else str(header).strip()


def _moment(header: Any) -> str | None:
    if header is None or header.datetime is None:
        return None
    written = header.datetime
    moment = written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)
    return str(moment.isoformat(timespec="seconds")).replace("+00:00", "Z")


def _addresses(header: Any) -> list[Json]:
    if header is None:
        return []
    return [{"name": each.display_name, "address": each.addr_spec} for each in header.addresses]


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    if part is None:
        return None
    try:
        content: str = part.get_content()
    except LookupError:  # a charset that there is not
        content = _bytes(part).decode("utf-8", "replace")
    return content


def _attached(part: Any) -> dict[str, Json]:
    content = b64encode(_bytes(part)).decode()
    return {"name": part.get_filename(), "type": part.get_content_type(), "content": content}


def _bytes(part: Any) -> bytes:
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return content
    inner = part.get_payload() if part.get_content_maintype() == "message" else [part]
    return b"".join(each.as_bytes() for each in inner)
