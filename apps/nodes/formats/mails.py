"""Messages read as plain values; runs in a process of its own."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from apps.engine.items import Json


def read_mail(wanted: Mapping[str, Any], content: bytes) -> dict[str, Json]:
    """What a message says; what it leaves out, or writes so that nobody can read it, is null."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return {
        "message_id": _read(lambda: _text(message["message-id"])),
        "in_reply_to": _read(lambda: _text(message["in-reply-to"])),
        "subject": _read(lambda: _text(message["subject"])),
        "date": _read(lambda: _moment(message["date"])),
        "from": _read(lambda: _addresses(message["from"])),
        "to": _read(lambda: _addresses(message["to"])),
        "cc": _read(lambda: _addresses(message["cc"])),
        "reply_to": _read(lambda: _addresses(message["reply-to"])),
        "text": _read(lambda: _body(message, "plain")),
        "html": _read(lambda: _body(message, "html")),
        "attachments": _read(lambda: [_attached(part) for part in message.iter_attachments()]),
    }


def _read(part: Callable[[], Json]) -> Json:
    try:
        return part()
    except Exception:
        # The library raises anything at all on headers that are broken enough.
        return None


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
    return content if isinstance(content, bytes) else part.as_bytes()
