"""What a pending run waits for, and at which place in line. Asked for one run, not for lists."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from apps.engine.recorder import read_time
from apps.runs import sql
from apps.runs.limits import CLAIMABLE, ONLY_TO_END, WAITS_FOR, of
from apps.runs.line import holds_of
from apps.runs.models import Line, Run, Worker
from apps.runs.states import RunStatus, WorkerState

MOST_COUNTED = 10_000
"""Who stands further behind is told no place."""


@dataclass(frozen=True, slots=True)
class Wait:
    """`reason`: `worker`, `slot`, `rate` or `hold`; `told`: that in a sentence."""

    reason: str
    since: datetime
    told: str
    place: int | None = None
    until: datetime | None = None


def since(run: Run) -> datetime:
    """When the run came into the state that it is in, as its events tell."""
    if run.finished_at:
        return run.finished_at
    return read_time(run.marks[-1]["at"]) if run.marks else run.created_at


def wait_of(run: Run) -> Wait | None:
    """What a pending run waits for; None where it is not pending."""
    if run.status != RunStatus.PENDING:
        return None
    reason = _reason(run)
    if reason == "end":
        return Wait("worker", since(run), "Waits for a worker, to be ended.")
    if reason == "hold":
        held = holds_of(run).first()
        if held is not None:
            what = {"workflow": "Its workflow is paused", "workspace": "Its workspace is paused"}
            told = what.get(held.what, "All runs are held")
            told += f": {held.reason}" if held.reason else "."
            return Wait("hold", since(run), told, _place(run, Line.Kind.HOLD))
        reason = "worker"
    if reason == "slot":
        place = _place(run, Line.Kind.SLOT)
        slot = "the only slot" if run.slots == 1 else f"one of {run.slots} slots"
        told = f"Waits for {slot}{_at(place)}."
        return Wait("slot", since(run), told, place)
    if reason == "rate":
        line = Line.objects.filter(pk=run.line_id).first() if run.line_id else None
        place = _place(run, Line.Kind.RATE)
        runs = "1 run" if run.rate_limit == 1 else f"{run.rate_limit} runs"
        told = (
            f"No more than {runs} may start within {run.rate_s} s:"
            f" it waits for its time{_at(place)}."
        )
        return Wait("rate", since(run), told, place, line.look_at if line else None)
    place = _place_in_queue(run)
    told = f"Waits for a worker{_at(place)}{_if_nobody_works()}."
    return Wait("worker", since(run), told, place)


def _if_nobody_works() -> str:
    """Why it waits for longer than its place in line says."""
    states = {worker.state for worker in Worker.objects.all()}
    if WorkerState.WORKING in states:
        return ""
    return (
        "; no worker is alive" if states <= {WorkerState.SILENT} else "; all workers drain or stop"
    )


def _at(place: int | None) -> str:
    return f", at place {place} in line" if place else ""


def _reason(run: Run) -> str:
    """As the claim would say of it; who stands in a line already waits for that."""
    statement = f"""
        SELECT CASE WHEN {of(ONLY_TO_END, "runs")} THEN 'end'
                    WHEN line_id IS NOT NULL THEN
                         (SELECT kind FROM run_lines WHERE run_lines.id = runs.line_id)
                    WHEN {of(CLAIMABLE, "runs")} THEN 'worker'
                    ELSE {of(WAITS_FOR, "runs")} END
          FROM runs WHERE id = %s"""  # noqa: S608 - parts of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, sql.adapted([run.pk]))
        row = cursor.fetchone()
    return str(row[0]) if row else "worker"


def _place(run: Run, kind: Line.Kind) -> int | None:
    """In the line of what it waits for; those that were let go, or not looked at, count too."""
    key = {Line.Kind.HOLD: "", Line.Kind.SLOT: run.limit_key, Line.Kind.RATE: run.rate_key}[kind]
    ready = Q(line=None, workflow=run.workflow_id)
    sharing = {
        Line.Kind.HOLD: [],
        Line.Kind.SLOT: [ready & Q(limit_key=key, slots__isnull=False)],
        Line.Kind.RATE: [ready & Q(rate_key=key, rate_limit__isnull=False, started_at=None)],
    }
    line = Q(line=Line.id_of(run.workflow_id, kind, key))
    alike = Q(priority=run.priority, pk__lt=run.pk)
    ahead = [Q(priority__gt=run.priority), alike]
    return _counted([each & part for each in [line, *sharing[kind]] for part in ahead])


def _place_in_queue(run: Run) -> int | None:
    ready, alike = Q(line=None, queue=run.queue), Q(priority=run.priority)
    if run.line_id is not None:
        # A pause of it has ended: it gets a turn behind those of its workspace, after those that
        # are let go before it.
        own, line = ready & Q(workspace=run.workspace_id), Q(line=run.line_id)
        before_it = alike & Q(pk__lt=run.pk)
        higher = Q(priority__gt=run.priority)
        return _counted([own & higher, own & alike, line & higher, line & before_it])
    ahead = [
        Q(priority__gt=run.priority),
        alike & Q(turn__lt=run.turn),
        alike & Q(turn=run.turn, pk__lt=run.pk),
    ]
    return _counted([ready & part for part in ahead])


def _counted(ahead: list[Q]) -> int | None:
    """The place, from 1; None where it is too far behind to be counted.

    Part by part: each is a stretch of an index, and no more is read than is counted.
    """
    count = 1
    for part in ahead:
        runs = Run.objects.pending().filter(part, cancel_requested_at=None).order_by()
        count += runs.values("pk")[:MOST_COUNTED].count()
    return count if count <= MOST_COUNTED else None
