"""To execute runs: claim, then walk or hand to a process of its own. What a Celery task calls."""

import logging

from django.db import InterfaceError, OperationalError

from apps.engine.branches import Branches
from apps.engine.errors import RevokedError
from apps.runs import publish
from apps.runs.alone import execute_alone
from apps.runs.dispatch import wake_queue, wake_up_arrived
from apps.runs.states import RunStatus
from apps.runs.sweep import give_up, hand_back
from apps.runs.walk import end_given_up, is_suspect, new_branches, walk
from apps.runs.worker import Held, WorkerProcess, this_worker
from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)

RUNS_A_WAKE_UP = 50
MAX_CRASHES = 10
"""Deaths of its workers after which a run is given up though nobody saw that it was their cause."""


def execute_queue(queue: str) -> int:
    """Execute claimable runs of the queue, one after another; gives how many.

    Stops after some, and sends another wake-up: other queues want their turn.
    """
    wake_up_arrived(queue)
    for count in range(RUNS_A_WAKE_UP):
        try:
            if not execute_next(queue):
                return count
        except (OperationalError, InterfaceError) as error:
            logger.warning("queue %s: the database does not answer: %s", queue, error)
            this_worker().has_missed_work = True
            reconnect()
            return count
    wake_queue(queue)
    return RUNS_A_WAKE_UP


def execute_next(queue: str) -> bool:
    """Claim the best claimable run and execute it until it ends or suspends; False: none there."""
    worker = this_worker()
    branches = new_branches()
    with worker.claiming(queue, branches) as held:
        if held is None:
            return False
        claim = held.claim
        if claim.has_more:
            wake_queue(queue)
        publish.tell_status(claim.workspace, claim.workflow, claim.run, "running")
        try:
            _execute(worker, held, branches)
        except RevokedError:
            logger.warning("run %s: the claim was lost; another worker goes on", claim.run)
        except (OperationalError, InterfaceError) as error:
            # The database is away, which says nothing of the run: the heartbeat hands it back.
            logger.warning("run %s: the database does not answer: %s", claim.run, error)
            reconnect()
        except Exception:
            # Not a step's failure but ours. Counted as a death, so that it cannot go on for ever.
            logger.exception("run %s could not be executed", claim.run)
            give_up(claim.run, claim.fence)
    return True


def _execute(worker: WorkerProcess, held: Held, branches: Branches) -> None:
    claim = held.claim
    if claim.crashes >= MAX_CRASHES:
        end_given_up(claim, claim.crashes, lambda: worker.check(held))
    elif is_suspect(claim):
        execute_alone(worker, held)
    elif walk(claim, branches, lambda: worker.check(held)) == RunStatus.RUNNING:
        hand_back(claim.run, claim.fence, waits=True)
