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
from apps.engine.graph import Edge, Graph, Node
from apps.engine.items import Item
from apps.engine.journal import Batch
from apps.engine.memory import MemoryJournal, StoredRun, restored
from apps.engine.plan import Plan, make_plan
from apps.engine.ports import RunInfo
from apps.engine.recorder import Key, Recorder
from apps.engine.scheduler import Scheduler
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


class WatchedJournal(MemoryJournal):
    """Remembers what was durable when the first effect started."""

    def __init__(self, run: StoredRun, library: TestLibrary) -> None:
        super().__init__(run)
        self._library = library
        self.before_first_effect: dict[Key, str] = {}

    def commit(self, batch: Batch) -> None:
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
    order: Callable[[Plan], Scheduler] = TopologicalScheduler,
) -> Ran:
    """Execute one claim of a run of the graph, from its first node, until it ends or suspends."""
    library = library or TestLibrary()
    stored = stored or StoredRun()
    journal = WatchedJournal(stored, library)
    clock = SystemClock()
    plan = make_plan(Graph(tuple(nodes), tuple(edges)), library, nodes[0].id)
    recorder = Recorder(
        journal,
        seq=stored.seq,
        marks=list(stored.marks),
        steps=restored(stored),
        worker="test",
        now=clock.now,
        new_id=uuid.uuid4,
    )
    nobody = uuid.uuid4()
    info = RunInfo(nobody, nobody, nobody, "test", 1, "manual", "UTC", clock.now())
    with ThreadPoolExecutor(4) as pool:
        status = Executor(
            plan,
            order(plan),
            recorder,
            journal,
            ThreadBranches(pool),
            clock,
            info=info,
            trigger_items=list(items),
            check_claim=lambda: None,
            random=lambda: 0.5,
        ).run()
    return Ran(status, stored, library, journal)
