"""To execute runs: claim, walk the plan, record. What a Celery task calls."""

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import InterfaceError, OperationalError
from uuid_utils.compat import uuid7

from apps.engine import leaving
from apps.engine.branches import ThreadBranches
from apps.engine.depth_first import DepthFirstScheduler
from apps.engine.endings import not_executable
from apps.engine.errors import FlowForgeError, RevokedError
from apps.engine.executor import Executor
from apps.engine.items import Item, Json
from apps.engine.journal import Batch
from apps.engine.limits import Limits
from apps.engine.plan import Plan
from apps.engine.ports import RunInfo
from apps.engine.recorder import Recorder
from apps.engine.scheduler import Scheduler
from apps.engine.topological import TopologicalScheduler
from apps.runs import publish
from apps.runs.claim import Claim
from apps.runs.dispatch import wake_queue, wake_up_arrived
from apps.runs.journal import DatabaseJournal, load_open_steps, load_steps
from apps.runs.payloads import read_json_payload
from apps.runs.plans import known_version, pinned_plan, plan_of
from apps.runs.sweep import give_up
from apps.runs.worker import Held, WorkerProcess, this_worker
from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)

RUNS_A_WAKE_UP = 50
SUSPECT_CRASHES = 2
MAX_CRASHES = 10
"""Deaths of its workers after which a run is given up: see "Poison" in docs/durability.md."""


class DatabaseClock:
    """The database's clock, read without asking it: ours, moved by what they differed at claim."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        return time.monotonic()


def execute_queue(queue: str) -> int:
    """Execute claimable runs of the queue, one after another; gives how many.

    Stops after some, and sends another wake-up: other queues want their turn.
    """
    wake_up_arrived(queue)
    for count in range(RUNS_A_WAKE_UP):
        try:
            if not execute_next(queue):
                return count
        except (OperationalError, InterfaceError):
            this_worker().has_missed_work = True
            raise
    wake_queue(queue)
    return RUNS_A_WAKE_UP


def execute_next(queue: str) -> bool:
    """Claim the best claimable run and execute it until it ends or suspends; False: none there."""
    worker = this_worker()
    branches = ThreadBranches(_pool())
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
            # The database is away, which says nothing of the run: the control thread hands it back.
            logger.warning("run %s: the database does not answer: %s", claim.run, error)
            reconnect()
        except Exception:
            # Not a step's failure but ours. Counted as a death, so that it cannot go on for ever.
            logger.exception("run %s could not be executed", claim.run)
            give_up(claim.run, claim.fence)
    return True


def _execute(worker: WorkerProcess, held: Held, branches: ThreadBranches) -> None:
    claim = held.claim
    journal = DatabaseJournal(
        claim,
        check_claim=lambda: worker.check(held),
        committed=lambda batch: _tell(claim, batch),
    )
    clock = DatabaseClock(claim.clock_ahead)
    is_given_up = claim.crashes >= MAX_CRASHES
    load = load_open_steps if is_given_up else load_steps
    recorder = Recorder(
        journal,
        seq=claim.seq,
        marks=claim.marks,
        steps=load(claim.run) if claim.seq else {},
        worker=str(worker.id),
        now=clock.now,
        new_id=uuid7,
        output_bytes=claim.output_bytes,
    )
    if is_given_up:
        # Before anything more of it is read: that may be what they died of.
        leaving.give_up(recorder, claim.crashes)
        return
    try:
        version = known_version(claim.version)
        plan = _plan(claim, recorder)
    except FlowForgeError as error:
        # A version that was valid once and is not any more, by an upgrade: said, not retried.
        recorder.begin()
        leaving.finish(recorder, not_executable(error))
        return
    Executor(
        plan,
        _scheduler(plan, recorder),
        recorder,
        journal,
        branches,
        clock,
        info=RunInfo(
            id=claim.run,
            workspace=claim.workspace,
            workflow=claim.workflow,
            workflow_name=claim.workflow_name,
            version=version.number,
            trigger=claim.trigger,
            timezone=plan.graph.settings.timezone,
            started_at=claim.started_at,
        ),
        trigger_items=[Item.from_json(item) for item in _items(claim)],
        check_claim=lambda: worker.check(held),
        random=random.random,
        limits=_limits(),
        deadline=claim.deadline_at,
        is_suspect=claim.crashes >= SUSPECT_CRASHES,
        use_pins=claim.pins is not None or claim.pins_payload is not None,
    ).run()


def _items(claim: Claim) -> list[Json]:
    if claim.items is not None:
        return claim.items
    assert claim.payload is not None
    items: list[Json] = read_json_payload(claim.payload)
    return items


def _plan(claim: Claim, recorder: Recorder) -> Plan:
    """The plan of the run: with the nodes whose steps it was given, and with its own pins."""
    place = (claim.version, claim.trigger_node, claim.stop_node)
    plan = plan_of(*place)
    if given := {node for node, _ in recorder.steps} - plan.nodes.keys():
        plan = plan_of(*place, frozenset(given))
    pins = claim.pins
    if claim.pins_payload is not None:
        pins = read_json_payload(claim.pins_payload)
    return pinned_plan(plan, pins) if pins else plan


def _scheduler(plan: Plan, recorder: Recorder) -> Scheduler:
    given = recorder.last_ends(plan.given)
    if plan.graph.settings.order == "depth_first":
        return DepthFirstScheduler(plan, given)
    return TopologicalScheduler(plan, given)


def _tell(claim: Claim, batch: Batch) -> None:
    publish.tell_progress(claim.run, batch.seq)
    if batch.change is not None:
        if claim.is_limited:
            wake_queue(claim.queue)
        publish.tell_status(claim.workspace, claim.workflow, claim.run, batch.change.status)


@cache
def _limits() -> Limits:
    return Limits(
        commit_after_s=settings.GROUP_COMMIT_S,
        commit_after_steps=settings.GROUP_COMMIT_STEPS,
        durable_retry_s=settings.DURABLE_RETRY_S,
        step_output_bytes=settings.MAX_STEP_OUTPUT_BYTES,
        run_output_bytes=settings.MAX_RUN_OUTPUT_BYTES,
    )


@cache
def _pool() -> ThreadPoolExecutor:
    """The threads on which effects of all runs of this process wait for the network."""
    return ThreadPoolExecutor(settings.WORKER_THREADS * 4, thread_name_prefix="branch")
