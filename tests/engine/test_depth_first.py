"""The order `depth_first`: which step comes next, and what it takes."""

from collections.abc import Callable, Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from apps.engine.depth_first import DepthFirstScheduler
from apps.engine.graph import Edge, Graph, Node
from apps.engine.plan import Plan, make_plan
from apps.engine.scheduler import Activation, Settled
from tests.engine.library import TestLibrary
from tests.engine.runs import edge, node, run_graph

Counts = Mapping[str, int]
Gives = Callable[[Activation], Counts]


def plan_of(*edges: str, kinds: Mapping[str, str] | None = None, **rows: float) -> Plan:
    """A plan of the nodes that the edges name, from `s`. Keywords give a node's row (its y)."""
    lines = [edge(line) for line in edges]
    ids = dict.fromkeys(["s", *(id for line in lines for id in (line.source, line.target))])
    types = {"s": "start", **(kinds or {})}
    nodes = [
        node(id, types.get(id, "add"), position=(place, rows.get(id, 0)))
        for place, id in enumerate(ids)
    ]
    return make_plan(Graph(tuple(nodes), tuple(lines)), TestLibrary(), "s")


def one_each(plan: Plan) -> Gives:
    """Every output of every step has one item."""
    return lambda activation: dict.fromkeys(plan.outputs[activation.node], 1)


def walk(plan: Plan, gives: Gives | None = None, most: int = 100) -> list[Activation]:
    """The activations in the order in which they run, at most so many."""
    gives = gives or one_each(plan)
    scheduler = DepthFirstScheduler(plan)
    walked: list[Activation] = []
    while (ready := scheduler.ready()) and len(walked) < most:
        (activation,) = ready
        walked.append(activation)
        scheduler.settle(Settled(activation.node, activation.iteration, gives(activation)))
    return walked


def order(activations: Sequence[Activation]) -> str:
    return " ".join(activation.node for activation in activations)


def taken(activation: Activation) -> dict[str, str]:
    return {
        input: " ".join(f"{source.node}{source.iteration}" for source in sources)
        for input, sources in activation.sources.items()
    }


def test_a_branch_runs_to_its_end_before_the_next_begins() -> None:
    plan = plan_of("s -> a", "s -> b", "a -> a2", "b -> b2", a=2, b=1)
    assert order(walk(plan)) == "s b b2 a a2"


def test_of_siblings_in_one_row_the_left_most_runs_first() -> None:
    assert order(walk(plan_of("s -> a", "s -> b"))) == "s a b"


def test_all_outputs_are_sorted_together() -> None:
    plan = plan_of("s -> c", "c.true -> a", "c.false -> b", kinds={"c": "split"}, a=2, b=1)
    assert order(walk(plan)) == "s c b a"


def test_an_output_without_items_activates_nothing() -> None:
    plan = plan_of("s -> c", "c.true -> a", "c.false -> b", kinds={"c": "split"})
    walked = walk(plan, lambda a: {"true": 0, "false": 2} if a.node == "c" else {"main": 1})
    assert order(walked) == "s c b"


def test_each_edge_into_one_input_is_an_activation_of_its_own() -> None:
    walked = walk(plan_of("s -> a", "s -> b", "a -> b", b=1))
    assert order(walked) == "s a b b"
    assert [(a.iteration, taken(a)) for a in walked[2:]] == [
        (0, {"main": "a0"}),
        (1, {"main": "s0"}),
    ]


def test_a_node_with_several_inputs_waits_for_all_of_them() -> None:
    plan = plan_of("s -> j.a", "s -> x", "x -> y", "y -> j.b", "j -> z", kinds={"j": "join"})
    walked = walk(plan)
    assert order(walked) == "s x y j z"
    assert taken(walked[3]) == {"a": "s0", "b": "y0"}


def test_items_for_an_input_that_is_filled_wait_for_the_next_activation() -> None:
    plan = plan_of(
        "s -> p", "s -> q", "s -> r", "p -> j.a", "q -> j.a", "r -> j.b", kinds={"j": "join"}
    )
    walked = walk(plan)
    assert order(walked) == "s p q r j j"
    assert [taken(a) for a in walked[4:]] == [{"a": "p0", "b": "r0"}, {"a": "q0"}]


def test_a_waiting_node_runs_with_what_it_has_when_nothing_else_can() -> None:
    plan = plan_of(
        "s -> c", "c.true -> j.a", "c.false -> x", "x -> j.b", kinds={"c": "split", "j": "join"}
    )
    walked = walk(plan, lambda a: {"false": 1} if a.node == "c" else {"main": 1})
    assert order(walked) == "s c x j"
    assert taken(walked[3]) == {"b": "x0"}


def test_a_waiting_node_below_another_waits_for_it() -> None:
    plan = plan_of(
        "s -> k.b", "s -> j.a", "n -> j.b", "s -> c", "c.true -> n", "j -> k.a",
        kinds={"j": "join", "k": "join", "c": "split"},
    )  # fmt: skip
    walked = walk(plan, lambda a: {} if a.node == "c" else {"main": 1})
    assert order(walked) == "s c j k"
    assert taken(walked[3]) == {"a": "j0", "b": "s0"}


def test_waiting_nodes_in_a_cycle_are_not_left_behind() -> None:
    plan = plan_of("s -> j.a", "s -> k.a", "j -> k.b", "k -> j.b", kinds={"j": "join", "k": "join"})
    # Siblings are taken from the right, so `k` began to wait before `j`.
    assert order(walk(plan, most=4)) == "s k j k"


def test_an_input_that_no_edge_reaches_is_not_waited_for_at_the_end() -> None:
    assert order(walk(plan_of("s -> j.a", "s -> x", kinds={"j": "join"}))) == "s j x"


