"""Runs of small graphs on memory twins, for engine tests."""

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from apps.engine.branches import ThreadBranches
from apps.engine.encoding import decode
from apps.engine.events import events_of
from apps.engine.executor import Executor
from apps.engine.graph import Edge, Graph, GraphSettings, Node
from apps.engine.items import Item
from apps.engine.journal import Batch
from apps.engine.memory import MemoryJournal, StoredRun, restored
from apps.engine.plan import Plan, make_plan
from apps.engine.ports import RunInfo
from apps.engine.recorder import Key, Recorder
from apps.engine.scheduler import Scheduler, Settled
from apps.engine.topological import TopologicalScheduler
from tests.engine.library import TestLibrary


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def node(id: str, type: str, **members: Any) -> Node:
    return Node(id=id, type=type, name=id, **members)


def edge(line: str) -> Edge:
    """An edge from `a -> b`, `a.error -> b` or `a -> b.input_2`."""
    source, target = line.split(" -> ")
    source, _, output = source.partition(".")
    target, _, input = target.partition(".")
    return Edge(source, output or "main", target, input or "main")


class Killed(BaseException):
    """The process died."""


class WatchedJournal(MemoryJournal):
    """Remembers what was durable when the first effect started; dies after so many commits."""

    def __init__(self, run: StoredRun, library: TestLibrary, dies_after: int | None) -> None:
        super().__init__(run)
        self._library = library
        self._commits_left = dies_after
        self.before_first_effect: dict[Key, str] = {}

    def commit(self, batch: Batch) -> None:
        if self._commits_left is not None:
            if self._commits_left == 0:
                raise Killed
            self._commits_left -= 1
        super().commit(batch)
        if not self._library.effects.started:
            self.before_first_effect = {key: row.status for key, row in self._run.steps.items()}


@dataclass
class Ran:
    status: str
    stored: StoredRun
    library: TestLibrary
    journal: WatchedJournal
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    def statuses(self) -> dict[str, str]:
        return {node: row.status for (node, _), row in self.stored.steps.items()}

    def output(self, node: str, iteration: int = 0) -> Any:
        return decode(self.stored.steps[node, iteration].output or b"null")

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        return events_of(str(self.id), self.stored.marks, self.stored.steps.values(), after)

    def committed_before_first_effect(self) -> dict[Key, str]:
        return self.journal.before_first_effect


def run_graph(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    items: Sequence[Item] = (Item({"n": 0}),),
    stored: StoredRun | None = None,
    library: TestLibrary | None = None,
    order: Callable[[Plan, Sequence[Settled]], Scheduler] = TopologicalScheduler,
    settings: GraphSettings | None = None,
    dies_after: int | None = None,
    start: str | None = None,
    stop: str | None = None,
    check_claim: Callable[[], None] = lambda: None,
    branches: Callable[[ThreadPoolExecutor], ThreadBranches] = ThreadBranches,
    **members: Any,
) -> Ran:
    """Execute one claim of a run of the graph, from its first node, until it ends or suspends.

    With a `start`, from there; what is `stored` of nodes outside of the part is given to the run.

    Given a `stored` run that has begun, it goes on as the next claimant. `dies_after` so many
    commits the process dies: what was not durable then is lost, and the status is `killed`.
    """
    library = library or TestLibrary()
    stored = stored or StoredRun()
    if stored.seq:
        stored.claim()
    journal = WatchedJournal(stored, library, dies_after)
    clock = SystemClock()
    graph = Graph(tuple(nodes), tuple(edges), settings or GraphSettings())
    known = {node for node, _ in stored.steps}
    plan = make_plan(graph, library, start or nodes[0].id, stop, known)
    recorder = Recorder(
        journal,
        seq=stored.seq,
        marks=list(stored.marks),
        steps=restored(stored),
        worker="test",
        now=clock.now,
        new_id=uuid.uuid4,
        output_bytes=stored.output_bytes,
    )
    nobody = uuid.uuid4()
    info = RunInfo(nobody, nobody, nobody, "test", 1, "manual", "UTC", clock.now())
    with ThreadPoolExecutor(4) as pool:
        executor = Executor(
            plan,
            order(plan, recorder.last_ends(plan.given)),
            recorder,
            journal,
            branches(pool),
            clock,
            info=info,
            trigger_items=list(items),
            check_claim=check_claim,
            random=lambda: 0.5,
            **members,
        )
        try:
            status = executor.run()
        except Killed:
            status = "killed"
    return Ran(status, stored, library, journal)
