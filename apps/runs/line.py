"""Lines: where pending runs wait that cannot be claimed just now, so that no claim reads them.

Whoever finds such a run puts it in the line of what it waits for. A line lets its first runs go
when what they wait for may be had: told by who frees it, and looked at from time to time, for that
may have been lost. Whether a run may be claimed the claim alone decides: one that is let go too
early comes back.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Max, Min, Q, QuerySet, UUIDField, Value, When

from apps.runs import sql
from apps.runs.dispatch import wake_queue_on_commit
from apps.runs.limits import CLAIMABLE, NEEDED, WAITS_FOR, of
from apps.runs.models import EVERYTHING, Hold, Line, Run
from apps.runs.querysets import RunQuerySet
from apps.runs.states import Priority
from apps.runs.turns import LOW_WAITS, queue_up
from apps.workspaces.ids import first_id_at

AT_ONCE = 200
LINES_AT_ONCE = 50
LOOK_AGAIN = timedelta(seconds=1)
"""To find what was told to nobody."""
SOONEST_LOOK = timedelta(seconds=0.1)
"""A rate's line is looked at when a start leaves its window, but for many starts not each time."""
LOOK_AT_HELD_AGAIN = timedelta(seconds=10)

Kind = Line.Kind


def has_ready(queue: str) -> bool:
    """Whether there are runs of which nothing is known for which they must wait."""
    return bool(Run.objects.ready().filter(queue=queue).exists())


# --- Into a line ----------------------------------------------------------------------------------


def set_aside(queue: str, most: int = AT_ONCE) -> int:
    """Put those of the first ready runs into lines that cannot be claimed; gives how many.

    What came free in the meantime is looked for afterwards: who freed it did not see them yet.
    """
    found = _not_claimable(queue, most)
    if not found:
        return 0
    with transaction.atomic():
        # Not those that are cancelled just now: they are to be ended.
        still = Run.objects.ready().filter(pk__in=found, cancel_requested_at=None)
        taken = list(still.select_for_update(skip_locked=True).values_list("pk", flat=True))
        lines = {found[run].pk: found[run] for run in taken}
        waiting = defaultdict(list)
        for run in taken:
            waiting[found[run].pk].append(run)
        # In one order, and locked by it even where they are there already.
        Line.objects.bulk_create(
            [lines[pk] for pk in sorted(lines)],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["look_at"],
        )
        if taken:
            whens = [When(pk__in=runs, then=Value(pk)) for pk, runs in waiting.items()]
            Run.objects.filter(pk__in=taken).update(line=Case(*whens, output_field=UUIDField()))
    open_lines(Line.objects.filter(pk__in=lines))
    return len(taken)


def _not_claimable(queue: str, most: int) -> dict[UUID, Line]:
    statement = f"""
        SELECT id, workspace_id, workflow_id, limit_key, rate_key, {of(WAITS_FOR, "run")}
          FROM (SELECT {NEEDED} FROM runs
                 WHERE status = 'pending' AND line_id IS NULL AND queue = %s
                 ORDER BY priority DESC, turn, id LIMIT {most}) AS run
         WHERE NOT {of(CLAIMABLE, "run")}"""  # noqa: S608 - parts of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [queue])
        rows = cursor.fetchall()
    if not rows:
        return {}
    found, now = {}, sql.database_now()
    for run, workspace, workflow, limit_key, rate_key, name in rows:
        kind, its_workflow = Kind(name), sql.read_uuid(workflow)
        key = {Kind.HOLD: "", Kind.SLOT: limit_key, Kind.RATE: rate_key}[kind]
        found[sql.read_uuid(run)] = Line(
            id=Line.id_of(its_workflow, kind, key),
            workspace_id=sql.read_uuid(workspace),
            workflow_id=its_workflow,
            kind=kind,
            key=key,
            look_at=now,
        )
    return found


# --- Out of it ------------------------------------------------------------------------------------


def open_due_lines() -> int:
    """Look at the lines whose time it is; gives how many runs were let go."""
    due = Line.objects.filter(look_at__lte=sql.database_now())
    return open_lines(due) if due.exists() else 0


def until_line_is_due_s() -> float | None:
    """Seconds until a line is to be looked at, by the database's clock; None: there is none."""
    look_at = Line.objects.aggregate(at=Min("look_at"))["at"]
    return None if look_at is None else float((look_at - sql.database_now()).total_seconds())


def open_line_for_slot(workflow: UUID, key: str) -> None:
    """Let the next go that wait for a slot of this limit: one came free."""
    line = Line.objects.filter(pk=Line.id_of(workflow, Kind.SLOT, key))
    if line.exists():
        open_lines(line, waits=True)


def open_lines(lines: QuerySet[Line], *, waits: bool = False) -> int:
    """Let those go from each of these lines, some at a time, that may; gives how many.

    Lines that somebody else looks at are left to them, unless one `waits`.
    """
    with transaction.atomic():
        locked = lines.select_for_update(skip_locked=not waits).order_by("look_at")
        return sum(_open(line) for line in locked[:LINES_AT_ONCE])


