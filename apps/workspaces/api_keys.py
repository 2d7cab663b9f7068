"""API keys: made, shown once, verified by their hash, revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.workspaces.audit import made, record
from apps.workspaces.models import ApiKey, Workspace
from apps.workspaces.permissions import Principal, Role

USE_IS_NOTED_EVERY = timedelta(minutes=1)


def create_api_key(
    workspace: Workspace,
    role: Role,
    *,
    name: str = "",
    expires_at: datetime | None = None,
    by: Principal | None = None,
) -> tuple[ApiKey, str]:
    """Make a key. The text given back beside it is the only time that it can be read."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    text = f"ff_{prefix}_{secret}"
    with transaction.atomic():
        key = ApiKey.objects.create(
            workspace=workspace,
            role=role,
            name=name,
            prefix=prefix,
            hash=_hash(text),
            expires_at=expires_at,
            created_by=by.as_user if by else None,
        )
        told = made(name=name, role=role, expires_at=expires_at)
        record("api_key.create", key, told, by=by)
    return key, text


def verify(text: str) -> ApiKey | None:
    """Find the usable key that this text is, and note that it was used."""
    now = timezone.now()
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "ff" or len(parts[1]) != 8 or not text.isprintable():
        return None
    key = ApiKey.objects.usable(now).filter(prefix=parts[1]).first()
    # The hash needs no salt and no slowness: the secret has 256 random bits.
    if key is None or not secrets.compare_digest(key.hash, _hash(text)):
        return None
    _note_use(key, now)
    return key


def revoke_api_key(key: ApiKey, *, by: Principal | None = None) -> None:
    """End a key for good. Revoking a revoked one changes nothing."""
    with transaction.atomic():
        now = timezone.now()
        if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
            record("api_key.revoke", key, made(revoked_at=now), by=by)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _note_use(key: ApiKey, now: datetime) -> None:
    long_ago = now - USE_IS_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at < long_ago:
        not_noted = Q(last_used_at=None) | Q(last_used_at__lt=long_ago)
        ApiKey.objects.filter(not_noted, pk=key.pk).update(last_used_at=now)
