"""To walk a claimed run: the engine, bound to the database, until the run ends or suspends."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from apps.credentials.vault import secret_values
from apps.engine import leaving
from apps.engine.branches import Branches, ThreadBranches
from apps.engine.depth_first import DepthFirstScheduler
from apps.engine.endings import asked_for, deadline_passed, not_executable, not_executed
from apps.engine.errors import FlowForgeError
from apps.engine.executor import Executor
from apps.engine.items import Item, Json
from apps.engine.journal import Batch, Journal, Signal, StepRow
from apps.engine.limits import Limits
from apps.engine.masking import Masker, revealed
from apps.engine.plan import Plan
from apps.engine.ports import RunInfo
from apps.engine.recorder import Key, Recorder
from apps.engine.scheduler import Scheduler
from apps.engine.topological import TopologicalScheduler
from apps.runs import publish
from apps.runs.claim import Claim
from apps.runs.dispatch import wake_queue
from apps.runs.group_commit import GroupCommit, GroupedJournal
from apps.runs.journal import DatabaseJournal
from apps.runs.late import send_late
from apps.runs.line import open_line_for_slot
from apps.runs.links import addressed
from apps.runs.models import RunSignal
from apps.runs.payloads import read_json_payload
from apps.runs.plans import known_version, pinned_plan, plan_of
from apps.runs.restore import load_open_steps, load_steps
from apps.runs.room import noted
from apps.runs.states import SignalKind
from apps.workspaces.variables import variables_of


class DatabaseClock:
    """The database's clock, without asking it: what it showed at the claim, and the time since.

    Ours may be set meanwhile: no deadline comes or goes by that.
    """

    def __init__(self, ahead: timedelta) -> None:
        self._began_at = datetime.now(UTC) + ahead
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self._began_at + timedelta(seconds=time.monotonic() - self._began)

    def monotonic(self) -> float:
        return time.monotonic()


def walk(
    claim: Claim,
    branches: Branches,
    check_claim: Callable[[], None],
    group: GroupCommit | None = None,
) -> str:
    """Execute a claimed run until it ends or suspends; gives its status. Where it is one of a group
    its end may be recorded with that only.

    Or until it is to be left: it is still `running` then, and to be handed back. Raises
    RevokedError if the claim is lost.
    """
    own = _journal(claim, check_claim)
    journal = own if group is None else GroupedJournal(claim, own, group)
    clock = DatabaseClock(claim.clock_ahead)
    recorder = _recorder(claim, journal, clock, load_steps(claim.run) if claim.seq else {})
    try:
        version = known_version(claim.version)
        plan = _plan(claim, recorder)
    except FlowForgeError as error:
        # A version that was valid once and is not any more, by an upgrade: said, not retried.
        recorder.begin()
        return leaving.finish(recorder, not_executable(error))
    return Executor(
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
            workflow_active=claim.workflow_active,
            version=version.number,
            trigger=claim.trigger,
            timezone=plan.graph.settings.timezone,
            started_at=claim.started_at,
            variables=variables_of(claim.workspace) if version.names_variables else {},
            addressed=addressed(plan),
        ),
        trigger_items=[Item.from_json(item) for item in _items(claim)],
        check_claim=check_claim,
        random=random.random,
        limits=_limits(),
        deadline=claim.deadline_at,
        is_suspect=claim.is_suspect,
        use_pins=claim.pins is not None or claim.pins_payload is not None,
        tell_late=partial(send_late, claim),
        masker=_masker(claim, version.credentials),
    ).run()


def end_given_up(claim: Claim, deaths: int, check_claim: Callable[[], None]) -> None:
    """End a claimed run that so many workers died of.

    Nothing of it is read but its open steps: reading may be what they died of.
    """
    leaving.give_up(_last_recorder(claim, check_claim), deaths)


def end_not_executed(claim: Claim, tries: int, check_claim: Callable[[], None]) -> None:
    """End a claimed run that so many tries failed to execute, by a fault of ours.

    Nothing of it is read but its open steps: reading may be what failed.
    """
    recorder = _last_recorder(claim, check_claim)
    recorder.begin()
    leaving.finish(recorder, not_executed(tries))


def end_asked(claim: Claim, check_claim: Callable[[], None]) -> None:
    """End a claimed run that is cancelled or too late, and execute nothing of it.

    Nothing of it is read but its open steps, and what came of them too late.
    """
    recorder = _last_recorder(claim, check_claim)
    recorder.begin()
    reached = RunSignal.objects.filter(run=claim.run)
    for late in reached.filter(kind=SignalKind.LATE, consumed_at=None):
        recorder.keep_late(Signal(late.id, late.kind, late.body, late.step_id, late.attempt))
    cancel = reached.filter(kind=SignalKind.CANCEL).first()
    leaving.finish(recorder, asked_for(cancel.body) if cancel else deadline_passed())


def _last_recorder(claim: Claim, check_claim: Callable[[], None]) -> Recorder:
    journal = _journal(claim, check_claim)
    steps = load_open_steps(claim.run)
    return _recorder(claim, journal, DatabaseClock(claim.clock_ahead), steps)


def _journal(claim: Claim, check_claim: Callable[[], None]) -> DatabaseJournal:
    return DatabaseJournal(
        claim, check_claim=check_claim, committed=lambda batch: _tell(claim, batch)
    )


def _recorder(
    claim: Claim, journal: Journal, clock: DatabaseClock, steps: dict[Key, StepRow]
) -> Recorder:
    return Recorder(
        journal,
        seq=claim.seq,
        marks=list(claim.marks),
        steps=steps,
        worker=str(claim.worker),
        now=clock.now,
        new_id=uuid7,
        output_bytes=claim.output_bytes,
    )


def _masker(claim: Claim, credentials: frozenset[UUID]) -> Masker:
    """Knows the secrets that the graph names, whoever revealed them, and learns of others."""
    secrets = secret_values(claim.workspace, credentials) if credentials else ()
    return Masker(secrets, beside=revealed)


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
    if batch.change is None:
        publish.tell_progress(claim.workspace, claim.run, batch.seq)
        return
    place = claim.workspace, claim.workflow, claim.run
    publish.tell_status(*place, batch.change.status, batch.seq)
    before = claim.output_bytes if claim.seq else 0
    noted.add(claim.workflow, batch.output_bytes - before)
    if claim.is_limited:
        open_line_for_slot(claim.workflow, claim.limit_key)
        wake_queue(claim.queue)


@cache
def _limits() -> Limits:
    return Limits(
        commit_after_s=settings.GROUP_COMMIT_S,
        commit_after_steps=settings.GROUP_COMMIT_STEPS,
        durable_retry_s=settings.DURABLE_RETRY_S,
        step_output_bytes=settings.MAX_STEP_OUTPUT_BYTES,
        run_output_bytes=settings.MAX_RUN_OUTPUT_BYTES,
    )


def new_branches() -> ThreadBranches:
    return ThreadBranches(_pool())


@cache
def _pool() -> ThreadPoolExecutor:
    """The threads on which effects of all runs of this process wait for the network; enough for
    all that may be under way at once."""
    threads = settings.WORKER_THREADS * _limits().parallel_branches
    return ThreadPoolExecutor(threads, thread_name_prefix="branch")
