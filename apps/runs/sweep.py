"""The sweep: sends again what was not heard, wakes what is due, takes over what was left behind.

Every statement is conditional: two sweeps at once, or a crash inside one, are harmless.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.dispatch import Signal

from apps.runs import publish, sql
from apps.runs.dispatch import wake_queue_again
from apps.runs.models import Run, Worker
from apps.runs.states import Priority
from apps.runs.turns import LAST_RESUMED_TURN, LOW_WAITS, queue_up
from apps.runs.worker import boot_of_this_host, start_of_process
from apps.workspaces.ids import first_id_at

logger = logging.getLogger(__name__)

_HANDED_BACK = (
    "status = 'pending', line_id = NULL, worker_id = NULL, slot = NULL, fence = fence + 1,"
    " cancel_acknowledged_at = NULL, sent_at = {now}"
)
"""What an owner acknowledged is its word alone: the next one gives its own, and has as long."""
_FORCED = f"{_HANDED_BACK}, cancel_forced_at = {{now}}"
_TAKEN = f"{_HANDED_BACK}, crashes = crashes + 1"
_OF_CLAIM = "status = 'running' AND id = %s AND fence = %s"
AT_ONCE = 500
LOGGED = 100
"""So many of the runs that are taken over at once are named in the log."""
_LOW = f"""SELECT id, workspace_id, queue FROM runs
            WHERE status = 'pending' AND line_id IS NULL AND priority < 0 AND id < %s
            ORDER BY id LIMIT {AT_ONCE}"""  # noqa: S608 - a constant

worker_given_up = Signal()
"""Sent with `worker`, whose row is gone, and `run_count`, in the transaction that takes them."""


def resend_unheard() -> int:
    """Send another wake-up for pending runs whose last one is too old to be still on its way."""
    unheard = (
        f"status = 'pending' AND line_id IS NULL AND sent_at < {_ago(settings.UNHEARD_AFTER_S)}"
    )
    return len(_move("sent_at = {now}", unheard, "sent_at", is_news=False))


def wake_pending() -> None:
    """Send a wake-up to each queue with pending runs: those that were sent may have been lost."""
    ready = Run.objects.ready().order_by()
    for queue in ready.values_list("queue", flat=True).distinct():
        wake_queue_again(queue)


def wake_due() -> int:
    """Make waiting runs pending whose moment, or deadline, has come by the database's clock."""
    # One after the other: each has an index, and for both at once all that wait would be read.
    return sum(
        len(
            _move(
                f"status = 'pending', sent_at = {{now}}, turn = ({LAST_RESUMED_TURN}) + number",
                f"status = 'waiting' AND {moment} <= {_ago(0)}",
                moment,
            )
        )
        for moment in ("wake_at", "deadline_at")
    )


def wake_late() -> int:
    """Let those be claimed that may wait in their lines no longer: only to be ended."""
    late = f"status = 'pending' AND line_id IS NOT NULL AND deadline_at <= {_ago(0)}"
    return len(_move("line_id = NULL, sent_at = {now}", late, "deadline_at", is_news=False))


def raise_low() -> int:
    """Let runs of low priority count as others once they have waited for long: whatever comes,
    their turn comes too. They go between the others of that priority."""
    old = sql.adapted([first_id_at(sql.database_now() - LOW_WAITS)])
    alike = defaultdict(list)
    if not _rows(_LOW, old):
        return 0
    with transaction.atomic():
        # What another sweep is at just now, or a claim, is left to it.
        for run, workspace, queue in _rows(f"{_LOW} {sql.for_update_skip_locked()}", old):
            alike[sql.read_uuid(workspace), queue].append(sql.read_uuid(run))
        for (workspace, queue), pks in alike.items():
            queue_up(workspace, queue, Priority.DEFAULT, pks, line=None)
    return sum(map(len, alike.values()))


