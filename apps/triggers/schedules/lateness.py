"""That schedules are late, and that they go on again: each lateness is told once, whoever looks.

A schedule's row bears the marks: since when it is late, when it went on, and when that is to be
told. Who tells takes the news, writes what is to be sent, and says that it was told, in one
transaction.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Case, F, When

from apps.triggers.models import Schedule
from apps.triggers.schedules.slots import GRACE
from apps.triggers.schedules.states import ScheduleState, with_state
from apps.workspaces.querysets import TenantQuerySet

GATHERED_S = 600
"""While operators know of one that is late, others are told together, every ten minutes."""
AT_ONCE = 5_000
"""So many schedules are in one piece of news; the next turn goes on."""
NAMED = 50


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told: of the many that are late or go on again, the first are named."""

    late: list[Schedule]
    late_count: int
    going_on: list[Schedule]
    going_on_count: int


def take_news(now: datetime) -> list[UUID]:
    """Notice which schedules are late, and hold those of which something is to be told.

    In a transaction of the caller's, at whose end `were_told` is called with the same schedules.
    """
    _notice(now)
    return _held(_live().filter(alert_due_at__lte=now))


def news_of(taken: list[UUID], workspace: UUID | None) -> News | None:
    """What these schedules, or those of them that are a workspace's, give to be told."""
    told = Schedule.objects.filter(pk__in=taken).order_by("late_since", "id")
    if workspace is not None:
        told = told.filter(workspace=workspace)
    rows = list(told.select_related("workflow", "workspace"))
    late = [row for row in rows if row.caught_up_at is None]
    going_on = [row for row in rows if row.caught_up_at is not None]
    return News(late[:NAMED], len(late), going_on[:NAMED], len(going_on)) if rows else None


def were_told(taken: list[UUID]) -> None:
    """Say that these were told."""
    rows = Schedule.objects.filter(pk__in=taken)
    rows.exclude(caught_up_at=None).update(late_since=None, caught_up_at=None, alert_due_at=None)
    rows.update(alert_due_at=None)


def is_any_late(workspace: UUID | None) -> bool:
    """Whether a schedule is known to be late, and has not gone on."""
    late = _live().filter(late_since__isnull=False, caught_up_at=None)
    return (late if workspace is None else late.filter(workspace=workspace)).exists()


LATENESS = ("late_since", "caught_up_at", "alert_due_at")


def note_fired(schedule: Schedule, due_at: datetime, now: datetime) -> None:
    """Say in the row, which the caller saves with `LATENESS`, if it fired late: that is news."""
    is_known = schedule.late_since is not None and schedule.caught_up_at is None
    if due_at < now - GRACE or is_known:
        schedule.late_since = schedule.late_since or due_at
        schedule.caught_up_at = schedule.alert_due_at = now


def forget_lateness(schedule: Schedule) -> None:
    """Say in the row, which the caller saves with `LATENESS`, that it begins anew."""
    schedule.late_since = schedule.caught_up_at = schedule.alert_due_at = None


def _notice(now: datetime) -> None:
    """Mark those that are late, or cannot be fired, and were not yet; with when to tell of them."""
    unnoticed = Schedule.objects.filter(late_since=None, next_run_at__lt=now - GRACE)
    late = with_state(unnoticed).filter(state__in=(ScheduleState.LATE, ScheduleState.FAILED))
    # Of one that failed `due_at` is when it is tried again.
    since = Case(When(error="", then=F("due_at")), default=F("next_run_at"))
    is_known = _live().filter(late_since__isnull=False, alert_due_at=None).exists()
    tell_at = _next_gathering(now) if is_known else now
    unknown = Schedule.objects.filter(pk__in=_held(late))
    unknown.update(late_since=since, alert_due_at=tell_at)


def _next_gathering(now: datetime) -> datetime:
    return datetime.fromtimestamp((now.timestamp() // GATHERED_S + 1) * GATHERED_S, UTC)


def _held(schedules: TenantQuerySet) -> list[UUID]:
    """The first of them that nobody else holds, held."""
    held = schedules.select_for_update(of=("self",), skip_locked=True).order_by("id")
    return list(held.values_list("pk", flat=True)[:AT_ONCE])


def _live() -> TenantQuerySet:
    return Schedule.objects.filter(is_live=True, paused_at=None)
