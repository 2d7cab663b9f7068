"""The tick: fires what is due, each slot once, whoever ticks and how often.

A schedule's row is locked while it fires, and its runs, the rows that say that its slots fired, and
its next slot are written in one transaction, together with those of some others.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction

from apps.engine.events import write_time
from apps.runs import sql
from apps.runs.cancel import cancel_run
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.lateness import LATENESS, note_fired
from apps.triggers.schedules.plans import NEXT, plan_of, set_next
from apps.triggers.schedules.queue import go_on, ready, room
from apps.triggers.schedules.runs import insert_runs_of, open_runs
from apps.triggers.schedules.slots import GRACE, Plan
from apps.workspaces.errors import ConflictError

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""So many schedules a tick; the next one goes on."""
TOGETHER = 20
"""So many in one transaction: to commit costs as much as to fire one."""
TRY_AGAIN = timedelta(minutes=1)
MOST_CANCELLED = 100
"""So many runs that have not ended are cancelled for one slot, the latest."""
Outcome = ScheduleFire.Outcome
_LIVE = Schedule.objects.filter(is_live=True, paused_at=None, due_at__isnull=False).order_by(
    "due_at"
)


def fire_due(now: datetime | None = None) -> int:
    """Fire the schedules that are due by the database's clock, and let their queues go on; gives
    how many schedules those were."""
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
    """Fire some that are due for longest, then let queues go on, of those that nobody else is at;
    gives how many those were."""
    done = 0
    with transaction.atomic():
        for schedules, deed in ((_LIVE.filter(due_at__lte=now), fire), (ready(), go_on)):
            held = schedules.select_for_update(of=("self",), skip_locked=True)
            for schedule in held[: TOGETHER - done]:
                _do_or_put_off(deed, schedule, now)
                done += 1
    return done


def _do_or_put_off(
    deed: Callable[[Schedule, datetime], None], schedule: Schedule, now: datetime
) -> None:
    try:
        with transaction.atomic():
            deed(schedule, now)
    except Exception as error:
        # It must not keep the others from firing. Its slot stays, and is tried again.
        logger.exception("schedule %s could not be fired", schedule.pk)
        schedule.due_at = now + TRY_AGAIN
        schedule.error = f"{type(error).__name__}: {error}"[:1_000]
        schedule.save(update_fields=["due_at", "error"])


def fire(schedule: Schedule, now: datetime) -> None:
    """Fire what is due of a schedule, whose row the caller holds locked."""
    plan = plan_of(schedule)
    if schedule.next_run_at is None:  # it has ended, and its queue could not go on
        set_next(schedule, plan, None)
        schedule.save(update_fields=NEXT)
        return
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
        # It must not keep the change from being made, which may be what mends it.
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
) -> None:
    """Make a run for each of these slots that has not fired, as the schedule's policy allows, or
    queue it.

    The caller holds the schedule's row locked.
    """
    fired = set(schedule.fires.filter(slot__in=slots).values_list("slot", flat=True))
    slots = [slot for slot in slots if slot not in fired]
    if not slots:
        return
    overlap = plan.params.overlap
    queued = slots[: room(schedule, is_backfill=is_backfill)] if overlap == "queue" else []
    at_once = _at_once(schedule, overlap, slots, is_backfill=is_backfill)
    runs = insert_runs_of(schedule, plan, at_once, now)
    outcomes = dict.fromkeys(queued, Outcome.QUEUED) | dict.fromkeys(runs, Outcome.FIRED)
    ScheduleFire.objects.bulk_create(
        ScheduleFire(
            workspace_id=schedule.workspace_id,
            schedule=schedule,
            slot=slot,
            outcome=outcomes.get(slot, Outcome.OVERLAPPED),
            is_backfill=is_backfill,
            run_id=runs.get(slot),
            fired_at=now,
        )
        for slot in slots
    )


def _at_once(
    schedule: Schedule, overlap: str, slots: Sequence[datetime], *, is_backfill: bool
) -> Sequence[datetime]:
    """Those of the slots that get a run now, beside runs that have not ended."""
    if overlap == "queue":
        return []
    if overlap == "allow" or is_backfill:
        return slots
    going = open_runs(schedule)
    if overlap == "skip":
        return [] if going.exists() else slots[:1]
    for run in going.order_by("-pk")[:MOST_CANCELLED]:
        with suppress(ConflictError):  # it has ended meanwhile
            cancel_run(run, by=None)
    return slots[-1:]
