"""`$('Node').item`: which item an item came from."""

from typing import Any

import pytest

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
