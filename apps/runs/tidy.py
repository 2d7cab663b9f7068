"""The clean-up: forgets what nothing refers to any more, and what has run out."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from apps.runs.expire import delete_expired_runs
from apps.runs.models import Payload, Worker
from apps.runs.partitions import make_coming
from apps.runs.payloads import is_referred_to
from apps.runs.room import count_kept
from apps.runs.states import RunStatus
from apps.workspaces.idempotency import delete_expired_keys
from apps.workspaces.reconnect import is_outage
from apps.workspaces.sessions import forget_ended_sessions

logger = logging.getLogger(__name__)

P = ParamSpec("P")
Answer = TypeVar("Answer")
KEPT_FOR = timedelta(hours=24)
AT_ONCE = 500
PAGES_AT_ONCE = 500
PAGES_LEFT = 2_500


def tidy() -> dict[str, int]:
    """Delete all that is to be deleted now; gives how many of each kind. Steps that are kept by
    months get those that come. What fails is logged, and keeps nothing else from being done."""
    now = timezone.now()
    # First: this must be done in time.
    _try("coming months", make_coming, now)
    _try("expired sessions", import_module(settings.SESSION_ENGINE).SessionStore.clear_expired)
    tried = {kind: _try(kind, delete, now) for kind, delete in chores.items()}
    _try("free pages", give_back_pages)
    return {kind: count for kind, count in tried.items() if count is not None}


def _try(kind: str, deed: Callable[P, Answer], *args: P.args, **kwargs: P.kwargs) -> Answer | None:
    try:
        return deed(*args, **kwargs)
    except Exception as error:
        # Whatever it was, it would be the same next hour: the others are not to wait for it.
        if is_outage(error):
            raise
        logger.exception("what is to be tidied up is left: %s", kind)
        return None


def give_back_pages() -> int:
    """Make SQLite's file smaller by the pages that are free, some at a time, but for those that are
    soon needed again; gives how many. PostgreSQL does what it can by itself."""
    if connection.vendor != "sqlite":
        return 0
    given = 0
    with connection.cursor() as cursor:
        while (free := _pragma(cursor, "freelist_count")) - PAGES_AT_ONCE > PAGES_LEFT:
            with transaction.atomic():
                # Each row that is read is a page that is given back.
                cursor.execute(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})").fetchall()
            if (freed := free - _pragma(cursor, "freelist_count")) <= 0:
                break  # a file that was made without `auto_vacuum`
            given += freed
    return given


def _pragma(cursor: Any, name: str) -> int:
    return int(cursor.execute(f"PRAGMA {name}").fetchone()[0])


def delete_unreferenced_payloads(now: datetime) -> int:
    """Delete payloads, file and row, that nothing refers to and nobody touched for a day."""
    before = now - KEPT_FOR
    return sum(
        _delete_payload(id, before)
        for ids in _untouched(before)
        for id in Payload.objects.filter(~is_referred_to(), pk__in=ids).values_list("pk", flat=True)
    )


def delete_old_workers(now: datetime) -> int:
    """Delete the rows of workers that were not seen for a day and own no run."""
    owners = Worker.objects.filter(runs__status=RunStatus.RUNNING)
    old = Worker.objects.filter(seen_at__lt=now - KEPT_FOR).exclude(pk__in=owners)
    return old.delete()[1].get(Worker._meta.label, 0)


chores: dict[str, Callable[[datetime], int]] = {
    # First: what only they refer to goes with the others.
    "runs": delete_expired_runs,
    "counts_mended": count_kept,
    "payloads": delete_unreferenced_payloads,
    "idempotency_keys": delete_expired_keys,
    "sessions": forget_ended_sessions,
    "workers": delete_old_workers,
}
"""What is deleted, by its kind. Filled when the apps are loaded."""


def _untouched(before: datetime) -> Iterator[list[UUID]]:
    """The candidates, some at a time: a statement must not take long."""
    last = UUID(int=0)
    while ids := list(
        Payload.objects.filter(pk__gt=last, touched_at__lt=before)
        .order_by("pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    ):
        yield ids
        last = ids[-1]


def _delete_payload(id: UUID, before: datetime) -> bool:
    """Delete one, unless it was touched or referred to in the meantime.

    Who stores the same touches the row first, and so waits for this transaction or is waited for;
    who refers to it is refused by the foreign key, or was before us and is seen. The file goes
    first: a row without a file is made whole by who stores the same, a file without a row by none.
    """
    with transaction.atomic():
        rows = Payload.objects.select_for_update().filter(pk=id, touched_at__lt=before)
        payload = rows.first()
        # Asked only once it is locked: the statement that waited for the lock saw the past.
        if payload is None or Payload.objects.filter(is_referred_to(), pk=id).exists():
            return False
        default_storage.delete(payload.file)
        payload.delete()
    return True
