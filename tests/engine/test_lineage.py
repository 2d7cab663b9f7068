"""`$('Node').item`: which item an item came from."""

from itertools import pairwise
from typing import Any

import pytest

from apps.engine import ancestry
from apps.engine.items import Item
from tests.engine.runs import Ran, edge, node, run_graph

NUMBERS = [Item({"n": n}) for n in (1, 2, 3, 4)]


def recall(of: str, item: int = 0) -> Any:
    return node("r", "recall", params={"node": of, "item": item})


def seen(ran: Ran) -> Any:
    assert ran.status == "completed", ran.stored.error
    return ran.output("r")["main"][0]["json"]["seen"]["n"]


@pytest.mark.parametrize(("item", "n"), [(0, 2), (1, 4)])
def test_an_item_is_traced_through_a_branch(item: int, n: int):
    nodes = [node("s", "start"), node("c", "split"), node("a", "add"), recall("s", item)]
    edges = [edge("s -> c"), edge("c.true -> a"), edge("a -> r")]
    assert seen(run_graph(nodes, edges, items=NUMBERS)) == n


@pytest.mark.parametrize(("item", "n"), [(0, 1), (3, 4), (4, 1), (7, 4)])
def test_items_of_joined_edges_are_counted_one_source_after_another(item: int, n: int):
    nodes = [node("s", "start"), node("a", "add"), node("b", "add"), recall("s", item)]
    edges = [edge("s -> a"), edge("s -> b"), edge("a -> r"), edge("b -> r")]
    assert seen(run_graph(nodes, edges, items=NUMBERS)) == n


@pytest.mark.parametrize("item", [0, 1, 2, 3])
def test_an_item_is_traced_through_all_batches_of_a_loop(item: int):
    nodes = [node("s", "start"), node("l", "loop"), node("b", "add"), recall("s", item)]
    edges = [edge("s -> l"), edge("l.loop -> b"), edge("b -> l"), edge("l.done -> r")]
    assert seen(run_graph(nodes, edges, items=NUMBERS)) == item + 1


def test_an_item_is_traced_from_inside_a_loop():
    nodes = [node("s", "start"), node("l", "loop"), recall("s")]
    ran = run_graph(nodes, [edge("s -> l"), edge("l.loop -> r")], items=NUMBERS)
    told = [ran.output("r", n)["main"][0]["json"]["seen"]["n"] for n in range(4)]
    assert told == [1, 2, 3, 4]


def test_the_error_of_a_step_is_traced_to_the_item_it_failed_with():
    nodes = [node("s", "start"), node("f", "fail", on_error="route"), recall("s", 2)]
    ran = run_graph(nodes, [edge("s -> f"), edge("f.error -> r")], items=NUMBERS)
    assert seen(ran) == 3


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_node_that_runs_once_gives_is_traced_to_the_one_item_it_took(count: int):
    give = node("g", "give", params={"count": count}, run_once=True)
    nodes = [node("s", "start"), give, recall("s", count - 1)]
    assert seen(run_graph(nodes, [edge("s -> g"), edge("g -> r")], items=NUMBERS)) == 1


def test_what_came_from_nowhere_cannot_be_traced():
    nodes = [node("s", "start"), node("g", "give", params={"count": 2}), recall("s", 1)]
    ran = run_graph(nodes, [edge("s -> g"), edge("g -> r")], items=NUMBERS)
    assert ran.stored.error["code"] == "expression_no_lineage"


@pytest.mark.parametrize("between", [[], ["add"], ["add", "gather"]])
def test_what_comes_of_several_items_is_of_none_of_them(between: list[str]):
    nodes = [node("s", "start"), node("g", "gather"), recall("s")]
    path = ["s", "g"]
    for place, type in enumerate(between):
        nodes.insert(-1, node(f"n{place}", type))
        path.append(f"n{place}")
    edges = [edge(f"{a} -> {b}") for a, b in pairwise([*path, "r"])]
    error = run_graph(nodes, edges, items=NUMBERS).stored.error
    assert error["code"] == "expression_no_lineage"
    assert "several items of “s”" in error["message"]
    assert ".first()" in error["hint"]


