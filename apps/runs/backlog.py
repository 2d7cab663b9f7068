"""What waits to be executed, and why: for the whole installation. Each figure is bounded, and found
by an index."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q

from apps.runs.limits import CLAIMABLE, NEEDED, WAITS_FOR, of
from apps.runs.models import DEFAULT_QUEUE, Line, Run, Worker
from apps.runs.next_up import oldest_next
from apps.runs.querysets import RunQuerySet
from apps.runs.states import RunStatus, WorkerState

MOST = 10_000
"""So many are counted; where there are more, one more than that is told."""
MOST_QUEUES = 20
LOOKED_AT = 200
"""Of a queue's first runs: so many are asked whether they could be claimed now."""
SHOWN_LINES = 10
MOST_IN_LINE = 1_000
WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Queue:
    """`ready`: runs against which nothing is known. `wait_for`: of the first of them, how many wait
    for what, by the kind of the line into which a worker that came would put them, or for that
    `WORKER` alone. `oldest`: when the oldest was made of those that wait for a worker."""

    name: str
    ready: int
    wait_for: Mapping[str, int]
    oldest: datetime | None

    @property
    def looked_at(self) -> int:
        return sum(self.wait_for.values())

    @property
    def claimable(self) -> int:
        return self.wait_for.get(WORKER, 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line: runs of a workflow that wait for the same thing."""

    workflow: UUID
    name: str
    kind: str
    key: str
    count: int
    look_at: datetime


@dataclass(frozen=True, slots=True)
class Hands:
    """Who could take what is ready."""

    working: int
    threads: int
    busy: int
    leaving: int
    """Drained, draining, or asked to stop."""
    silent: int


@dataclass(frozen=True, slots=True)
class Backlog:
    queues: list[Queue]
    in_lines: dict[str, int]
    """How many runs wait in lines, by their kind."""
    lines: list[Waiting]
    """Some lines, the next that are looked at first."""
    hands: Hands


def backlog() -> Backlog:
    """What waits at this moment."""
    in_line = Run.objects.pending().filter(line__isnull=False)
    return Backlog(
        queues=[_queue(name) for name in _names()],
        in_lines={kind.value: _bounded(in_line.filter(line__kind=kind)) for kind in Line.Kind},
        lines=list(_lines()),
        hands=_hands(),
    )


def _names() -> list[str]:
    """Of the queues that have ready runs, one look into the index for each; and the usual one."""
    found: list[str] = []
    while len(found) < MOST_QUEUES:
        behind = Run.objects.ready().filter(queue__gt=found[-1] if found else "")
        name = behind.order_by("queue").values_list("queue", flat=True).first()
        if name is None:
            break
        found.append(name)
    return found if DEFAULT_QUEUE in found else [DEFAULT_QUEUE, *found]


def _queue(name: str) -> Queue:
    ready = _bounded(Run.objects.ready().filter(queue=name))
    return Queue(name, ready, _wait_for(name), oldest_next(name))


def _wait_for(queue: str) -> dict[str, int]:
    """What the runs wait for that are claimed next."""
    statement = f"""
        SELECT CASE WHEN {of(CLAIMABLE, "run")} THEN '{WORKER}' ELSE {of(WAITS_FOR, "run")} END,
               count(*)
          FROM (SELECT {NEEDED} FROM runs
                 WHERE status = 'pending' AND line_id IS NULL AND queue = %s
                 ORDER BY priority DESC, turn, id LIMIT {LOOKED_AT}) AS run
         GROUP BY 1"""  # noqa: S608 - parts of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [queue])
        return {str(kind): int(count) for kind, count in cursor.fetchall()}


def _lines() -> Iterator[Waiting]:
    rows = Line.objects.order_by("look_at").annotate(name=F("workflow__name"))
    for line in rows[:SHOWN_LINES]:
        waiting = Run.objects.pending().filter(line=line)
        count = waiting.order_by().values("pk")[: MOST_IN_LINE + 1].count()
        yield Waiting(line.workflow_id, line.name, line.kind, line.key, count, line.look_at)


def _hands() -> Hands:
    owned = Count("runs", filter=Q(runs__status=RunStatus.RUNNING))
    workers = list(Worker.objects.annotate(owned=owned))
    working = [worker for worker in workers if worker.state == WorkerState.WORKING]
    silent = sum(worker.state == WorkerState.SILENT for worker in workers)
    return Hands(
        working=len(working),
        threads=sum(worker.threads for worker in working),
        busy=sum(worker.owned for worker in working),
        leaving=len(workers) - len(working) - silent,
        silent=silent,
    )


def _bounded(runs: RunQuerySet) -> int:
    return int(runs.order_by().values("pk")[: MOST + 1].count())
