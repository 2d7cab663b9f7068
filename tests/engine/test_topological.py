"""The order `topological`, on its own: settle by hand, look at what may start."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from apps.engine.graph import Graph, Node
from apps.engine.plan import Plan, make_plan
from apps.engine.scheduler import Settled, Source
from apps.engine.topological import TopologicalScheduler
from tests.engine.library import TestLibrary
from tests.engine.runs import edge, node


def planned(nodes: Sequence[Node], *edges: str) -> Plan:
    graph = Graph(tuple(nodes), tuple(edge(line) for line in edges))
    return make_plan(graph, TestLibrary(), nodes[0].id)


class Walk:
    """Settles step after step and remembers what started and what was skipped."""

    def __init__(self, plan: Plan) -> None:
        self.scheduler = TopologicalScheduler(plan)
        self.started: list[tuple[str, int]] = []
        self.skipped: list[tuple[str, int]] = []
        self.sources: dict[tuple[str, int], object] = {}
        self._note()

    def settle(self, node: str, iteration: int = 0, **counts: int) -> "Walk":
        for skipped in self.scheduler.settle(Settled(node, iteration, counts)):
            self.skipped.append((skipped.node, skipped.iteration))
        self._note()
        return self

    def _note(self) -> None:
        for ready in self.scheduler.ready():
            key = (ready.node, ready.iteration)
            self.started.append(key)
            self.sources[key] = ready.sources


def test_a_join_waits_for_all_its_edges():
    plan = planned(
        [node("s", "start"), node("a", "add"), node("b", "add"), node("j", "join")],
        "s -> a", "s -> b", "a -> j.a", "b -> j.b",
    )  # fmt: skip
    walk = Walk(plan).settle("s", main=1).settle("b", main=2)
    assert ("j", 0) not in walk.started
    walk.settle("a", main=1)
    assert walk.sources["j", 0] == {"a": (Source("a", 0, "main"),), "b": (Source("b", 0, "main"),)}


def test_edges_into_one_input_are_joined_in_the_order_of_the_graph():
    nodes = [node("s", "start"), node("a", "add"), node("b", "add"), node("x", "add")]
    plan = planned(nodes, "s -> a", "s -> b", "b -> x", "a -> x")
    walk = Walk(plan).settle("s", main=1).settle("a", main=1).settle("b", main=1)
    assert walk.sources["x", 0] == {"main": (Source("b", 0, "main"), Source("a", 0, "main"))}


def test_a_join_with_one_dead_edge_takes_the_other():
    nodes = [node("s", "start"), node("c", "split"), node("a", "add"), node("x", "add")]
    plan = planned(nodes, "s -> c", "c.true -> a", "c.false -> x", "a -> x")
    walk = Walk(plan).settle("s", main=1).settle("c", false=1)
    assert walk.skipped == [("a", 0)]
    assert walk.sources["x", 0] == {"main": (Source("c", 0, "false"),)}


def test_ten_thousand_skips_need_no_recursion():
    nodes = [node("s", "start"), *(node(f"a{n}", "add") for n in range(10_000))]
    ids = [each.id for each in nodes]
    walk = Walk(planned(nodes, *(f"{a} -> {b}" for a, b in pairwise(ids))))
    assert len(walk.settle("s", main=0).skipped) == 10_000


@pytest.fixture
def looped() -> Walk:
    nodes = [node("s", "start"), node("l", "loop"), node("b", "add"), node("d", "add")]
    return Walk(planned(nodes, "s -> l", "l.loop -> b", "b -> l", "l.done -> d"))


def test_a_batch_ends_when_its_body_has_settled(looped: Walk):
    looped.settle("s", main=2).settle("l", loop=1)
    assert looped.started == [("s", 0), ("l", 0), ("b", 0)]
    looped.settle("b", main=1)
    assert looped.started[-1] == ("l", 1)


def test_a_loop_that_is_done_leads_on_and_leaves_its_body_be(looped: Walk):
    looped.settle("s", main=1).settle("l", loop=1).settle("b", main=1).settle("l", 1, done=1)
    assert looped.started[-1] == ("d", 0)
    assert looped.skipped == []


def test_a_loop_that_was_never_reached_is_skipped_with_its_body(looped: Walk):
    looped.settle("s", main=0)
    assert sorted(looped.skipped) == [("b", 0), ("d", 0), ("l", 0)]


def test_a_loop_that_is_done_at_once_skips_its_body(looped: Walk):
    looped.settle("s", main=1).settle("l", done=1)
    assert looped.skipped == [("b", 0)]
    assert looped.started[-1] == ("d", 0)


def test_a_loop_gives_its_batches_though_nothing_comes_back(looped: Walk):
    looped.settle("s", main=2).settle("l", loop=1).settle("b").settle("l", 1, loop=1).settle("b", 1)
    assert looped.started[-1] == ("l", 2)
    assert looped.settle("l", 2).skipped == [("d", 0)]


def test_a_loop_without_a_body_gives_batch_after_batch():
    plan = planned([node("s", "start"), node("l", "loop")], "s -> l")
    walk = Walk(plan).settle("s", main=2).settle("l", loop=1).settle("l", 1, loop=1)
    assert walk.started == [("s", 0), ("l", 0), ("l", 1), ("l", 2)]


def test_a_loop_that_leads_to_itself_gets_its_batches_back():
    plan = planned([node("s", "start"), node("l", "loop")], "s -> l", "l.loop -> l")
    walk = Walk(plan).settle("s", main=1).settle("l", loop=1)
    assert walk.sources["l", 1] == {
        "main": (Source("s", 0, "main"),),
        "returned": (Source("l", 0, "loop"),),
    }


@pytest.fixture
def nested() -> Walk:
    nodes = [node("s", "start"), node("o", "loop"), node("i", "loop"), node("b", "add")]
    lines = ["s -> o", "o.loop -> i", "i.loop -> b", "b -> i", "i.done -> o"]
    return Walk(planned(nodes, *lines))


def test_an_inner_loop_begins_afresh_in_each_outer_batch(nested: Walk):
    nested.settle("s", main=2).settle("o", loop=1).settle("i", loop=1).settle("b", main=1)
    nested.settle("i", 1, done=1).settle("o", 1, loop=1)
    assert nested.sources["i", 2] == {"main": (Source("o", 1, "loop"),)}
    nested.settle("i", 2, loop=1).settle("b", 1, main=1).settle("i", 3, done=1)
    assert nested.sources["o", 2]["returned"] == (Source("i", 3, "done"),)  # type: ignore[index]


def test_an_inner_loop_that_an_outer_batch_does_not_reach_is_skipped_in_it():
    nodes = [
        node("s", "start"), node("o", "loop"), node("c", "split"), node("i", "loop"),
        node("b", "add"),
    ]  # fmt: skip
    lines = ["s -> o", "o.loop -> c", "c.true -> i", "i.loop -> b", "b -> i", "i.done -> o"]
    walk = Walk(planned(nodes, *lines)).settle("s", main=2).settle("o", loop=1).settle("c", false=1)
    assert walk.skipped == [("i", 0), ("b", 0)]
    assert walk.started[-1] == ("o", 1)


def test_to_restore_is_to_settle_again():
    nodes = [node("s", "start"), node("c", "split"), node("a", "add"), node("b", "add")]
    plan = planned(nodes, "s -> c", "c.true -> a", "c.false -> b")
    scheduler = TopologicalScheduler(plan)
    scheduler.settle(Settled("s", 0, {"main": 1}))
    scheduler.settle(Settled("c", 0, {"true": 1, "false": 1}))
    assert [ready.node for ready in scheduler.ready()] == ["a", "b"]
