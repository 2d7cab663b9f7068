"""Requests that come again: services send until they are answered, and each starts one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from apps.runs import sql
from apps.runs.states import RunStatus
from apps.triggers.models import WebhookDelivery

AT_ONCE = 500
FAILED = (RunStatus.FAILED.value, RunStatus.CANCELLED.value)


@dataclass(frozen=True, slots=True, order=True)
class Delivery:
    """What a request is called by its sender, and the run that it would start."""

    endpoint: UUID
    key: str
    run: UUID
    workspace: UUID
    window_s: int
    is_answered_by_run: bool = False
    """Whose failure is told to the sender then, who sends again for another."""


def first_runs(deliveries: Sequence[Delivery]) -> dict[UUID, UUID]:
    """Note the deliveries, in the transaction of their runs; of those that came already within
    their window: the first one's run, by the run that they would start. Where senders are answered
    by their runs, one that failed or was cancelled counts no more.

    Who notes the same at the same moment waits for the first one's transaction.
    """
    now, doubles = timezone.now(), {}
    # In one order for all: two processes that note the same ones wait for each other's first.
    # Of one batch the first is first, because the ids of runs are ordered in time.
    for delivery in sorted(deliveries):
        first = _noted(delivery, now)
        if first != delivery.run:
            doubles[delivery.run] = first
    return doubles


def _noted(delivery: Delivery, now: datetime) -> UUID:
    """The run that the delivery started first."""
    expires_at = now + timedelta(seconds=delivery.window_s)
    row = (uuid7(), delivery.workspace, delivery.endpoint, delivery.key, delivery.run, expires_at)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO webhook_deliveries
                   (id, workspace_id, endpoint_id, key, run, expires_at)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (endpoint_id, key) DO UPDATE
               SET run = excluded.run, expires_at = excluded.expires_at
             WHERE webhook_deliveries.expires_at <= %s
                OR (%s AND EXISTS (SELECT 1 FROM runs
                                    WHERE runs.id = webhook_deliveries.run
                                      AND runs.status IN (%s, %s)))
            """,
            sql.adapted([*row, now, delivery.is_answered_by_run, *FAILED]),
        )
        if cursor.rowcount:
            return delivery.run
        cursor.execute(
            "SELECT run FROM webhook_deliveries WHERE endpoint_id = %s AND key = %s",
            sql.adapted([delivery.endpoint, delivery.key]),
        )
        return sql.read_uuid(cursor.fetchone()[0])


def delete_old_deliveries(now: datetime) -> int:
    """Forget those whose window is over, some at a time; gives how many."""
    old, count = WebhookDelivery.objects.filter(expires_at__lte=now), 0
    while ids := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        count += WebhookDelivery.objects.filter(pk__in=ids, expires_at__lte=now).delete()[0]
    return count
