"""Finds at start what would keep credentials closed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError

from apps.credentials.models import Credential
from apps.credentials.seal import is_open, known_key_ids


@register(Tags.security)
def check_keys_are_given(**kwargs: Any) -> Iterator[CheckMessage]:
    """W004: processes on other machines may each make a key of their own."""
    if settings.REDIS_URL and not settings.CREDENTIAL_KEYS_ARE_GIVEN:
        yield Warning(
            "CREDENTIAL_KEYS is not set: credentials are encrypted with a key that lies in "
            f"{settings.VAR_DIR}.",
            hint="A process with another folder opens none of them. Give all the same keys.",
            id="flowforge.W004",
        )


@register(Tags.database)
def check_stored_credentials(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> Iterator[CheckMessage]:
    """W005: credentials that no key opens. Asked where the database may be: `migrate`, `serve`."""
    if not databases:
        return
    try:
        others = Credential.objects.sealed_by_others_than(known_key_ids()).order_by()
        closed = Counter(each.key_id for each in others.iterator(100) if not is_open(each))
    except DatabaseError:
        return  # before the first migration
    if closed:
        yield Warning(
            f"{closed.total()} stored credentials open with none of the keys: they were sealed "
            f"with {', '.join(sorted(closed)[:5])}.",
            hint="Add the missing keys to CREDENTIAL_KEYS, or enter these credentials anew.",
            id="flowforge.W005",
        )
