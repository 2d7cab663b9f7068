"""`Idempotency-Key`: who repeats a request within a day gets its first answer, and no second deed.

The key's row, the deed and the answer are one transaction: a crash leaves all of them or none, and
of two requests at the same time one waits for the other. On SQLite nobody else writes meanwhile.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.engine.encoding import decode, encode
from apps.engine.errors import Fault, FaultsError
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import IdempotencyKey
from apps.workspaces.permissions import principal_of

KEPT_FOR = timedelta(hours=24)
MAX_KEY_LENGTH = 255
AT_ONCE = 500

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Have a view's method that makes something honour the header `Idempotency-Key`."""

    @wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not 1 <= len(key) <= MAX_KEY_LENGTH:
            sentence = f"“Idempotency-Key” must have 1 to {MAX_KEY_LENGTH} characters."
            raise FaultsError([Fault("Idempotency-Key", "out_of_range", sentence)], sentence)
        with transaction.atomic():
            row, is_first = _take(request, key)
            if not is_first:
                return _first_answer(row, request, key)
            response = handler(view, request, *args, **kwargs)
            row.status = response.status_code
            row.answer = _seal(key).encrypt(JSONRenderer().render(response.data))
            row.save(update_fields=["status", "answer"])
            return response

    return answer


def delete_expired_keys(now: datetime) -> int:
    """Forget what is older than a day, some at a time; gives how many."""
    old, count = IdempotencyKey.objects.filter(expires_at__lte=now), 0
    while ids := list(old.order_by("expires_at").values_list("pk", flat=True)[:AT_ONCE]):
        count += old.filter(pk__in=ids).delete()[0]
    return count


def _take(request: Request, key: str) -> tuple[IdempotencyKey, bool]:
    now = timezone.now()
    principal = principal_of(request)
    key_hash = _hash(str(principal.pk), key)
    IdempotencyKey.objects.filter(
        principal=principal.pk, key_hash=key_hash, expires_at__lte=now
    ).delete()
    api_key = principal.as_api_key
    return IdempotencyKey.objects.get_or_create(
        principal=principal.pk,
        key_hash=key_hash,
        defaults={
            "workspace_id": api_key.workspace_id if api_key else None,
            "request": f"{request.method} {request.path}"[:300],
            "request_hash": _request_hash(request),
            "expires_at": now + KEPT_FOR,
        },
    )


def _first_answer(row: IdempotencyKey, request: Request, key: str) -> Response:
    if row.request_hash != _request_hash(request):
        raise ConflictError(
            "idempotency_key_reused",
            "This Idempotency-Key was used with another request.",
            "Take a new key for a new request.",
        )
    written = _seal(key).decrypt(bytes(row.answer or b""))
    data = decode(written) if written else None
    return Response(data, row.status, headers={"Idempotency-Replayed": "true"})


def _request_hash(request: Request) -> str:
    """Keyed: a body may hold a password that could be guessed from a plain hash."""
    written = encode(request.data).decode()
    return _hash(settings.SECRET_KEY, str(request.method), request.path, written)


def _seal(key: str) -> Fernet:
    """Who reads the table alone cannot read the answers: that takes the header's value too."""
    digest = hashlib.sha256(f"{settings.SECRET_KEY}\0{key}".encode()).digest()
    return Fernet(urlsafe_b64encode(digest))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
