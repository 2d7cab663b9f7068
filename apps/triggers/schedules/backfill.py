"""To make up for a span of time: a run for each slot in it that did not fire and is not queued."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.engine.errors import Fault, FaultsError
from apps.runs import sql
from apps.runs.parts import effects_told, is_effect, part_of
from apps.runs.plans import graph_of
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.fire import make_runs
from apps.triggers.schedules.plans import plan_of
from apps.triggers.schedules.queue import room
from apps.triggers.schedules.runs import published, require_live
from apps.versions.models import WorkflowVersion
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal

MOST = 1_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a backfill of a span would do."""

    slots: list[datetime]
    """Those that did not fire and are not queued, in order: each would get a run."""
    skipped: int
    """So many slots of the span have fired, or are queued."""
    most: int
    """So many runs it may make."""
    effects: list[dict[str, Any]]
    """The nodes that touch the outside and that a run may come to: `{type, label, count}`."""


def estimate(schedule: Schedule, first: datetime, last: datetime) -> Estimate:
    """What a backfill of this span would do, its ends included; does nothing.

    Raises FaultsError; ConflictError where its workflow is not active.
    """
    require_live(schedule)
    slots, skipped, most = _slots_between(schedule, first, last)
    version = WorkflowVersion.objects.get(pk=published(schedule).pk)
    graph = graph_of(version.graph_json)
    reached = part_of(graph, schedule.node_id)
    nodes = (node for node in graph.nodes if node.id in reached and is_effect(node))
    return Estimate(slots, skipped, most, effects_told(Counter(node.type for node in nodes)))


def backfill(
    schedule: Schedule, first: datetime, last: datetime, *, by: Principal | None
) -> list[datetime]:
    """Make a run for each slot of a span that has none, or queue it; gives those slots.

    Raises FaultsError; ConflictError where its workflow is not active.
    """
    with transaction.atomic():
        held = Schedule.objects.select_for_update().get(pk=schedule.pk)
        require_live(held)
        slots, _, _ = _slots_between(held, first, last)
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


def _slots_between(
    schedule: Schedule, first: datetime, last: datetime
) -> tuple[list[datetime], int, int]:
    """The slots of a span that did not fire and are not queued, how many did or are, and how many
    there may be.

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
    most = room(schedule, is_backfill=True) if plan.params.overlap == "queue" else MOST
    if len(slots) > most:
        told = f"The queue takes {most:,} more times of the past; the span holds {len(slots):,}."
        raise FaultsError([Fault("to", "too_many", told)])
    return slots, len(have), most
