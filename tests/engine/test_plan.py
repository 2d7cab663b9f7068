"""Plans: which nodes take part, and what belongs to which Loop."""

from apps.engine.graph import Graph, GraphSettings
from apps.engine.plan import make_plan
from tests.engine.library import TestLibrary
from tests.engine.runs import edge, node


def ring_of_loops(count: int, order: str) -> Graph:
    nodes = [node("s", "start"), *(node(f"l{n}", "loop") for n in range(count))]
    edges = [edge(f"l{n}.loop -> l{(n + 1) % count}") for n in range(count)]
    return Graph(tuple(nodes), (edge("s -> l0"), *edges), GraphSettings(order=order))


def test_loops_have_no_bodies_in_the_order_depth_first() -> None:
    plan = make_plan(ring_of_loops(2_000, "depth_first"), TestLibrary(), "s")
    assert (len(plan.nodes), plan.loop_of) == (2_001, {})
