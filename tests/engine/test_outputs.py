"""What steps gave: kept while there is room, read back from the journal after."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from apps.engine.encoding import encode
from apps.engine.items import Item, write_outputs
from apps.engine.journal import StepRow
from apps.engine.memory import MemoryJournal, StoredRun
from apps.engine.outputs import OutputStore
from apps.engine.recorder import Key
from apps.engine.scheduler import Source

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class CountedJournal(MemoryJournal):
    reads = 0

    def read_output(self, step):
        self.reads += 1
        return super().read_output(step)


def row(node: str, n: int, text: str = "") -> StepRow:
    output = encode(write_outputs({"main": [Item({"n": n, "text": text} if text else {"n": n})]}))
    return StepRow(uuid4(), node, 0, "completed", {}, 1, 2, MOMENT, output=output)


@pytest.fixture
def journal() -> CountedJournal:
    rows = [row("a", 1), row("b", 2), row("c", 3), row("large", 4, "x" * 10_000)]
    return CountedJournal(StoredRun(steps={(row.node, 0): row for row in rows}))


def store(journal: CountedJournal, room: int) -> OutputStore:
    steps: dict[Key, StepRow] = {}
    for key, stored in journal._run.steps.items():
        steps[key] = StepRow(stored.id, *key, "completed", {}, 1, 2, MOMENT)
    return OutputStore(journal, steps, room)


def test_what_was_read_once_is_kept(journal: CountedJournal):
    outputs = store(journal, room=1_000)
    assert outputs.items(Source("a", 0, "main")) == [Item({"n": 1})]
    assert outputs.items(Source("a", 0, "main")) == [Item({"n": 1})]
    assert journal.reads == 1


def test_the_longest_unused_goes_first_and_is_read_again(journal: CountedJournal):
    outputs = store(journal, room=1)
    for node in ("large", "a", "b", "b", "large", "a"):
        outputs.items(Source(node, 0, "main"))
    assert journal.reads == 4


def test_what_a_loop_goes_through_is_kept_however_large_it_is(journal: CountedJournal):
    outputs = store(journal, room=1_000)
    for node in ("large", "a", "large", "b", "large", "c", "large"):
        outputs.items(Source(node, 0, "main"))
    assert journal.reads == 4


def test_what_is_not_durable_yet_is_read_from_its_row(journal: CountedJournal):
    steps = {("d", 0): row("d", 5)}
    outputs = OutputStore(journal, steps, room=1)
    assert outputs.items(Source("d", 0, "main")) == [Item({"n": 5})]
    assert journal.reads == 0


def test_an_output_that_gave_nothing_has_no_items(journal: CountedJournal):
    assert store(journal, room=1_000).items(Source("a", 0, "other")) == []


def test_several_sources_are_joined_in_their_order(journal: CountedJournal):
    sources = (Source("b", 0, "main"), Source("a", 0, "main"))
    joined = store(journal, room=1_000).joined(sources)
    assert [item.json["n"] for item in joined] == [2, 1]
