"""The queue of a schedule whose runs wait for each other: slots that were due and have no run yet.

It goes on when no run of the schedule is left that has not ended, whatever that does: also one that
is suspended is waited for. Nothing is done about it where runs end: the tick asks.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.plans import plan_of
from apps.triggers.schedules.runs import insert_runs_of, open_runs, open_runs_at
from apps.workspaces.constants import Constant
from apps.workspaces.querysets import TenantQuerySet

MOST = 1_000
"""So many slots of a schedule wait that fell due, and so many of backfills."""
Outcome = ScheduleFire.Outcome


def room(schedule: Schedule, *, is_backfill: bool) -> int:
    """How many more slots its queue takes."""
    return MOST - queued(schedule).filter(is_backfill=is_backfill).count()


def ready() -> TenantQuerySet:
    """The schedules whose queues can go on."""
    waited_for = open_runs_at(OuterRef("workflow"), OuterRef("node_id"))
    waiting = ScheduleFire.objects.filter(outcome=Constant(Outcome.QUEUED)).values("schedule")
    live = Schedule.objects.filter(is_live=True, paused_at=None, error="")
    return live.filter(~Exists(waited_for), pk__in=waiting)


def go_on(schedule: Schedule, now: datetime) -> None:
    """Make the run of a schedule's oldest queued slot. The caller holds the schedule's row locked.

    Not beside a run that has not ended: who held the row before may have made one.
    """
    oldest = queued(schedule).order_by("slot").first()
    if oldest is None or open_runs(schedule).exists():
        return
    [oldest.run_id] = insert_runs_of(schedule, plan_of(schedule), [oldest.slot], now).values()
    oldest.outcome, oldest.fired_at = Outcome.FIRED, now
    oldest.save(update_fields=["outcome", "run", "fired_at"])


def leave_out(schedules: QuerySet[Schedule]) -> None:
    """Let what is queued of these schedules not fire any more."""
    fires = ScheduleFire.objects.filter(schedule__in=schedules, outcome=Constant(Outcome.QUEUED))
    fires.update(outcome=Outcome.OVERLAPPED)


def queued(schedule: Schedule) -> TenantQuerySet:
    """The slots that wait, of one schedule."""
    return schedule.fires.filter(outcome=Constant(Outcome.QUEUED))
