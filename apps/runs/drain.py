"""To end a worker process so that nothing is lost, and nobody counts it as a death."""

import logging
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.runs.dispatch import let_wake_ups_leave
from apps.runs.models import Worker
from apps.runs.sweep import hand_back, wake_pending
from apps.runs.worker import this_worker
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
    worker = this_worker()
    worker.stop_claiming()
    give_up_at = time.monotonic() + settings.DRAIN_S
    if not _others_work():
        _wait_until_idle(give_up_at - settings.DRAIN_S / 2)
    worker.leave_runs()
    _wait_until_idle(give_up_at)
    left = worker.held()
    for held in left:
        worker.revoke(held)
    _wait_until_idle(time.monotonic() + LET_GO_S)
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
        return Worker.objects.exclude(pk=this_worker().id).exists()
    except (DatabaseError, InterfaceError):
        reconnect()
        return False


def _wait_until_idle(give_up_at: float) -> None:
    while not this_worker().is_idle and time.monotonic() < give_up_at:
        time.sleep(0.02)
