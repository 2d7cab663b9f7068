"""How schedules are doing: one answer for the API, the admin and readiness."""

from django.db.models import Case, Exists, OuterRef, Q, TextChoices, Value, When
from django.db.models.functions import Now

from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.forget import KEPT_FOR
from apps.triggers.schedules.slots import GRACE
from apps.workspaces.querysets import TenantQuerySet


class ScheduleState(TextChoices):
    """What of a schedule a person needs to know first."""

    ON_TIME = "on_time", "on time"
    NEW = "new", "new: none of its times has come yet"
    LATE = "late", "late: it was due over a minute ago"
    FAILED = "failed", "failed: it could not be fired, and is tried again each minute"
    PAUSED = "paused", "paused"
    ENDED = "ended", "ended: none of its times is to come"
    NOT_LIVE = "not_live", "not live: its workflow is not active, or has no such node any more"


_STATES = {
    ScheduleState.NOT_LIVE: Q(is_live=False),
    ScheduleState.PAUSED: Q(paused_at__isnull=False),
    ScheduleState.ENDED: Q(due_at=None),
    ScheduleState.FAILED: ~Q(error=""),
    ScheduleState.LATE: Q(due_at__lt=Now() - GRACE),
    # Of older ones it may be forgotten that they fired.
    ScheduleState.NEW: Q(created_at__gt=Now() - KEPT_FOR)
    & ~Exists(ScheduleFire.objects.filter(schedule=OuterRef("pk"))),
}
"""In the order in which they are asked, by the database's clock: of two the first holds."""


def with_state(schedules: TenantQuerySet) -> TenantQuerySet:
    """The same schedules, each with its `state`."""
    cases = [When(asked, then=Value(state)) for state, asked in _STATES.items()]
    return schedules.annotate(state=Case(*cases, default=Value(ScheduleState.ON_TIME)))


def late_count() -> int:
    """How many schedules should have fired and did not: nobody ticks, or not often enough."""
    due = Schedule.objects.filter(is_live=True, paused_at=None, error="")
    return due.filter(_STATES[ScheduleState.LATE]).count()