def test_a_cycle_goes_on_as_long_as_it_is_given_items() -> None:
    plan = plan_of("s -> a", "a -> b", "b -> a", "b -> z", z=1)
    walked = walk(plan, lambda a: {"main": 0 if (a.node, a.iteration) == ("b", 2) else 1})
    assert order(walked) == "s a b a b a b z z"
    assert [a.iteration for a in walked if a.node == "a"] == [0, 1, 2]
    assert len(walk(plan, most=1_000)) == 1_000


LOOP = ["s -> l", "l.loop -> b", "b -> l", "l.done -> d"]


def batches(*sizes: int) -> Gives:
    """A Loop `l` that gives batches of these sizes, then `done`, and then all over again."""

    def gives(activation: Activation) -> Counts:
        if activation.node != "l":
            return {"main": 1}
        place = activation.iteration % (len(sizes) + 1)
        return {"loop": sizes[place]} if place < len(sizes) else {"done": sum(sizes)}

    return gives


def test_a_loop_is_told_what_it_was_given_how_far_it_came_and_what_came_back() -> None:
    walked = walk(plan_of(*LOOP, kinds={"l": "loop"}), batches(2, 1))
    assert order(walked) == "s l b l b l d"
    courses = [a.course for a in walked if a.course is not None]
    assert [[source.node for source in course.given] for course in courses] == [["s"]] * 3
    assert [course.taken for course in courses] == [0, 2, 3]
    assert [(source.node, source.iteration) for source in courses[-1].returned] == [
        ("b", 0),
        ("b", 1),
    ]
    assert taken(walked[5]) == {"main": "s0", "returned": "b1"}


def test_a_loop_that_is_through_begins_afresh() -> None:
    plan = plan_of(*LOOP, "s -> again", "again -> l", kinds={"l": "loop"}, again=1)
    walked = walk(plan, batches(1))
    assert order(walked) == "s l b l d again l b l d"
    again = walked[6].course
    assert again is not None
    assert [source.node for source in again.given] == ["again"]
    assert again.taken == 0
    assert taken(walked[6]) == {"main": "again0"}


def test_the_executor_runs_a_loop_depth_first() -> None:
    ran = run_graph(
        [
            node("s", "start"),
            node("g", "give", params={"count": 5}),
            node("l", "loop", params={"batch_size": 2}),
            node("b", "add"),
            node("d", "add"),
        ],
        [edge("s -> g"), edge("g -> l"), edge("l.loop -> b"), edge("b -> l"), edge("l.done -> d")],
        order=DepthFirstScheduler,
    )
    assert ran.status == "completed"
    assert [item["json"]["n"] for item in ran.output("d")["main"]] == [2, 3, 4, 5, 6]


def test_deep_chains_and_many_waiting_nodes_need_no_recursion() -> None:
    size = 3_000
    chain = [f"n{i} -> n{i + 1}" for i in range(size)]
    assert len(walk(plan_of("s -> n0", *chain), most=size + 9)) == size + 2
    joins = [f"n{i} -> n{i + 1}.a" for i in range(size)] + [
        f"n{i} -> n{i + 2}.b" for i in range(size)
    ]
    kinds = {f"n{i}": "join" for i in range(2, size + 2)}
    assert len(walk(plan_of("s -> n0", *joins, kinds=kinds), most=size * 2)) == size + 3


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any graph at all: cycles, joins, Loops, several edges between two nodes."""
    ids = [f"n{i}" for i in range(draw(st.integers(1, 8)))]
    types = draw(st.lists(st.sampled_from(["add", "split", "join", "loop"]), min_size=len(ids)))
    place = st.tuples(st.integers(0, 3), st.integers(0, 3))
    nodes = [Node("s", "start", "s")]
    nodes += [
        Node(id, type, id, position=draw(place)) for id, type in zip(ids, types, strict=False)
    ]
    library = TestLibrary()
    edges = [Edge("s", "main", "n0", library.find(nodes[1].type, 1).inputs({})[0])]
    for _ in range(draw(st.integers(0, 16))):
        source, target = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes[1:]))
        output = draw(st.sampled_from(library.find(source.type, 1).outputs({})))
        edges.append(
            Edge(
                source.id,
                output,
                target.id,
                draw(st.sampled_from(library.find(target.type, 1).inputs({}))),
            )
        )
    return make_plan(Graph(tuple(nodes), tuple(dict.fromkeys(edges))), library, "s")


@given(plans(), st.data())
def test_to_settle_again_in_the_same_order_is_to_restore(plan: Plan, data: st.DataObject) -> None:
    scheduler = DepthFirstScheduler(plan)
    told: list[Settled] = []
    given: list[Activation] = []
    while (ready := scheduler.ready()) and len(told) < 30:
        (activation,) = ready
        outputs = plan.outputs[activation.node]
        counts = {output: data.draw(st.integers(0, 2)) for output in outputs}
        given.append(activation)
        told.append(Settled(activation.node, activation.iteration, counts))
        scheduler.settle(told[-1])
    for stop in range(len(given)):
        restored = DepthFirstScheduler(plan)
        for settled in told[:stop]:
            restored.settle(settled)
        (again,) = restored.ready()
        assert (again.node, again.iteration) == (given[stop].node, given[stop].iteration)
        assert again.sources == given[stop].sources
        course, before = again.course, given[stop].course
        assert (course is None) == (before is None)
        if course is not None and before is not None:
            # What came back goes on growing in the list of the walk that went on.
            assert (course.given, course.taken) == (before.given, before.taken)
            assert list(course.returned) == list(before.returned)[: len(course.returned)]
