"""The tick: fires what is due, each slot once, whoever ticks and how often.

A schedule's row is locked while it fires, and its runs, the rows that say that its slots fired, and
its next slot are written in one transaction, together with those of some others.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from apps.engine.events import write_time
from apps.engine.items import Json
from apps.runs import sql
from apps.runs.cancel import cancel_run
from apps.runs.create import NewRun, RunRequest, VersionRef, insert_runs, prepare_run
from apps.runs.models import Run
from apps.runs.states import OPEN, Trigger
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.lateness import LATENESS, note_fired
from apps.triggers.schedules.plans import NEXT, plan_of, set_next
from apps.triggers.schedules.slots import GRACE, Plan
from apps.versions.models import WorkflowVersion
from apps.workspaces.errors import ConflictError

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""So many schedules a tick; the next one goes on."""
TOGETHER = 20
"""So many in one transaction: to commit costs as much as to fire one."""
TRY_AGAIN = timedelta(minutes=1)
LOOKED_BACK = 100
"""Runs of a schedule that are looked at to find those that have not ended."""
Outcome = ScheduleFire.Outcome
_LIVE = Schedule.objects.filter(is_live=True, paused_at=None, due_at__isnull=False).order_by(
    "due_at"
)


def fire_due(now: datetime | None = None) -> int:
    """Fire the schedules that are due by the database's clock; gives how many those were."""
    fired = 0
    while fired < AT_ONCE:
        together = _fire_together(now or sql.database_now())
        fired += together
        if together < TOGETHER:
            break
    return fired


def until_due_s() -> float | None:
    """Seconds until the next schedule is due by the database's clock; None where none is live."""
    first = _LIVE.values_list("due_at", flat=True).first()
    return None if first is None else (first - sql.database_now()).total_seconds()


def _fire_together(now: datetime) -> int:
    """Fire some that are due for longest, and that nobody else is at; gives how many those were."""
    with transaction.atomic():
        due = _LIVE.filter(due_at__lte=now).select_for_update(skip_locked=True)
        schedules = list(due[:TOGETHER])
        for schedule in schedules:
            _fire_or_put_off(schedule, now)
    return len(schedules)


def _fire_or_put_off(schedule: Schedule, now: datetime) -> None:
    try:
        with transaction.atomic():
            fire(schedule, now)
    except Exception as error:
        # It must not keep the others from firing. Its slot stays, and is tried again.
        logger.exception("schedule %s could not be fired", schedule.pk)
        schedule.due_at = now + TRY_AGAIN
        schedule.error = f"{type(error).__name__}: {error}"[:1_000]
        schedule.save(update_fields=["due_at", "error"])


def fire(schedule: Schedule, now: datetime) -> None:
    """Fire what is due of a schedule, whose row the caller holds locked."""
    assert schedule.next_run_at is not None
    plan = plan_of(schedule)
    due_at = plan.due_at(schedule.next_run_at)
    if due_at < now - GRACE:
        told = "schedule %s was due at %s and is looked at only now"
        logger.error(told, schedule.pk, write_time(schedule.next_run_at))
    due = plan.due(schedule.next_run_at, now)
    if due.missed_to is not None:
        _note_missed(schedule, due.missed_from, due.missed_to, now)
    make_runs(schedule, plan, due.fires, now)
    set_next(schedule, plan, due.next)
    note_fired(schedule, due_at, now)
    schedule.save(update_fields=[*NEXT, *LATENESS])


def fire_before_change(schedule: Schedule, now: datetime) -> None:
    """Fire what is due of a schedule whose row the caller holds locked, and is about to change.

    What cannot be fired is left: with its rule, its failure is past.
    """
    is_due = schedule.due_at is not None and schedule.due_at <= now
    if not (is_due and schedule.is_live and schedule.paused_at is None):
        return
    try:
        with transaction.atomic():
            fire(schedule, now)
    except Exception:
        logger.exception("schedule %s could not be fired before it was changed", schedule.pk)


def _note_missed(schedule: Schedule, first: datetime | None, last: datetime, now: datetime) -> None:
    ScheduleFire.objects.get_or_create(
        schedule=schedule,
        slot=last,
        defaults={
            "workspace_id": schedule.workspace_id,
            "outcome": Outcome.MISSED,
            "missed_from": first,
            "fired_at": now,
        },
    )
    logger.warning("schedule %s missed its times from %s to %s", schedule.pk, first, last)


def make_runs(
    schedule: Schedule,
    plan: Plan,
    slots: Sequence[datetime],
    now: datetime,
    *,
    is_backfill: bool = False,
) -> list[ScheduleFire]:
    """Make a run for each of these slots that has not fired, as the schedule's policy allows.

    The caller holds the schedule's row locked.
    """
    fired = set(schedule.fires.filter(slot__in=slots).values_list("slot", flat=True))
    slots = [slot for slot in slots if slot not in fired]
    if not slots:
        return []
    version = published(schedule)
    chosen = slots if is_backfill else _chosen(schedule, plan.params.overlap, slots)
    limit = (1, f"schedule {schedule.node_id}") if plan.params.overlap == "queue" else None
    sentence = plan.recurrence.sentence()
    runs: dict[datetime, NewRun] = {}
    for slot in chosen:
        items = [item_of(plan, sentence, slot, now)]
        request = RunRequest(Trigger.SCHEDULE, schedule.node_id, items, limit=limit)
        runs[slot] = prepare_run(version, request)
    insert_runs(list(runs.values()))
    return ScheduleFire.objects.bulk_create(
        ScheduleFire(
            workspace_id=schedule.workspace_id,
            schedule=schedule,
            slot=slot,
            outcome=Outcome.FIRED if slot in runs else Outcome.OVERLAPPED,
            is_backfill=is_backfill,
            run_id=runs[slot].id if slot in runs else None,
            fired_at=now,
        )
        for slot in slots
    )


def item_of(plan: Plan, sentence: str, slot: datetime, now: datetime) -> Json:
    """What a run is told of the slot that it is made for, in stored form."""
    item: Json = {
        "scheduled_at": write_time(slot),
        "fired_at": write_time(now),
        "timezone": plan.recurrence.timezone,
        "schedule": sentence,
    }
    return {"json": item}


def require_live(schedule: Schedule) -> None:
    """Refuse to make runs of a workflow that is not active, or has no such node any more."""
    if not schedule.is_live:
        raise ConflictError("not_live", "The schedule's workflow is not active.")


def published(schedule: Schedule) -> VersionRef:
    """The version that a live schedule runs."""
    id, workflow, workspace = WorkflowVersion.objects.values_list(
        "id", "workflow_id", "workspace_id"
    ).get(workflow=schedule.workflow_id, version=F("workflow__version"))
    return VersionRef(id, workflow, workspace)


def _chosen(schedule: Schedule, overlap: str, slots: Sequence[datetime]) -> Sequence[datetime]:
    """Those of the slots that get a run, beside runs that have not ended."""
    if overlap in ("allow", "queue"):
        return slots
    going = open_runs(schedule)
    if overlap == "skip":
        return [] if going else slots[:1]
    for run in going:
        with suppress(ConflictError):  # it has ended meanwhile
            cancel_run(run, by=None)
    return slots[-1:]


def open_runs(schedule: Schedule) -> list[Run]:
    """The runs of a schedule that have not ended, of its latest."""
    latest = schedule.fires.filter(run__isnull=False).order_by("-slot")
    ids = list(latest.values_list("run", flat=True)[:LOOKED_BACK])
    return list(Run.objects.without_payloads().filter(pk__in=ids, status__in=OPEN))
