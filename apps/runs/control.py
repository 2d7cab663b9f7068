"""The control threads of a worker process: heartbeat and look for signals, sweep and take-over,
and what takes longer.

Outside the task pool and the broker: neither a pool full of long calls nor a broker that is away
stops them.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from apps.runs import sql
from apps.runs.cancel import acknowledge_cancel
from apps.runs.drain import RequestedDrain, RequestedStop
from apps.runs.ends import end_unclaimed
from apps.runs.line import open_due_lines, until_line_is_due_s
from apps.runs.room import add_noted
from apps.runs.sweep import (
    Watch,
    force_cancels,
    hand_back,
    raise_low,
    resend_unheard,
    until_due_s,
    wake_due,
    wake_late,
    wake_pending,
)
from apps.runs.worker import WorkerProcess, this_worker
from apps.workspaces.reconnect import is_outage, reconnect

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class Control:
    """A thread each: nothing of the sweep, however long it takes, delays the heartbeat, and nothing
    that is known to take long delays the sweep."""

    def __init__(self) -> None:
        asides = (Aside(name, each) for name, each in lengthy.items())
        self._threads = (Heart(), Sweeper(), *asides)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop, and take the worker's row away: it holds nothing any more."""
        for thread in self._threads:
            thread.stopping.set()
        for thread in self._threads:
            thread.join(timeout=5)
        this_worker().retire()


class Turning(threading.Thread):
    """Takes its turn at least every `SWEEP_S` seconds until it is stopped, whatever goes wrong."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.stopping = threading.Event()

    def turn(self, worker: WorkerProcess) -> float | None:
        """Do what is to be done; gives the seconds until the next turn, if it is wanted sooner."""
        raise NotImplementedError

    def on_outage(self) -> None:
        """What to do when the database could not be reached."""

    def run(self) -> None:
        is_on = True
        while is_on:
            sooner = None
            try:
                sooner = self.turn(this_worker())
            except (DatabaseError, InterfaceError) as error:
                logger.warning("the %s did not reach the database: %s", self.name, error)
                self.on_outage()
                reconnect()
            except Exception:
                # A fault of ours, which must stop neither.
                logger.exception("a turn of the %s failed", self.name)
            pause = settings.SWEEP_S if sooner is None else min(sooner, settings.SWEEP_S)
            is_on = not self.stopping.wait(pause)
        connection.close()


UNBEGUN_S = 1.0
"""How long a run waits behind those that were claimed with it; then others may have it."""


INTERRUPTS_S = 1.0
"""For so long a beat interrupts cancelled runs; the next one goes on: a server that does not answer
may take a second to be told that a statement is to end."""


class Heart(Turning):
    def __init__(self) -> None:
        super().__init__("heartbeat")
        self._unexecuted: dict[UUID, tuple[int, float]] = {}
        self._drain = RequestedDrain()
        self._requested_stop = RequestedStop()

    def turn(self, worker: WorkerProcess) -> None:
        heartbeat(worker, self._unexecuted)
        for held in worker.revoke_unbegun(UNBEGUN_S):
            hand_back(held.claim.run, held.claim.fence)
        self._drain.follow(worker)
        self._requested_stop.follow(worker)


@contextmanager
def living() -> Iterator[None]:
    """Have this process be a worker for as long as it executes runs by itself. One that gives no
    heartbeat waits, once it has been silent for a while, until it has given another: for ever."""
    heart = Heart()
    heart.start()
    try:
        yield
    finally:
        heart.stopping.set()
        heart.join()
        this_worker().retire()


SOONEST_S = 0.05
"""Between two looks for what is due: what one left is another sweep's, or more than one takes."""


@dataclass(frozen=True)
class Regular:
    """What an app above has done by every worker: `turn` at each of its turns, and again when
    `until_due_s` gives that it is wanted."""

    turn: Callable[[], object]
    until_due_s: Callable[[], float | None]


regular: list[Regular] = []
"""What the sweep does besides, each in a moment. Filled when the apps are loaded."""
lengthy: dict[str, Regular] = {"ends": Regular(end_unclaimed, lambda: None)}
"""What may take longer, by name: each has a thread of its own."""


