"""To pause a schedule, and let it go on."""

from django.db import transaction

from apps.runs import sql
from apps.triggers.models import Schedule
from apps.triggers.schedules.lateness import LATENESS, forget_lateness
from apps.triggers.schedules.plans import NEXT, plan_of, set_next
from apps.workspaces.audit import made, record
from apps.workspaces.permissions import Principal


def pause_schedule(schedule: Schedule, *, by: Principal | None) -> None:
    """Let it fire no more until it is resumed; what comes meanwhile is not made up for."""
    with transaction.atomic():
        held = _held(schedule)
        if held.paused_at is None:
            held.paused_at = sql.database_now()
            held.save(update_fields=["paused_at"])
            record("schedule.pause", held, made(paused_at=held.paused_at), by=by)
    schedule.paused_at = held.paused_at


def resume_schedule(schedule: Schedule, *, by: Principal | None) -> None:
    """Let it fire again, from the first slot that is still to come."""
    with transaction.atomic():
        held = _held(schedule)
        if held.paused_at is not None:
            paused_at, held.paused_at = held.paused_at, None
            plan = plan_of(held)
            set_next(held, plan, plan.recurrence.next(sql.database_now()))
            forget_lateness(held)
            held.save(update_fields=["paused_at", *NEXT, *LATENESS])
            record("schedule.resume", held, {"paused_at": (paused_at, None)}, by=by)
    schedule.paused_at, schedule.next_run_at = held.paused_at, held.next_run_at
    schedule.due_at = held.due_at


def _held(schedule: Schedule) -> Schedule:
    return Schedule.objects.select_for_update().get(pk=schedule.pk)
