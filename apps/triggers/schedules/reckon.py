"""To reckon next slots anew: time zones change, and what was stored was told by their old rules."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.engine.errors import NodeError
from apps.runs import sql
from apps.triggers.models import Schedule
from apps.triggers.schedules.plans import NEXT, plan_of, set_next
from apps.workspaces.querysets import TenantQuerySet

AT_ONCE = 500


def reckon_anew() -> int:
    """Set the next slots, of those that are still to come, to what they are by now; gives how many
    were otherwise.

    What is due already, or waits for its jitter, fires as it is.
    """
    changed = 0
    for schedule in _to_come(sql.database_now()).iterator(AT_ONCE):
        with suppress(NodeError):  # it is told when it is due
            if _following(schedule) != schedule.next_run_at:
                changed += _set_anew(schedule.pk)
    return changed


def _to_come(now: datetime) -> TenantQuerySet:
    return Schedule.objects.filter(is_live=True, paused_at=None, error="", next_run_at__gt=now)


def _following(schedule: Schedule) -> datetime | None:
    return plan_of(schedule).recurrence.next(sql.database_now())


def _set_anew(id: UUID) -> bool:
    """Set it to what it is once its row is held; False where it fired or was changed meanwhile."""
    with transaction.atomic():
        held = _to_come(sql.database_now()).select_for_update().filter(pk=id).first()
        if held is None:
            return False
        set_next(held, plan_of(held), _following(held))
        held.save(update_fields=NEXT)
    return True
