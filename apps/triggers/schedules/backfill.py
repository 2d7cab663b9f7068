"""To make up for a span of time: a run for each slot in it that did not fire."""

from datetime import UTC, datetime
from itertools import islice, takewhile

from django.db import transaction

from apps.engine.errors import Fault, FaultsError
from apps.runs import sql
from apps.triggers.models import Schedule
from apps.triggers.schedules.fire import make_runs, require_live
from apps.triggers.schedules.plans import plan_of
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal

MOST = 1_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def slots_between(schedule: Schedule, first: datetime, last: datetime) -> list[datetime]:
    """The slots of a span, its ends included, that did not fire. Raises FaultsError.

    It must lie in the past, and hold at most 1,000 slots.
    """
    faults = []
    if first < EARLIEST:
        faults.append(Fault("from", "out_of_range", f"The span begins before {EARLIEST:%Y}."))
    if last < first:
        faults.append(Fault("to", "out_of_range", "The span ends before it begins."))
    if last > sql.database_now():
        faults.append(Fault("to", "out_of_range", "The span must lie in the past."))
    if faults:
        raise FaultsError(faults)
    recurrence = plan_of(schedule).recurrence
    slots = list(islice(takewhile(lambda slot: slot <= last, recurrence.from_on(first)), MOST + 1))
    if len(slots) > MOST:
        told = f"The span holds over {MOST:,} times; ask for a shorter one."
        raise FaultsError([Fault("to", "too_many", told)])
    ran = schedule.fires.filter(slot__in=slots, run__isnull=False)
    fired = set(ran.values_list("slot", flat=True))
    return [slot for slot in slots if slot not in fired]


def backfill(
    schedule: Schedule, first: datetime, last: datetime, *, by: Principal | None
) -> list[datetime]:
    """Make a run for each slot of a span that has none; gives those slots.

    Raises FaultsError; ConflictError where its workflow is not active.
    """
    with transaction.atomic():
        held = Schedule.objects.select_for_update().get(pk=schedule.pk)
        require_live(held)
        slots = slots_between(held, first, last)
        # What says that they were left out gives way to what says that they ran.
        held.fires.filter(slot__in=slots, run=None).delete()
        make_runs(held, plan_of(held), slots, sql.database_now(), is_backfill=True)
        record(
            "schedule.backfill",
            held,
            by=by,
            first=first.isoformat(),
            last=last.isoformat(),
            runs=len(slots),
        )
    return slots
