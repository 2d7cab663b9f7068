"""The inbox: requests as they came, kept to be looked at and replayed."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from apps.nodes.formats.packed import unpacked_within
from apps.nodes.webhooks.paths import values_in
from apps.runs.payloads import payload_if_large, read_payload
from apps.triggers.bodies.read import coding_of
from apps.triggers.hooks.request import HookRequest
from apps.triggers.hooks.secrets import (
    HIDDEN,
    Secrets,
    is_secret_name,
    without_named_parts,
    without_named_secrets,
)
from apps.triggers.models import WebhookRequest

AT_ONCE = 500


def row_of(
    request: HookRequest,
    secrets: Secrets,
    endpoint: UUID,
    path: str,
    workspace: UUID,
    run: UUID | None,
) -> dict[str, Any]:
    """The row of a request to a path, which may have names; not yet inserted.

    Hidden are what the sender was known by, and headers and parameters that are secret by name. A
    body that is too large for a row is a payload; of one that is larger than the inbox keeps, or
    is packed and too large to be looked through for secrets, only the size is noted.
    """
    shown = secrets.hide_in(request)
    parts = without_named_parts(path, shown.parts)
    body = b""
    if request.size <= (most := settings.INBOX_BODY_BYTES):
        body = secrets.hide_in_body(request.body, coding_of(request.headers), most)
    payload = payload_if_large(workspace, body)
    return {
        "id": uuid7(),
        "workspace_id": workspace,
        "endpoint_id": endpoint,
        "run_id": run,
        "method": request.method,
        "path": secrets.masker.text("/".join(parts)),
        "params": values_in(path, parts) or None,
        "query": without_named_secrets(shown.query),
        "headers": {
            name: HIDDEN if is_secret_name(name) else value for name, value in shown.headers.items()
        },
        "body": body if payload is None else b"",
        "body_payload_id": payload,
        "size": request.size,
        "address": request.address,
    }


def delete_old_requests(now: datetime) -> int:
    """Forget what came longer ago than requests are kept, some at a time; gives how many."""
    old = WebhookRequest.objects.filter(received_at__lt=now - timedelta(days=settings.INBOX_DAYS))
    count = 0
    while ids := list(old.order_by("received_at").values_list("pk", flat=True)[:AT_ONCE]):
        WebhookRequest.objects.filter(pk__in=ids).delete()
        count += len(ids)
    return count


def body_of(kept: WebhookRequest) -> bytes:
    """The body of a request of the inbox; empty where it was not kept."""
    if kept.body_payload_id is not None:
        return read_payload(kept.body_payload_id)
    return bytes(kept.body)


def stored_request(kept: WebhookRequest) -> HookRequest:
    """A request of the inbox as it came, but for its secrets."""
    return HookRequest(
        method=kept.method,
        parts=tuple(kept.path.split("/")),
        query=kept.query,
        headers=kept.headers,
        body=body_of(kept),
        address=kept.address,
    )


@dataclass(frozen=True, slots=True)
class ShownBody:
    """A body for readers: as text, else in base64; of a large one where the whole is stored."""

    encoding: Literal["text", "base64"]
    content: str | None
    payload: UUID | None = None


def shown_body(kept: WebhookRequest) -> ShownBody | None:
    """The body of a request, unpacked where that makes it no large one; None where it was not
    kept."""
    if not kept.is_body_kept:
        return None
    if kept.body_payload_id is not None:
        return ShownBody("text", None, kept.body_payload_id)
    body = bytes(kept.body)
    if coding := coding_of(kept.headers):
        plain = unpacked_within(body, coding, settings.INLINE_PAYLOAD_BYTES)
        body = body if plain is None else plain
    try:
        return ShownBody("text", body.decode())
    except UnicodeDecodeError:
        return ShownBody("base64", b64encode(body).decode())