def _open(line: Line) -> int:
    now = sql.database_now()
    _raise_low(line, now)
    waiting = _in_order(Run.objects.pending().filter(line=line))
    head = waiting.first()
    if head is None:
        line.delete()
        return 0
    free, line.look_at = _FREE[Kind(line.kind)](head, now)
    if line.kind == Kind.HOLD:
        going = list(waiting[: min(free, AT_ONCE)])
        _let_go_between_others(line, going)
    else:
        going = _going(waiting, free)
        # They have waited already: before those that wait for their first turn.
        gone = Run.objects.pending().filter(pk__in=[run.pk for run in going], line=line)
        gone.update(line=None, turn=0)
    line.save(update_fields=["look_at"])
    for queue in {run.queue for run in going}:
        wake_queue_on_commit(queue)
    return len(going)


def _raise_low(line: Line, now: datetime) -> None:
    """Let runs of low priority count as others once they have waited for long: whoever else comes,
    they are the first then."""
    made_before = first_id_at(now - LOW_WAITS)
    low = Run.objects.pending().filter(line=line, priority__lt=0, pk__lt=made_before)
    raised = low.order_by("-priority", "pk").values("pk")[:AT_ONCE]
    Run.objects.filter(pk__in=raised).update(priority=Priority.DEFAULT)


def _in_order(runs: RunQuerySet) -> RunQuerySet:
    """The runs of a line, as they are let go."""
    return runs.without_payloads().defer("marks").order_by("-priority", "pk")


def _free_of_holds(head: Run, now: datetime) -> tuple[int, datetime]:
    """How many of a line may go, and when to look again."""
    return (0, now + LOOK_AT_HELD_AGAIN) if holds_of(head).exists() else (AT_ONCE, now)


def _free_slots(head: Run, now: datetime) -> tuple[int, datetime]:
    if head.slots is None:
        return AT_ONCE, now
    sharing = Run.objects.filter(workflow=head.workflow_id, limit_key=head.limit_key)
    held = sharing.filter(slot__isnull=False).count()
    gone = sharing.ready().filter(before(head), slots__isnull=False).count()
    return max(head.slots - held - gone, 0), now + LOOK_AGAIN


def _free_starts(head: Run, now: datetime) -> tuple[int, datetime]:
    if head.rate_limit is None or head.rate_s is None or head.started_at is not None:
        return AT_ONCE, now
    sharing = Run.objects.filter(workflow=head.workflow_id, rate_key=head.rate_key)
    last = sharing.aggregate(no=Max("start_no"))["no"] or 0
    window = timedelta(seconds=head.rate_s)
    counted = sharing.filter(start_no__gt=last - head.rate_limit, started_at__gt=now - window)
    times = [run.started_at for run in counted.only("started_at").order_by("start_no")]
    if len(times) >= head.rate_limit and times[0] is not None:
        return 0, times[0] + window
    gone = sharing.ready().filter(before(head), rate_limit__isnull=False, started_at=None).count()
    # Else those whose time comes next would wait for the next look that finds what was not told.
    leaves = [at + window for at in times[:1] if at is not None]
    look_at = max(min([now + LOOK_AGAIN, *leaves]), now + SOONEST_LOOK)
    return max(head.rate_limit - len(times) - gone, 0), look_at


_FREE = {Kind.HOLD: _free_of_holds, Kind.SLOT: _free_slots, Kind.RATE: _free_starts}


def holds_of(run: Run) -> QuerySet[Hold]:
    """The holds that keep a run back, the widest first."""
    held = (run.workflow_id, run.workspace_id, EVERYTHING)
    return Hold.objects.filter(pk__in=held).order_by("pk")


def before(run: Run) -> Q:
    """Which runs of a line go before this one."""
    return Q(priority__gt=run.priority) | Q(priority=run.priority, pk__lt=run.pk)


def _going(waiting: RunQuerySet, free: int) -> list[Run]:
    """Those that may go; and who is before them, but waits for something else by now: in the line
    of that, where a claim puts them, they hold up nobody here."""
    first = list(waiting[: min(free, AT_ONCE)])
    claimable = _claimable(first)
    if len(claimable) == len(first) or holds_of(first[0]).exists():
        return claimable
    first = list(waiting[:AT_ONCE])
    staying = _claimable(first)[free:]
    return [run for run in first if run not in staying]


def _claimable(runs: list[Run]) -> list[Run]:
    if not runs:
        return []
    places = ", ".join(["%s"] * len(runs))
    statement = f"SELECT id FROM runs WHERE id IN ({places}) AND {of(CLAIMABLE, 'runs')}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, sql.adapted([run.pk for run in runs]))
        claimable = {sql.read_uuid(row[0]) for row in cursor.fetchall()}
    return [run for run in runs if run.pk in claimable]


def _let_go_between_others(line: Line, runs: list[Run]) -> None:
    alike = defaultdict(list)
    for run in runs:
        alike[run.queue, run.priority].append(run.pk)
    for (queue, priority), pks in alike.items():
        queue_up(line.workspace_id, queue, priority, pks, line=line.pk)