class Sweeper(Turning):
    """Wakes what is due when it is due, and looks for all else every `SWEEP_S` seconds."""

    def __init__(self) -> None:
        super().__init__("sweep")
        self._rest_at = 0.0
        self._watch = Watch()
        self._must_wake = True
        """At the start, and after an outage: what was sent before may have been lost."""
        self._failed: set[Callable[[], object]] = set()
        """What is left until all is looked for again: at once it would fail again, and be logged
        some twenty times a second."""

    def turn(self, worker: WorkerProcess) -> float | None:
        looks_for_all = time.monotonic() >= self._rest_at
        if looks_for_all:
            self._rest_at = time.monotonic() + settings.SWEEP_S
            self._failed.clear()
        self._do(wake_due)
        self._do(open_due_lines)
        if looks_for_all:
            self._do(resend_unheard)
            self._do(force_cancels)
            self._do(wake_late)
            self._do(raise_low)
            self._do(self._watch.take_over_dead)
            self._do(add_noted)
            if self._must_wake or worker.has_missed_work:
                self._must_wake = worker.has_missed_work = False
                self._do(wake_pending)
        for each in regular:
            self._do(each.turn)
        asked: dict[Callable[[], object], Callable[[], float | None]] = {
            wake_due: until_due_s,
            open_due_lines: until_line_is_due_s,
            **{each.turn: each.until_due_s for each in regular},
        }
        due = [self._do(ask) for deed, ask in asked.items() if deed not in self._failed]
        soonest = min((due_s for due_s in due if due_s is not None), default=None)
        return None if soonest is None else max(soonest, SOONEST_S)

    def _do(self, deed: Callable[[], Answer]) -> Answer | None:
        """Do one thing of a turn. A fault in it, or a row that somebody holds, must keep none of
        the others from being done; a database that is away does."""
        if deed in self._failed:
            return None
        try:
            return deed()
        except Exception as error:
            # Whatever it was: the next part may be to find the dead.
            if is_outage(error):
                raise
            logger.exception("a part of a turn of the %s failed", self.name)
            self._failed.add(deed)
            return None

    def on_outage(self) -> None:
        self._watch.forget()
        self._must_wake = True


class Aside(Turning):
    """Takes the turns of something lengthy, for which neither heartbeat nor sweep waits."""

    def __init__(self, name: str, what: Regular) -> None:
        super().__init__(name)
        self._what = what

    def turn(self, worker: WorkerProcess) -> float | None:
        self._what.turn()
        return self._what.until_due_s()


def heartbeat(worker: WorkerProcess, unexecuted: dict[UUID, tuple[int, float]]) -> None:
    """Count a beat, and in the same transaction read what we own; revoke and poke accordingly."""
    claiming_since = worker.claiming_since()
    held = worker.held()
    known_as = worker.id
    now = time.monotonic()
    asked = set()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            # One of two constants stands in it.
            f"UPDATE workers SET beats = beats + 1, seen_at = {sql.now_sql()} WHERE id = %s"  # noqa: S608
            " RETURNING drain_requested_at, stop_requested_at",
            sql.adapted([known_as]),
        )
        row = cursor.fetchall()
        cursor.execute(
            """SELECT id, fence, signals,
                      cancel_requested_at IS NOT NULL AND cancel_acknowledged_at IS NULL
                 FROM runs WHERE worker_id = %s AND status = 'running'""",
            sql.adapted([known_as]),
        )
        owned = {}
        for id, fence, signals, is_asked in cursor.fetchall():
            owned[sql.read_uuid(id)] = (fence, signals)
            if is_asked:
                asked.add((sql.read_uuid(id), fence))
    strangers = worker.compare(held, owned)
    if not row:
        # We were silent for so long that others took us for dead.
        worker.register_anew(known_as)
        return
    worker.confirmed_at = now
    drain_asked_at, stop_asked_at = row[0]
    worker.follow(sql.read_time(drain_asked_at))
    worker.is_asked_to_stop = stop_asked_at is not None
    for each in held:
        run, fence = each.claim.run, each.claim.fence
        if (run, fence) in asked and worker.interrupt(each):
            acknowledge_cancel(run, fence)
            if time.monotonic() - now > INTERRUPTS_S:
                break
    for run in [run for run in unexecuted if run not in strangers]:
        del unexecuted[run]
    for run in strangers:
        fence, since = unexecuted.setdefault(run, (owned[run][0], now))
        # Seen before every claim that is under way began: so it is none of theirs.
        if since < claiming_since and since < now:
            hand_back(run, fence)
            del unexecuted[run]
