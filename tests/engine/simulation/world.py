"""Runs a graph as workers would: claims, kills, take-overs, signals, waits. All drawn by a seed.

Everything that can interleave with a run happens at a *moment*: before and after each journal
commit, whenever the run looks for messages, and in the middle of each effect. Moments are counted,
so a disturbance is a number, and the same seed and numbers give the same life of the run.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from apps.engine.branches import Poked
from apps.engine.errors import RevokedError
from apps.engine.graph import Graph
from apps.engine.journal import Signal
from apps.engine.memory import ManualClock
from apps.engine.plan import make_plan
from apps.engine.ports import RunInfo
from apps.engine.recorder import Key
from tests.engine.simulation.branches import SimulatedBranches
from tests.engine.simulation.library import SimulatedLibrary
from tests.engine.simulation.outside import Outside
from tests.engine.simulation.store import TERMINAL, Store

MAX_CLAIMS = 300
TRIGGER_ITEMS = [{"n": 1}, {"n": 2}]
START = datetime(2001, 1, 1, tzinfo=UTC)
"""Long ago, so that to a real clock whatever is due to a simulated one is due as well."""
NOBODY = UUID(int=0)
INFO = RunInfo(NOBODY, NOBODY, NOBODY, "test", 1, "manual", "UTC", START)


class Killed(BaseException):
    """The process died here. No code of the engine gets to handle it."""


@dataclass(frozen=True)
class Disturbances:
    """What happens to the run from outside, by the number of the moment."""

    kills: Collection[int] = ()
    take_overs: Collection[int] = ()
    """Another worker claims the run while its owner is alive and goes on."""
    signals: Collection[int] = ()
    """A wait is answered at once, or a signal comes that answers nothing."""
    cancels: Collection[int] = ()
    decision: str = "run_again"


@dataclass
class World:
    graph: Graph
    store: Store
    seed: int
    disturbances: Disturbances = Disturbances()
    moments: int = 0
    commits: list[int] = field(default_factory=list)
    """The moments just before and just after a commit."""
    deaths: int = 0
    cancelled: bool = False
    """Whether a cancel was accepted."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.clock = ManualClock(START)
        self.outside = Outside(self.store.steps, self.moment)
        self.library = SimulatedLibrary(self.outside)
        self.plan = make_plan(self.graph, self.library, self.graph.nodes[0].id)
        self._answered: set[tuple[UUID, int]] = set()
        self._branches: SimulatedBranches | None = None
        self._claims = 0

    def drive(self) -> None:
        """Execute the run to its end, claim after claim."""
        while self.store.status not in TERMINAL:
            if self.store.status == "waiting":
                assert not self.store.unread, "the run waits with signals unread"
                self._wake()
            self.execute_one_claim()

    def moment(self) -> None:
        """Whatever is to happen now happens."""
        now, what = self.moments, self.disturbances
        self.moments += 1
        if now in what.signals:
            self._send_something()
        if now in what.cancels:
            self.cancelled |= self.store.signal(Signal(self.new_id(), "cancel", {}))
            self._poke()
        if now in what.take_overs and self.store.status == "running":
            self.deaths += 1
            self.be_taken_over()
        if now in what.kills:
            self.deaths += 1
            raise Killed

    def commit_moment(self) -> None:
        self.commits.append(self.moments)
        self.moment()

    def live(self, branches: SimulatedBranches) -> None:
        """Claim the run and execute it until it ends, suspends, or the process dies."""
        raise NotImplementedError

    def be_taken_over(self) -> None:
        """Let another worker execute the run, as far as it comes, while its owner stands still."""
        self.execute_one_claim()

    def execute_one_claim(self) -> None:
        self._claims += 1
        assert self._claims <= MAX_CLAIMS, "the run never ends"
        before, self._branches = self._branches, self._new_branches()
        try:
            self.live(self._branches)
        except (Killed, RevokedError):
            pass
        except AssertionError as error:
            # In the middle of another life's effect it would be taken for that effect's failure.
            self.outside.wrongs.append(str(error))
            raise
        except Exception as error:
            self.outside.wrongs.append(f"the executor raised {error!r}")
            raise AssertionError(f"the executor raised {error!r}") from error
        finally:
            self._branches = before

    def _new_branches(self) -> SimulatedBranches:
        return SimulatedBranches(
            self.clock, self.random, pause=self.moment, busy_s=lambda: self.outside.busy_s
        )

    def new_id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128))

    # Signals and time

    def _open_waits(self) -> dict[Key, dict[str, Any]]:
        """The waits that the outside sees and has not answered: what it answers them with."""
        answers = {}
        for key, row in self.store.steps().items():
            if row.status != "waiting" or (row.id, len(row.attempts)) in self._answered:
                continue
            reason = row.attempts[-1]["wait"]["for"]
            if reason == "signal":
                answers[key] = {"kind": "resume", "body": {"answer": 5 + key[1]}}
            elif reason == "decision":
                answers[key] = {"kind": "decision", "body": self._decision()}
        return answers

    def _decision(self) -> dict[str, Any]:
        return {"decision": self.disturbances.decision, "items": [{"n": 4}]}

    def _answer(self, key: Key, answer: dict[str, Any]) -> None:
        row = self.store.steps()[key]
        self._answered.add((row.id, len(row.attempts)))
        self.store.signal(Signal(self.new_id(), step=row.id, attempt=len(row.attempts), **answer))

    def _send_something(self) -> None:
        waits = self._open_waits()
        if waits and self.random.random() < 0.7:
            key = self.random.choice(sorted(waits))
            self._answer(key, waits[key])
        else:
            self._send_void()
        self._poke()

    def _send_void(self) -> None:
        """A signal for nothing that is open: a late one, or one of another attempt or kind."""
        steps = [self.store.steps()[key].id for key in sorted(self.store.steps())]
        step = self.random.choice([*steps, self.new_id()])
        kind = self.random.choice(["child", "late", "decision", "resume"])
        attempt = self.random.choice([0, 77]) if kind in ("decision", "resume") else 1
        body = {"decision": "fail", "answer": 999, "code": "late"}
        self.store.signal(Signal(self.new_id(), kind, body, step=step, attempt=attempt))

    def _poke(self) -> None:
        # A poke is a hint and may be lost: without it the signal is found when the run leaves.
        if self._branches is not None and self.random.random() < 0.7:
            self._branches.post(Poked())

    def _wake(self) -> None:
        """The run waits: answer something, or let time pass until it is due."""
        waits, wake_at = self._open_waits(), self.store.wake_at
        if waits and (wake_at is None or self.random.random() < 0.5):
            key = self.random.choice(sorted(waits))
            self._answer(key, waits[key])
            return
        assert wake_at is not None, "the run waits for nothing: a signal was lost"
        self.clock.advance(max(0.0, (wake_at - self.clock.now()).total_seconds()))
