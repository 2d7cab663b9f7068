"""What was refused at the addresses of hooks: counted in memory, and written seldom.

Nobody who is not let in may fill the inbox, nor cost a statement of each request. What is counted
in memory alone is lost where the process is killed.
"""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Max, QuerySet, Sum
from django.utils.timezone import now
from uuid_utils.compat import uuid7

from apps.runs import sql
from apps.runs.reading import read
from apps.triggers.errors import RefusedError
from apps.triggers.hooks.addresses import Endpoint, Parts, endpoints_at
from apps.triggers.models import WebhookEndpoint, WebhookRefusal

logger = logging.getLogger(__name__)

EVERY_S = 10.0
"""At most so often a process writes what it has counted."""
MOST = 1_000
"""So many things are told apart between two writes; what else is refused is not counted."""
SHOWN_DAYS = 7

Reason = WebhookRefusal.Reason
_REASONS = {
    **{reason.value: reason for reason in Reason},
    "workflow_full": Reason.NO_ROOM,
    **dict.fromkeys(("too_busy", "too_many_wait", "too_slow", "hook_changed"), Reason.BUSY),
    **dict.fromkeys(("unavailable", "internal_error", "credential_unavailable"), Reason.FAULT),
}
"""By the codes of refusals. The others are about a body that cannot be read."""


class Address(NamedTuple):
    """Where a request was sent that was refused before anybody looked whose it is."""

    parts: Parts
    method: str


class _Key(NamedTuple):
    where: UUID | Address
    reason: Reason
    day: date


class _Count(NamedTuple):
    times: int
    last_at: datetime


class Refusals:
    """Counts on the event loop, and writes on a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[_Key, _Count] = {}
        self._due_on: asyncio.AbstractEventLoop | None = None

    def count(self, refused: RefusedError, address: Address) -> None:
        """Count a refusal of the endpoint that it names, or else of who listens at the address."""
        if refused.code == "unknown_hook":
            return
        at = now()
        reason = _REASONS.get(refused.code, Reason.UNREADABLE)
        self._add({_Key(refused.endpoint or address, reason, at.date()): _Count(1, at)})
        loop = asyncio.get_running_loop()
        if self._due_on is not loop:
            self._due_on = loop
            loop.call_later(EVERY_S, partial(self._write_on, loop))

    def _write_on(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due_on = None
        self._writing = loop.create_task(read(self.write))

    def write(self) -> None:
        """Write what was counted since the last time; it is kept where the database is away."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            with transaction.atomic():
                _write(counts)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("refusals of hooks could not be written: %s", error)
            self._add(counts)

    def _add(self, counts: Mapping[_Key, _Count]) -> None:
        with self._lock:
            for key, more in counts.items():
                before = self._counts.get(key)
                if before is not None:
                    self._counts[key] = _sum(before, more)
                elif len(self._counts) < MOST:
                    self._counts[key] = more


refusals = Refusals()


def _sum(one: _Count, other: _Count) -> _Count:
    return _Count(one.times + other.times, max(one.last_at, other.last_at))


_UPSERT = """
    INSERT INTO webhook_refusals (id, workspace_id, endpoint_id, day, reason, count, last_at)
    VALUES {values}
    ON CONFLICT (endpoint_id, day, reason) DO UPDATE
       SET count = webhook_refusals.count + EXCLUDED.count,
           last_at = CASE WHEN EXCLUDED.last_at > webhook_refusals.last_at
                          THEN EXCLUDED.last_at ELSE webhook_refusals.last_at END"""
AT_ONCE = 100
"""Rows of one statement."""


def _write(counts: Mapping[_Key, _Count]) -> None:
    """Add to the rows of endpoints that are there, always in one order: of two processes at the
    same rows one waits for the other."""
    found = _found({key.where for key in counts if isinstance(key.where, Address)})
    of: dict[tuple[UUID, date, Reason], _Count] = {}
    for (where, reason, day), count in counts.items():
        endpoint = found.get(where) if isinstance(where, Address) else where
        if endpoint is not None:
            key = (endpoint, day, reason)
            of[key] = _sum(of[key], count) if key in of else count
    ids = {endpoint for endpoint, *_ in of}
    workspaces = dict(WebhookEndpoint.objects.filter(pk__in=ids).values_list("pk", "workspace"))
    rows = [
        (
            uuid7(),
            workspaces[endpoint],
            endpoint,
            str(day),
            reason.value,
            *of[endpoint, day, reason],
        )
        for endpoint, day, reason in sorted(of)
        if endpoint in workspaces
    ]
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(
                _UPSERT.format(values=values), sql.adapted([each for row in some for each in row])
            )


def _found(addresses: set[Address]) -> dict[Address, UUID]:
    """Whose these addresses are; of another method than they take, one of those at the path."""
    if not addresses:
        return {}
    endpoints = endpoints_at({address.parts for address in addresses})
    found = {}
    for address in addresses:
        live = [each for each in endpoints.get(address.parts, ()) if isinstance(each, Endpoint)]
        own = [each for each in live if each.method == address.method]
        for endpoint in own or live[:1]:
            found[address] = endpoint.id
    return found


def refused_since() -> QuerySet[WebhookRefusal]:
    """What was refused in the last days, today among them."""
    since = now().date() - timedelta(days=SHOWN_DAYS - 1)
    return WebhookRefusal.objects.filter(day__gte=since).order_by()


def refused_lately(endpoints: Iterable[WebhookEndpoint]) -> dict[UUID, list[WebhookRefusal]]:
    """By endpoint what was refused in the last days, most often first: a row of each reason."""
    rows = (
        refused_since()
        .filter(endpoint__in=endpoints)
        .values("endpoint", "reason")
        .annotate(total=Sum("count"), last=Max("last_at"))
        .order_by("-total", "reason")
    )
    found = defaultdict(list)
    for row in rows:
        told = WebhookRefusal(reason=row["reason"], count=row["total"], last_at=row["last"])
        found[row["endpoint"]].append(told)
    return found


def delete_old_refusals(at: datetime) -> int:
    """Forget what was refused longer ago than requests are kept; gives how many rows."""
    before = at.astimezone(UTC).date() - timedelta(days=settings.INBOX_DAYS)
    return WebhookRefusal.objects.filter(day__lt=before).delete()[0]
