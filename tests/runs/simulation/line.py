"""The line between a worker and its database: what is asked over it is counted, and may be cut."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from itertools import count
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from apps.engine.journal import Batch, Signal
from apps.runs.journal import DatabaseJournal
from apps.runs.models import Run
from tests.engine.simulation.store import Store
from tests.engine.simulation.watch import nothing_taken_back
from tests.runs.simulation.cuts import cut_call, cut_write
from tests.runs.simulation.threads import beside

T = TypeVar("T")


class Line:
    def __init__(self, cuts: Mapping[int, str], outages: Mapping[int, str]) -> None:
        self._cuts = cuts
        self._outages = outages
        self._writes = count()
        self._calls = count()
        self._late: list[tuple[CuttableJournal, Batch]] = []
        """Writes that were cut, and may still reach the database."""

    def call(self, call: Callable[[], T]) -> T:
        """Claim or read, unless the line is to be cut at this one."""
        if how := self._outages.get(next(self._calls)):
            cut_call(how, call)
        return call()

    def write(self, journal: "CuttableJournal", batch: Batch, write: Callable[[], bool]) -> bool:
        if how := self._cuts.get(next(self._writes)):
            self._late.append((journal, deepcopy(batch)))
            cut_write(how, journal.run, write)
        return write()

    def perhaps_let_a_late_write_arrive(self, store: Store, random: Random) -> None:
        """A backend that stood still goes on with a statement whose sender has long gone on."""
        if not self._late or random.random() < 0.8:
            return
        journal, batch = random.choice(self._late)
        was_current = journal.is_current()
        with nothing_taken_back(store):
            is_written = beside(lambda: DatabaseJournal.write(journal, batch)).result()
        assert was_current or not is_written, "a batch was written late for a claim that is lost"


class CuttableJournal(DatabaseJournal):
    def __init__(self, line: Line, *args: Any, **members: Any) -> None:
        super().__init__(*args, **members)
        self._line = line

    @property
    def run(self) -> UUID:
        return self._claim.run

    def is_current(self) -> bool:
        """Whether no newer claim was made."""
        fence = self._claim.fence
        return Run.objects.filter(pk=self.run, fence=fence, status="running").exists()

    def write(self, batch: Batch) -> bool:
        return self._line.write(self, batch, lambda: super(CuttableJournal, self).write(batch))

    def read_signals(self) -> tuple[int, Sequence[Signal]]:
        return self._line.call(super().read_signals)

    def read_output(self, step: UUID) -> bytes:
        return self._line.call(lambda: super(CuttableJournal, self).read_output(step))
