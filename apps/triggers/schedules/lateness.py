"""That schedules are late, and that they go on again: each lateness is told once, whoever looks.

A schedule's row bears the marks: since when it is late, when it went on, and when that is to be
told. Who tells takes the news for a while, and says afterwards that it was told: if it dies in
between, or could not tell, another one does.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, When

from apps.runs import sql
from apps.triggers.models import Schedule
from apps.triggers.schedules.slots import GRACE
from apps.triggers.schedules.states import ScheduleState, with_state
from apps.workspaces.querysets import TenantQuerySet

AGAIN = timedelta(minutes=2)
"""News that were taken for so long, and were not told, are taken again."""
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
    taken_until: datetime


def take_news() -> News | None:
    """Notice which schedules are late, and take what is to be told; None where nothing is."""
    with transaction.atomic():
        now = sql.database_now()
        _notice(now)
        taken_until = now + AGAIN
        _locked(_live().filter(alert_due_at__lte=now)).update(alert_due_at=taken_until)
    taken = _taken(taken_until).select_related("workflow", "workspace").order_by("late_since", "id")
    late, going_on = taken.filter(caught_up_at=None), taken.exclude(caught_up_at=None)
    news = News(
        list(late[:NAMED]), late.count(), list(going_on[:NAMED]), going_on.count(), taken_until
    )
    return news if news.late_count or news.going_on_count else None


def were_told(news: News) -> None:
    """Say that these were told. Who went on meanwhile has news again."""
    taken = _taken(news.taken_until)
    taken.exclude(caught_up_at=None).update(late_since=None, caught_up_at=None, alert_due_at=None)
    taken.update(alert_due_at=None)


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
    _locked(late).update(late_since=since, alert_due_at=tell_at)


def _next_gathering(now: datetime) -> datetime:
    return datetime.fromtimestamp((now.timestamp() // GATHERED_S + 1) * GATHERED_S, UTC)


def _locked(schedules: TenantQuerySet) -> TenantQuerySet:
    """The first of them that nobody else holds, held."""
    held = schedules.select_for_update(of=("self",), skip_locked=True).order_by("id")
    return Schedule.objects.filter(pk__in=list(held.values_list("pk", flat=True)[:AT_ONCE]))


def _live() -> TenantQuerySet:
    return Schedule.objects.filter(is_live=True, paused_at=None)


def _taken(until: datetime) -> TenantQuerySet:
    return _live().filter(alert_due_at=until)