def until_due_s() -> float | None:
    """Seconds until the next waiting run is due by the database's clock; None where none waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(wake_at), {sql.now_sql()} FROM runs WHERE status = 'waiting'",  # noqa: S608 - a constant
            [],
        )
        wake_at, now = map(sql.read_time, cursor.fetchone())
    if wake_at is None or now is None:
        return None
    return float((wake_at - now).total_seconds())


def force_cancels() -> int:
    """Take cancelled runs from owners that have let nothing more begin and yet do not let go.

    Only acknowledged ones: until then an owner that lost its run could still send something.
    """
    held = f"cancel_acknowledged_at < {_ago(settings.CANCEL_FORCED_AFTER_S)}"
    return len(_move(_FORCED, f"status = 'running' AND {held}", "cancel_acknowledged_at"))


def take_over_orphans() -> int:
    """Take the runs that no worker owns, though they run."""
    taken = _move(_TAKEN, "status = 'running' AND worker_id IS NULL", "id")
    if taken:
        logger.warning("%d runs that no worker held any more are pending again", len(taken))
        _log_each(taken, "no worker held it any more")
    return len(taken)


def take_over(worker: Worker) -> int:
    """Take the runs of a dead worker: back to pending, fence + 1; and end the worker's row.

    Only if it has not beaten since we saw it: its row is locked, so that a heartbeat that comes
    now waits, and then finds that it is no more.
    """
    with transaction.atomic():
        if not Worker.objects.select_for_update().filter(pk=worker.pk, beats=worker.beats).exists():
            return 0
        taken: list[UUID] = []
        while some := _move(
            _TAKEN, "status = 'running' AND worker_id = %s", "id", sql.adapted([worker.pk])
        ):
            taken += some
        # A run that somebody else holds locked just now is left without a worker: an orphan.
        Worker.objects.filter(pk=worker.pk).delete()
        # Whoever fails to hear of it keeps no run from going on.
        worker_given_up.send_robust(Worker, worker=worker, run_count=len(taken))
    logger.warning("worker %s is gone; %d runs of its are pending again", worker, len(taken))
    _log_each(taken, f"worker {worker} ({worker.pk}) held it")
    return len(taken)


def hand_back(run: UUID, fence: int, *, waits: bool = False) -> int:
    """Give up a run that we own and do not execute any more; no crash.

    Who `waits` does so where somebody holds the run's row locked just now.
    """
    ours = sql.adapted([run, fence])
    return len(_move(_HANDED_BACK, _OF_CLAIM, "id", ours, skips_locked=not waits))


def give_up(run: UUID, fence: int) -> int:
    """Give back a run that this process cannot execute: counted like a death."""
    return len(_move(_TAKEN, _OF_CLAIM, "id", sql.adapted([run, fence])))


def take_over_all(except_worker: UUID) -> int:
    """Take over everything that others left: only for who knows that no other process lives."""
    return take_over_orphans() + sum(
        take_over(worker) for worker in Worker.objects.exclude(pk=except_worker)
    )


@dataclass
class Watch:
    """Tells dead workers by their silence, measured on our own clock.

    Counts little of a long time between two looks of ours: we may have been stopped in it, and who
    knows who else. But something of it: who is only slow must find the dead too.
    """

    _seen: dict[UUID, tuple[int, float]] = field(default_factory=dict)
    """Of each worker its beats, and the silence that we have watched since they were so many."""
    _looked_at: float = field(default_factory=time.monotonic)

    def forget(self) -> None:
        """We did not reach the database ourselves: nobody's silence counts."""
        self._seen.clear()

    def take_over_dead(self) -> int:
        """Take over the runs of workers that are gone, and of no worker; gives how many."""
        taken = take_over_orphans()
        now = time.monotonic()
        watched_s = min(now - self._looked_at, settings.SILENT_AFTER_S / 3)
        self._looked_at = now
        here = boot_of_this_host()
        workers = list(Worker.objects.all())
        for worker in workers:
            beats, silent_s = self._seen.get(worker.pk, (-1, 0.0))
            silent_s = silent_s + watched_s if beats == worker.beats else 0.0
            self._seen[worker.pk] = (worker.beats, silent_s)
            if silent_s > settings.SILENT_AFTER_S or _is_gone(worker, here):
                taken += take_over(worker)
                # The wake-ups that it had taken died with it.
                wake_pending()
        self._seen = {w.pk: self._seen[w.pk] for w in workers}
        return taken


def _is_gone(worker: Worker, here: str) -> bool:
    """Whether a process of this very host and boot is provably no more."""
    return (
        bool(here)
        and worker.boot == here
        and start_of_process(worker.pid) != worker.process_started
    )


def _move(
    changes: str,
    condition: str,
    order: str,
    params: Iterable[Any] = (),
    *,
    is_news: bool = True,
    skips_locked: bool = True,
) -> list[UUID]:
    """One conditional UPDATE of at most 500 runs, which it gives; wakes their queues, and tells of
    them if that is news. Those of a workspace that are alike are numbered (`number`)."""
    lock = sql.for_update_skip_locked() if skips_locked else sql.for_update()
    # Materialized: as a subquery it may be planned to be asked again for each row, and then takes
    # more than its limit.
    statement = f"""
        WITH chosen AS MATERIALIZED (
            SELECT id, workspace_id, queue, priority FROM runs WHERE {condition}
             ORDER BY {order} LIMIT {AT_ONCE} {lock}),
        numbered AS (
            SELECT id AS run, row_number() OVER (
                       PARTITION BY workspace_id, queue, priority ORDER BY id) AS number
              FROM chosen)
        UPDATE runs SET {changes.format(now=sql.now_sql())}
          FROM numbered WHERE runs.id = numbered.run
        RETURNING id, workspace_id, workflow_id, queue
    """  # noqa: S608 - parts of this file only
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement, list(params))
            moved = cursor.fetchall()
        transaction.on_commit(lambda: _tell(moved, is_news))
    return [sql.read_uuid(row[0]) for row in moved]


def _log_each(taken: list[UUID], why: str) -> None:
    """A line for each run, so that who asks after one finds why it was begun anew."""
    for run in sorted(taken)[:LOGGED]:
        logger.warning("run %s was taken over: %s", run, why)


def _rows(statement: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _tell(moved: list[tuple[Any, ...]], is_news: bool) -> None:
    for run, workspace, workflow, _ in moved if is_news else ():
        publish.tell_status(
            sql.read_uuid(workspace), sql.read_uuid(workflow), sql.read_uuid(run), "pending"
        )
    for queue in {row[3] for row in moved}:
        wake_queue_again(queue)


def _ago(seconds: float) -> str:
    if sql.is_postgres():
        # Asked once for a statement: else it is asked for each row, and no index can be used.
        return f"(SELECT clock_timestamp() - interval '{seconds} seconds')"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f000','now','-{seconds} seconds')"
