"""To make up for a span of time: a run for each slot in it that did not fire and is not queued."""

from datetime import UTC, datetime
from itertools import islice, takewhile

from django.db import transaction
from django.db.models import Q

from apps.engine.errors import Fault, FaultsError
from apps.runs import sql
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.fire import make_runs
from apps.triggers.schedules.plans import plan_of
from apps.triggers.schedules.queue import room
from apps.triggers.schedules.runs import require_live
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal

MOST = 1_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def slots_between(schedule: Schedule, first: datetime, last: datetime) -> list[datetime]:
    """The slots of a span, its ends included, that did not fire and are not queued.

    It must lie in the past, and hold at most 1,000 slots, no more than a queue that they are to
    stand in takes. Raises FaultsError.
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
    plan = plan_of(schedule)
    span = takewhile(lambda slot: slot <= last, plan.recurrence.from_on(first))
    slots = list(islice(span, MOST + 1))
    if len(slots) > MOST:
        told = f"The span holds over {MOST:,} times; ask for a shorter one."
        raise FaultsError([Fault("to", "too_many", told)])
    fires = schedule.fires.filter(slot__in=slots)
    given = fires.filter(Q(run__isnull=False) | Q(outcome=ScheduleFire.Outcome.QUEUED))
    have = set(given.values_list("slot", flat=True))
    slots = [slot for slot in slots if slot not in have]
    if plan.params.overlap == "queue" and len(slots) > (most := room(schedule, is_backfill=True)):
        told = f"The queue takes {most:,} more times of the past; the span holds {len(slots):,}."
        raise FaultsError([Fault("to", "too_many", told)])
    return slots


def backfill(
    schedule: Schedule, first: datetime, last: datetime, *, by: Principal | None
) -> list[datetime]:
    """Make a run for each slot of a span that has none, or queue it; gives those slots.

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
