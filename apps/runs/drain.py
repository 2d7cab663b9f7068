"""To take a worker process out of work so that nothing is lost, and nobody counts it as a death:
at its end, which its row may ask for, or for as long as its row asks for that."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now

from apps.runs.dispatch import let_wake_ups_leave
from apps.runs.models import Run, Worker
from apps.runs.states import RunStatus
from apps.runs.sweep import hand_back, wake_pending
from apps.runs.worker import WorkerProcess, this_worker
from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)

LET_GO_S = 2.0


def drain() -> bool:
    """Claim nothing more, and hand back what is held; False: steps were under way for too long.

    A run is left where none of its steps is under way: no step is repeated that ends within
    `DRAIN_S`. Where no other worker is there to go on, runs may come to their end for half of that.
    What is left then is revoked before it is handed back, so that none of its effects begins here
    once another worker goes on with it. An effect that is under way is told of as `worker_lost`.
    """
    this_worker().stop_claiming()
    return _let_go(lambda: True)


class RequestedDrain:
    """Follows what the worker's row asks, beside the heartbeat, which must go on meanwhile."""

    def __init__(self) -> None:
        self._followed: tuple[UUID, datetime] | None = None

    def follow(self, worker: WorkerProcess) -> None:
        """Begin to drain where that is asked anew; take up work where it is asked no more."""
        asked_at = worker.drain_asked_at
        asked = None if asked_at is None else (worker.id, asked_at)
        if asked == self._followed:
            return
        self._followed = asked
        for listener in listeners:
            listener(asked is None)
        if asked is None:
            logger.info("This worker takes up work again.")
            wake_pending()
        else:
            logger.info("This worker is asked to drain.")
            threading.Thread(
                target=drain_as_asked, args=(worker, *asked), name="drain", daemon=True
            ).start()


class RequestedStop:
    """Ends this process as SIGTERM from outside does, once its worker's row asks for that."""

    def __init__(self) -> None:
        self._is_told = False

    def follow(self, worker: WorkerProcess) -> None:
        if not worker.is_asked_to_stop or self._is_told:
            return
        self._is_told = True
        worker.stop_claiming()
        logger.info("This worker is asked to stop.")
        # To the main thread, which handles it: it may sleep until it is told something.
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGTERM)


listeners: list[Callable[[bool], object]] = []
"""Told whether this process takes wake-ups, which others could hear as long as it does not. Filled
by who runs the Celery worker."""


def drain_as_asked(worker: WorkerProcess, known_as: UUID, asked_at: datetime) -> None:
    """Drain, and note in the worker's row that nothing is held any more."""

    def is_asked() -> bool:
        return (worker.id, worker.drain_asked_at) == (known_as, asked_at)

    while is_asked():
        _let_go(is_asked)
        try:
            if not Run.objects.filter(worker=known_as, status=RunStatus.RUNNING).exists():
                asked = Worker.objects.filter(pk=known_as, drain_requested_at=asked_at)
                asked.update(drained_at=Now())
                logger.info("This worker is drained.")
                break
        except (DatabaseError, InterfaceError) as error:
            logger.warning("it is not noted that this worker is drained: %s", error)
            reconnect()
        time.sleep(settings.SWEEP_S)
    connection.close()


def _let_go(is_wanted: Callable[[], bool]) -> bool:
    """Hand back what is held, as long as that is wanted; False: steps took too long."""
    worker = this_worker()
    give_up_at = time.monotonic() + settings.DRAIN_S
    if not _others_work():
        _wait_until_idle(give_up_at - settings.DRAIN_S / 2, is_wanted)
    if is_wanted():
        worker.leave_runs(is_wanted)
        _wait_until_idle(give_up_at, is_wanted)
    if not is_wanted():
        return False
    left = worker.held()
    for held in left:
        worker.revoke(held)
    _wait_until_idle(time.monotonic() + LET_GO_S, lambda: True)
    for held in left:
        # Else it would be an orphan when our row is gone, which counts as a crash.
        run = held.claim.run
        _try(f"run {run} is not handed back", partial(hand_back, run, held.claim.fence, waits=True))
    # Wake-ups that came while we drained have found nobody.
    _try("no wake-ups are sent", wake_pending)
    let_wake_ups_leave()
    return not left


def _try(if_not: str, deed: Callable[[], object]) -> None:
    """Do it if the database lets us, else log it: what comes next is to be tried all the same."""
    try:
        deed()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("%s: the database does not let us: %s", if_not, error)
        reconnect()


def _others_work() -> bool:
    """Whether another worker can go on with what we hand back; False if nobody knows."""
    try:
        others = Worker.objects.exclude(pk=this_worker().id)
        return others.filter(drain_requested_at=None, stop_requested_at=None).exists()
    except (DatabaseError, InterfaceError):
        reconnect()
        return False


def _wait_until_idle(give_up_at: float, is_wanted: Callable[[], bool]) -> None:
    while not this_worker().is_idle and time.monotonic() < give_up_at and is_wanted():
        time.sleep(0.02)
