"""Cycles and Loop bodies, against what the words say when followed literally."""

from hypothesis import given
from hypothesis import strategies as st

from apps.engine.cycles import Bodies, find_cycles
from apps.engine.graph import Edge
from tests.engine.runs import edge

IDS = [f"n{i}" for i in range(6)]
EDGES = st.lists(
    st.builds(
        Edge,
        st.sampled_from(IDS),
        st.sampled_from(["loop", "done"]),
        st.sampled_from(IDS),
        st.just("main"),
    ),
    max_size=14,
    unique=True,
)


def reached(start: str, edges: list[Edge]) -> set[str]:
    """All that at least one edge away from a node can be reached."""
    found: set[str] = set()
    while new := {e.target for e in edges if e.source in found | {start}} - found:
        found |= new
    return found


@given(EDGES)
def test_a_node_is_in_a_cycle_if_it_reaches_itself(edges: list[Edge]) -> None:
    after = {id: reached(id, edges) for id in IDS}
    expected = {
        frozenset(other for other in IDS if other in after[id] and id in after[other])
        for id in IDS
        if id in after[id]
    }
    found = find_cycles(IDS, edges)
    assert {frozenset(cycle) for cycle in found} == expected
    assert len(found) == len(expected)
    assert [cycle[0] for cycle in found] == sorted(cycle[0] for cycle in found)
    assert all(cycle == sorted(cycle) for cycle in found)


@given(EDGES)
def test_a_body_is_what_the_loop_output_reaches_without_passing_the_loop(edges: list[Edge]) -> None:
    loops = IDS[:3]
    bodies = Bodies(loops, edges)
    literal = {}
    for loop in loops:
        doors = {e.target for e in edges if (e.source, e.source_output) == (loop, "loop")} - {loop}
        inner = [e for e in edges if loop not in (e.source, e.target)]
        literal[loop] = doors.union(*(reached(door, inner) for door in doors))
    for each in edges:
        if each.target in loops and each.source != each.target:
            assert bodies.is_back_edge(each) == (each.source in literal[each.target])
    crossing = {
        loop for loop in loops for other in literal[loop] & set(loops) if loop in literal[other]
    }
    assert bodies.crossing.keys() == crossing
    assert bodies.entering.keys() == {
        each
        for loop in set(loops) - crossing
        for each in edges
        if each.target in literal[loop]
        and each.source not in literal[loop]
        and (each.source, each.source_output) != (loop, "loop")
    }


def test_a_loops_own_output_leads_back_and_done_does_not() -> None:
    bodies = Bodies(["l"], [edge("l.loop -> l"), edge("l.done -> l")])
    assert bodies.is_back_edge(edge("l.loop -> l"))
    assert not bodies.is_back_edge(edge("l.done -> l"))