def test_what_comes_of_one_item_by_several_ways_is_of_that_one():
    nodes = [node("s", "start"), node("a", "add"), node("b", "add"), node("g", "gather")]
    nodes += [node("h", "gather"), recall("s")]
    edges = [edge("s -> a"), edge("s -> b"), edge("a -> g"), edge("b -> g"), edge("a -> h")]
    edges += [edge("g -> h"), edge("h -> r")]
    assert seen(run_graph(nodes, edges, items=[Item({"n": 7})])) == 7


def test_what_comes_of_several_items_of_one_is_traced_past_them():
    nodes = [node("s", "start"), node("g", "gather"), node("h", "gather"), recall("g")]
    edges = [edge("s -> g"), edge("g -> h"), edge("h -> r")]
    assert seen(run_graph(nodes, edges, items=NUMBERS)) == 4


def test_no_way_back_is_walked_twice():
    """Through forty doublings there are more ways than could be."""
    nodes, edges, before = [node("s", "start")], [], "s"
    for level in range(40):
        nodes += [node(f"{kind}{level}", type) for kind, type in
                  (("a", "add"), ("b", "add"), ("g", "gather"))]  # fmt: skip
        edges += [edge(f"{before} -> a{level}"), edge(f"{before} -> b{level}")]
        edges += [edge(f"a{level} -> g{level}"), edge(f"b{level} -> g{level}")]
        before = f"g{level}"
    ran = run_graph([*nodes, recall("s")], [*edges, edge(f"{before} -> r")])
    assert seen(ran) == 0


def test_what_comes_of_more_items_than_are_walked_cannot_be_traced(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(ancestry, "MAX_STEPS_BACK", 5)
    nodes = [node("s", "start"), node("x", "add"), node("g", "gather"), recall("x")]
    nodes += [node(f"a{place}", "add") for place in range(3)]
    edges = [edge("s -> x"), edge("a2 -> g"), edge("g -> r")]
    edges += [edge("x -> a0"), edge("a0 -> a1"), edge("a1 -> a2")]
    told = [run_graph(nodes, edges, items=items) for items in (NUMBERS[:1], NUMBERS[:2])]
    assert [each.status for each in told] == ["completed", "failed"]
    assert "cannot be traced" in told[1].stored.error["message"]


def test_a_node_that_has_not_run_cannot_be_looked_back_at():
    nodes = [node("s", "start"), recall("x"), node("x", "add")]
    ran = run_graph(nodes, [edge("s -> r"), edge("r -> x")])
    assert ran.stored.error["code"] == "expression_no_data"


def test_the_next_claimant_traces_as_the_first_would_have():
    nodes = [node("s", "start"), node("e", "effect"), recall("s", 3)]
    edges = [edge("s -> e"), edge("e -> r")]
    died = run_graph(nodes, edges, items=NUMBERS, dies_after=2)
    assert seen(run_graph(nodes, edges, stored=died.stored)) == 4


@pytest.mark.parametrize(
    ("type", "output", "place"), [("split", "true", 0), ("split", "false", 1), ("fail", "error", 1)]
)
def test_a_step_knows_the_node_and_the_output_before_it(type: str, output: str, place: int):
    on_error = {"on_error": "route"} if type == "fail" else {}
    nodes = [node("s", "start"), node("c", type, **on_error), node("r", "look_back")]
    ran = run_graph(nodes, [edge("s -> c"), edge(f"c.{output} -> r")], items=NUMBERS)
    assert ran.output("r")["main"][0]["json"]["seen"] == ["c", place, 0]


def test_a_step_in_a_loop_knows_which_course_it_is_in():
    nodes = [node("s", "start"), node("l", "loop"), node("r", "look_back")]
    ran = run_graph(nodes, [edge("s -> l"), edge("l.loop -> r")], items=NUMBERS[:2])
    told = [ran.output("r", n)["main"][0]["json"]["seen"] for n in range(2)]
    assert told == [["l", 0, 0], ["l", 0, 1]]
