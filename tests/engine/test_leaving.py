"""A worker that is about to stop leaves a run where none of its steps is under way."""

from collections.abc import Callable

from apps.engine.branches import Leave, Message, ThreadBranches
from apps.engine.graph import Retry
from tests.engine.runs import edge, node, run_graph

CHAIN = (
    [node("s", "start"), node("e", "effect"), node("f", "effect"), node("x", "add")],
    [edge("s -> e"), edge("e -> f"), edge("f -> x")],
)


class LeftAtTheFirstEffect(ThreadBranches):
    """The worker is told to stop when the first effect is under way."""

    def start(self, work: Callable[[], Message]) -> None:
        self.post(Leave())
        super().start(work)


def test_what_is_under_way_ends_and_nothing_more_begins():
    left = run_graph(*CHAIN, branches=LeftAtTheFirstEffect)
    assert left.status == left.stored.status == "running"
    assert left.statuses() == {"s": "completed", "e": "completed"}


def test_who_goes_on_with_a_run_that_was_left_repeats_nothing():
    left = run_graph(*CHAIN, branches=LeftAtTheFirstEffect)
    ran = run_graph(*CHAIN, stored=left.stored, library=left.library)
    assert ran.status == "completed"
    assert len(ran.library.effects.started) == 2
    assert {len(row.attempts) for row in ran.stored.steps.values()} == {1}


def test_a_run_that_has_nothing_more_to_begin_ends_as_ever():
    nodes, edges = CHAIN
    ran = run_graph(nodes[:2], edges[:1], branches=LeftAtTheFirstEffect)
    assert ran.status == "completed"


def test_a_short_retry_is_left_to_whoever_goes_on():
    nodes = [
        node("s", "start"),
        node("e", "effect", params={"times": 1}, retry=Retry(count=1, wait_s=4)),
    ]
    left = run_graph(nodes, [edge("s -> e")], branches=LeftAtTheFirstEffect)
    assert (left.status, left.statuses()["e"]) == ("running", "pending")
    ran = run_graph(nodes, [edge("s -> e")], stored=left.stored, library=left.library)
    assert ran.status == "completed"
