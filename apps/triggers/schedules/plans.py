"""The plan of a schedule's row: its slots and policies, and which slot comes next."""

from datetime import datetime

from apps.engine.errors import NodeError
from apps.nodes.params import read_params
from apps.nodes.schedules.recurrence import Recurrence, ScheduleParams
from apps.nodes.schedules.zones import checked_zone
from apps.triggers.models import Schedule
from apps.triggers.schedules.slots import Plan

NEXT = ("next_run_at", "due_at", "error")


def plan_of(schedule: Schedule) -> Plan:
    """The slots of a schedule. Raises NodeError where its rule, or its zone, is none any more."""
    params = read_params(ScheduleParams, schedule.rule, {})
    try:
        checked_zone(schedule.timezone)
    except ValueError as error:
        raise NodeError("invalid_params", f"timezone: {error}") from None
    return Plan(schedule.pk, params, Recurrence(params, schedule.timezone))


def set_next(schedule: Schedule, plan: Plan, slot: datetime | None) -> None:
    """Say in the row, which the caller saves with `NEXT`, which slot comes next; what failed is
    past."""
    schedule.error = ""
    schedule.next_run_at = slot
    schedule.due_at = plan.due_at(slot) if slot is not None else None
