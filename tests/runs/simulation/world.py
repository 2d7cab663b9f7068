"""The world whose runs lie in the real database, executed by what a worker process executes with.

Real are: the claim, the journal, worker rows and heartbeat, take-over and sweep, signals and
wake-ups, and `execute_next`, which puts them together. Simulated are, as in memory: nodes and what
they do outside, time, and which branch is quicker.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

from django.db import InterfaceError, OperationalError

from apps.engine.errors import RevokedError
from apps.engine.journal import Batch
from apps.runs import dispatch, execute, journal, sweep, walk, worker, writes
from apps.runs.claim import Claim, claim_run
from apps.runs.control import heartbeat
from apps.runs.group_commit import GroupCommit
from apps.runs.models import Run, RunValue
from apps.runs.restore import load_steps
from apps.runs.states import RunStatus
from apps.runs.worker import Held, WorkerProcess
from apps.workspaces.reconnect import reconnect
from tests.engine.simulation.branches import SimulatedBranches
from tests.engine.simulation.library import Noted
from tests.engine.simulation.watch import WatchedJournal
from tests.engine.simulation.world import Disturbances, Killed, World
from tests.runs.simulation.line import CuttableJournal, Line
from tests.runs.simulation.others import hand_back_by_heartbeat, take_from_its_worker
from tests.runs.simulation.store import QUEUE, DatabaseStore
from tests.runs.simulation.threads import beside
from tests.runs.work import make_worker

MAX_SLEEPS = 20


@dataclass(frozen=True)
class DatabaseDisturbances(Disturbances):
    cuts: Mapping[int, str] = field(default_factory=dict)
    """How the connection is cut about a write of the journal, by the number of the write."""
    outages: Mapping[int, str] = field(default_factory=dict)
    """How it is cut about a claim or a read, by the number of those."""
    in_doubt: str = ""
    """What happens to who waits to try again after a cut: nothing, a "kill" or a "take_over"."""
    races: Collection[int] = ()
    """Another worker takes over while a commit is under way, by the number of the commit."""
    claim_races: Collection[int] = ()
    """Two workers claim at once, by the number of the claim."""


class SimulatedWorker(WorkerProcess):
    """A worker whose heartbeat comes just before each question whether a run is still its own."""

    def check(self, held: Held) -> None:
        heartbeat(self, {})
        super().check(held)


class Rival:
    """Who takes a run while its owner commits, and executes it once that has come out."""

    def __init__(self, starts_with: str) -> None:
        self.claim: Claim | None = None
        self._starts_with = starts_with
        self.has_started = threading.Event()
        self.may_execute = threading.Event()

    def reach(self, place: str) -> None:
        """The owner commits when the rival reaches the place that it was to start with."""
        if place == self._starts_with:
            self.has_started.set()


class Here(threading.local):
    """What belongs to the life on this thread."""

    worker: SimulatedWorker
    branches: SimulatedBranches
    rival: Rival | None = None


@dataclass
class DatabaseWorld(World):
    store: DatabaseStore
    disturbances: DatabaseDisturbances = field(default_factory=DatabaseDisturbances)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.line = Line(self.disturbances.cuts, self.disturbances.outages)
        self._here = Here()
        self._dead: set[UUID] = set()
        self._commits = 0
        self._sleeps = 0
        self._wake_ups = 1
        """How many are on their way; the first was sent when the run was made."""

    def drive(self) -> None:
        with self._in_place_of_a_process():
            super().drive()

    def moment(self) -> None:
        self.line.perhaps_let_a_late_write_arrive(self.store, self.random)
        super().moment()

    def be_taken_over(self) -> None:
        beside(self.execute_one_claim).result()

    def live(self, branches: SimulatedBranches) -> None:
        self._bring_to_queue()
        here = self._here
        here.branches, here.worker = branches, SimulatedWorker()
        try:
            self._wake_ups = 0
            if not execute.execute_next(QUEUE):
                assert self.store.status != RunStatus.PENDING, "a run is pending, and not claimed"
        except Killed:
            self._dead.add(here.worker.id)
            raise
        except (OperationalError, InterfaceError):
            # So does the control thread, once the database answers again.
            reconnect()
            sweep.wake_pending()
        self.deaths += hand_back_by_heartbeat(here.worker)
        here.worker.retire()

    def _bring_to_queue(self) -> None:
        """What others do about a run that nobody executes, and in the end it is pending."""
        if rival := self._here.rival:
            rival.reach("take_over")
        while (run := Run.objects.get(pk=self.store.run)).status == RunStatus.RUNNING:
            take_from_its_worker(run, self.random, is_dead=run.worker_id in self._dead)
        if run.status == RunStatus.WAITING:
            sweep.wake_due()
        if self.store.status == RunStatus.PENDING:
            assert self._wake_ups, "a run is pending, and no wake-up is on its way"

    # What stands in the place of what a process has

    @contextmanager
    def _in_place_of_a_process(self) -> Iterator[None]:
        replaced = {
            dispatch: {"_sender": SimpleNamespace(ask=self._count_wake_up)},
            worker: {"claim_run": self._claim},
            journal: {"time": SimpleNamespace(sleep=self._sleep)},
            execute: {
                "this_worker": lambda: self._here.worker,
                "new_branches": lambda: self._here.branches,
                "execute_alone": _execute_here,
                "_execute": self._execute,
                "give_up": _raise,
            },
            walk: {
                "DatabaseJournal": self._journal,
                "DatabaseClock": lambda _: self.clock,
                "load_steps": lambda run: self.line.call(lambda: load_steps(run)),
                "uuid7": self.new_id,
                "random": self.random,
                "_plan": lambda *_: self.plan,
            },
        }
        with ExitStack() as stack:
            stack.enter_context(patch.dict(writes._WRITERS, {Noted: _note}))
            for module, members in replaced.items():
                stack.enter_context(patch.multiple(module, **members))
            yield

    def _sleep(self, seconds: float) -> None:
        """Before the journal tries again."""
        self._sleeps += 1
        assert self._sleeps < MAX_SLEEPS, "the journal tries again for ever"
        self.moment()
        in_doubt = self.disturbances.in_doubt
        self.deaths += bool(in_doubt)
        if in_doubt == "take_over" and self.store.status == RunStatus.RUNNING:
            self.be_taken_over()
        elif in_doubt == "kill":
            raise Killed

    def _count_wake_up(self, queue: str, *, again: bool) -> None:
        self._wake_ups += 1

    def _claim(self, worker: UUID, queue: str) -> Claim | None:
        rival = self._here.rival
        if rival is not None:
            rival.reach("claim")
            rival.claim = claim_run(worker, queue)
            rival.may_execute.wait()
            return rival.claim
        number = self._claims
        if number not in self.disturbances.claim_races:
            return self.line.call(lambda: claim_run(worker, queue))
        other = make_worker()
        claiming = beside(lambda: claim_run(other.pk, queue))
        claim = claim_run(worker, queue)
        others = claiming.result()
        assert claim is None or others is None, "a run was claimed twice"
        if others is not None:
            self._dead.add(other.pk)
            self.deaths += 1
        return claim

    def _execute(
        self,
        worker: SimulatedWorker,
        held: Held,
        group: GroupCommit | None,
        execute: Any = execute._execute,
    ) -> None:
        try:
            execute(worker, held, group)
        except RevokedError:
            is_ours = Run.objects.filter(
                pk=held.claim.run, fence=held.claim.fence, status=RunStatus.RUNNING
            ).exists()
            assert not is_ours, "a claim was given up that is not lost"
            raise

    def _journal(self, claim: Claim, **members: Any) -> WatchedJournal:
        journal = CuttableJournal(self.line, claim, **members)
        return WatchedJournal(
            RacedJournal(journal, self), journal.is_current, self.store, self.commit_moment
        )

    # Races

    def race(self, commit: Callable[[Batch], None], batch: Batch) -> None:
        """Commit, perhaps while another worker takes the run."""
        number = self._commits
        self._commits += 1
        if number not in self.disturbances.races:
            commit(batch)
            return
        self.deaths += 1
        rival = Rival(self.random.choice(["take_over", "claim"]))
        taking_over = beside(lambda: self._execute_as(rival))
        try:
            rival.has_started.wait()
            commit(batch)
        finally:
            rival.may_execute.set()
            taking_over.result()
        assert rival.claim is None or rival.claim.seq >= batch.seq, (
            "a batch was written for a claim that was just lost"
        )

    def _execute_as(self, rival: Rival) -> None:
        self._here.rival = rival
        try:
            self.execute_one_claim()
        finally:
            rival.has_started.set()


class RacedJournal:
    def __init__(self, journal: CuttableJournal, world: DatabaseWorld) -> None:
        self._journal = journal
        self._world = world
        self.read_signals = journal.read_signals
        self.read_output = journal.read_output

    def commit(self, batch: Batch) -> None:
        self._world.race(self._journal.commit, batch)


def _note(claim: Claim, step: UUID, write: Noted) -> None:
    """A row of its own each time, so that what is written twice is there twice."""
    RunValue.objects.create(
        workspace_id=claim.workspace, run_id=claim.run, name=uuid4().hex, value=str(step)
    )


def _execute_here(worker: WorkerProcess, held: Held) -> None:
    """A suspect run, whose process dies as its parent does."""
    walk.walk(held.claim, held.branches, lambda: worker.check(held))


def _raise(*_: Any) -> None:
    """What is handled just now is no death to go on from, but a fault that was found."""
    raise
