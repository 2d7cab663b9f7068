"""To execute runs: claim, then walk or hand to a process of its own. What a Celery task calls."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import InterfaceError, OperationalError

from apps.engine.errors import RevokedError
from apps.engine.journal import SignalsMovedError
from apps.runs import publish
from apps.runs.alone import execute_alone
from apps.runs.brisk import brisk
from apps.runs.claim import Claim
from apps.runs.dispatch import wake_queue, wake_up_arrived
from apps.runs.group_commit import GroupCommit
from apps.runs.states import RunStatus
from apps.runs.sweep import give_up, hand_back
from apps.runs.walk import end_given_up, new_branches, walk
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
    count = 0
    while count < RUNS_A_WAKE_UP:
        try:
            executed = execute_next(queue)
        except (OperationalError, InterfaceError) as error:
            logger.warning("queue %s: the database does not answer: %s", queue, error)
            this_worker().has_missed_work = True
            reconnect()
            return count
        if not executed:
            return count
        count += executed
    wake_queue(queue)
    return count


def execute_next(queue: str) -> int:
    """Claim the best claimable run and execute it until it ends or suspends, or several that are
    brief; gives how many there were."""
    worker = this_worker()
    with worker.claiming(queue, new_branches, brisk.versions) as held:
        if not held:
            return 0
        has_more = held[0].claim.has_more
        brisk.note_backlog(has_more)
        if has_more:
            wake_queue(queue)
        group = GroupCommit()
        for each in held:
            if not worker.begin(each):
                continue
            claim = each.claim
            publish.tell_begun(claim.workspace, claim.workflow, claim.run)
            with surviving(claim):
                _execute(worker, each, group)
            if group.is_due:
                group.commit()
        group.commit()
        for each in held:
            if error := group.failed.get(each.claim.run):
                with surviving(each.claim):
                    _go_on(worker, each, error)
    return len(held)


@contextmanager
def surviving(claim: Claim) -> Iterator[None]:
    """Whatever becomes of this run, its thread goes on."""
    try:
        yield
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


def _execute(worker: WorkerProcess, held: Held, group: GroupCommit | None) -> None:
    claim = held.claim
    if claim.crashes >= MAX_CRASHES:
        end_given_up(claim, claim.crashes, lambda: worker.check(held))
    elif claim.is_suspect:
        execute_alone(worker, held)
    else:
        with brisk.measured(claim.version):
            status = walk(claim, held.branches, lambda: worker.check(held), group)
        if status == RunStatus.RUNNING:
            hand_back(claim.run, claim.fence, waits=True)


def _go_on(worker: WorkerProcess, held: Held, error: Exception) -> None:
    """Go on with a run whose end was not recorded with its group."""
    if not isinstance(error, SignalsMovedError):
        raise error
    # Something has reached it meanwhile, which is to be read before it begins anew: nothing of it
    # was recorded, and nothing done outside.
    held.claim = replace(held.claim, signals=held.claim.signals + 1)
    _execute(worker, held, None)
