"""Runs of a part of a graph: from a node, with what others gave before; up to a node."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from apps.engine.depth_first import DepthFirstScheduler
from apps.engine.graph import Edge, Node
from apps.engine.limits import Limits
from apps.engine.memory import StoredRun
from apps.engine.topological import TopologicalScheduler
from tests.engine.library import TestLibrary
from tests.engine.runs import Ran, edge, node, run_graph

BOTH_ORDERS = pytest.mark.parametrize("order", [TopologicalScheduler, DepthFirstScheduler])


def given_by(run: Ran, *nodes: str) -> StoredRun:
    """A new run that has taken over what these nodes gave, numbered first."""
    rows = {key: row for key, row in run.stored.steps.items() if key[0] in nodes}
    for seq, row in enumerate(sorted(rows.values(), key=lambda row: row.seq_finished), start=1):
        row.seq_started = row.seq_finished = row.seq = seq
        row.attempts = []
        row.copied_from = row.id
    return StoredRun(status="running", seq=len(rows), steps=rows)


def chain(*ids: str) -> tuple[list[Node], list[Edge]]:
    nodes = [node(ids[0], "start"), *(node(id, "add") for id in ids[1:])]
    return nodes, [edge(f"{a} -> {b}") for a, b in pairwise(ids)]


@BOTH_ORDERS
def test_a_run_from_a_node_takes_what_is_given_and_runs_only_its_part(order) -> None:
    nodes, edges = chain("s", "a", "b", "c")
    nodes, edges = [*nodes, node("beside", "add")], [*edges, edge("a -> beside")]
    before = run_graph(nodes, edges, order=order)
    run = run_graph(nodes, edges, order=order, stored=given_by(before, "s", "a"), start="b")
    assert run.status == "completed"
    assert list(run.stored.steps) == [("s", 0), ("a", 0), ("b", 0), ("c", 0)]
    assert run.output("c") == before.output("c")
    assert run.stored.steps["b", 0].sources == before.stored.steps["b", 0].sources


@BOTH_ORDERS
def test_a_node_further_down_gets_also_what_is_given_beside_the_start(order) -> None:
    nodes = [node("s", "start"), node("a", "add"), node("b", "add"), node("j", "join")]
    edges = [edge("s -> a"), edge("s -> b"), edge("a -> j.a"), edge("b -> j.b")]
    before = run_graph(nodes, edges, order=order)
    run = run_graph(nodes, edges, order=order, stored=given_by(before, "s", "b"), start="a")
    assert run.output("j") == before.output("j")


@BOTH_ORDERS
def test_what_is_not_given_is_not_waited_for(order) -> None:
    nodes = [node("s", "start"), node("a", "add"), node("b", "add"), node("j", "join")]
    edges = [edge("s -> a"), edge("s -> b"), edge("a -> j.a"), edge("b -> j.b")]
    before = run_graph(nodes, edges, order=order)
    run = run_graph(nodes, edges, order=order, stored=given_by(before, "s"), start="a")
    assert run.status == "completed"
    assert len(run.output("j")["main"]) == 1


@BOTH_ORDERS
def test_a_branch_that_the_given_did_not_take_is_not_waited_for(order) -> None:
    nodes = [node("s", "start"), node("c", "split"), node("a", "add"), node("x", "add")]
    edges = [edge("s -> c"), edge("c.true -> a"), edge("a -> x"), edge("c.false -> x")]
    before = run_graph(nodes, edges, order=order)
    run = run_graph(nodes, edges, order=order, stored=given_by(before, "s", "c"), start="a")
    assert (run.status, run.output("x")) == ("completed", before.output("x"))


LOOP: tuple[Sequence[Node], Sequence[Edge]] = (
    [
        node("s", "start"),
        node("g", "give", params={"count": 3}),
        node("l", "loop"),
        node("b", "add"),
        node("d", "add"),
        node("r", "recall", params={"node": "g", "item": 2}),
    ],
    [
        edge("s -> g"),
        edge("g -> l"),
        edge("l.loop -> b"),
        edge("b -> l"),
        edge("l.done -> d"),
        edge("d -> r"),
    ],
)


@BOTH_ORDERS
def test_a_run_from_behind_a_loop_takes_what_the_loop_gave_last(order) -> None:
    before = run_graph(*LOOP, order=order)
    given = given_by(before, "s", "g", "l", "b")
    run = run_graph(*LOOP, order=order, stored=given, start="d")
    assert run.output("d") == before.output("d")


@BOTH_ORDERS
def test_lineage_leads_through_what_is_given(order) -> None:
    before = run_graph(*LOOP, order=order)
    given = given_by(before, "s", "g", "l", "b")
    run = run_graph(*LOOP, order=order, stored=given, start="d")
    assert run.output("r")["main"][0]["json"]["seen"] == {"n": 2}


@BOTH_ORDERS
def test_lineage_ends_where_a_step_that_is_given_took_what_is_not(order) -> None:
    nodes, edges = chain("s", "a", "b")
    nodes = [*nodes, node("r", "recall", params={"node": "s"}, on_error="continue")]
    edges = [*edges, edge("b -> r")]
    before = run_graph(nodes, edges, order=order)
    given = given_by(before, "a", "b")
    run = run_graph(nodes, edges, order=order, stored=given, start="r")
    assert run.stored.steps["r", 0].error["code"] == "expression_no_data"


@BOTH_ORDERS
def test_a_run_may_start_at_a_loop(order) -> None:
    before = run_graph(*LOOP, order=order)
    run = run_graph(*LOOP, order=order, stored=given_by(before, "s", "g"), start="l")
    assert run.output("d") == before.output("d")
    assert [key for key in run.stored.steps if key[0] == "b"] == [("b", 0), ("b", 1), ("b", 2)]


@BOTH_ORDERS
@pytest.mark.parametrize("dies_after", range(8))
def test_a_part_goes_on_where_a_dead_worker_left_it(order, dies_after: int) -> None:
    nodes, edges = chain("s", "a")
    nodes += [node("e", "effect"), node("j", "join"), node("f", "effect")]
    edges += [edge("a -> e"), edge("a -> j.a"), edge("e -> j.b"), edge("j -> f")]
    before = run_graph(nodes, edges, order=order)
    library = TestLibrary()
    part = {"order": order, "library": library, "start": "e"}
    killed = run_graph(
        nodes, edges, stored=given_by(before, "s", "a"), dies_after=dies_after, **part
    )
    run = (
        killed
        if killed.status != "killed"
        else run_graph(nodes, edges, stored=killed.stored, **part)
    )
    assert run.status == "completed"
    assert run.output("f") == before.output("f")


@pytest.mark.parametrize("stop", ["b", "l", "d"])
def test_a_run_up_to_a_node_makes_steps_only_of_what_leads_there(stop: str) -> None:
    run = run_graph(*LOOP, stop=stop)
    expected = {
        "b": {"s", "g", "l", "b"},
        "l": {"s", "g", "l", "b"},
        "d": {"s", "g", "l", "b", "d"},
    }
    assert run.status == "completed"
    assert set(run.statuses()) == expected[stop]


def test_a_run_up_to_a_node_in_a_loop_that_leads_nowhere_ends() -> None:
    nodes = [node("s", "start"), node("l", "loop"), node("b", "add"), node("x", "add")]
    edges = [edge("s -> l"), edge("l.loop -> b"), edge("b -> x"), edge("l.done -> x")]
    run = run_graph(nodes, edges[:3], stop="b")
    assert (run.status, set(run.statuses())) == ("completed", {"s", "l", "b"})


def test_a_run_whose_outputs_are_too_much_in_all_ends_and_says_so() -> None:
    nodes, edges = chain("s", "a", "b", "c")
    run = run_graph(nodes, edges, limits=Limits(run_output_bytes=120))
    assert run.status == "failed"
    assert run.stored.error["code"] == "run_output_too_large"
    assert "c" not in run.statuses()
    assert run.stored.output_bytes == sum(len(row.output) for row in run.stored.steps.values())


def test_what_a_run_gave_before_its_worker_died_is_counted() -> None:
    nodes, edges = chain("s", "a", "b")
    nodes[1] = node("a", "effect")
    killed = run_graph(nodes, edges, dies_after=1)
    assert killed.stored.output_bytes > 0
    run = run_graph(nodes, edges, stored=killed.stored)
    assert run.stored.output_bytes == sum(len(row.output) for row in run.stored.steps.values())
