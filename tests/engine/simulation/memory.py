"""The world whose runs are durable in memory."""

from apps.engine.errors import RevokedError
from apps.engine.executor import Executor
from apps.engine.items import Item
from apps.engine.memory import MemoryJournal, restored
from apps.engine.recorder import Recorder
from tests.engine.simulation.branches import SimulatedBranches
from tests.engine.simulation.schedulers import SCHEDULERS
from tests.engine.simulation.store import MemoryStore
from tests.engine.simulation.watch import WatchedJournal
from tests.engine.simulation.world import INFO, TRIGGER_ITEMS, World


class MemoryWorld(World):
    store: MemoryStore

    def live(self, branches: SimulatedBranches) -> None:
        run = self.store.run
        run.claim()
        fence = run.fence

        def is_current() -> bool:
            return run.fence == fence and run.status == "running"

        def check_claim() -> None:
            if not is_current():
                raise RevokedError

        journal = WatchedJournal(MemoryJournal(run), is_current, self.store, self.commit_moment)
        recorder = Recorder(
            journal,
            seq=run.seq,
            marks=[dict(mark) for mark in run.marks],
            steps=restored(run),
            worker=f"worker {fence}",
            now=self.clock.now,
            new_id=self.new_id,
        )
        Executor(
            self.plan,
            SCHEDULERS[self.graph.settings.order](self.plan),
            recorder,
            journal,
            branches,
            self.clock,
            info=INFO,
            trigger_items=[Item(each) for each in TRIGGER_ITEMS],
            check_claim=check_claim,
            random=self.random.random,
        ).run()
