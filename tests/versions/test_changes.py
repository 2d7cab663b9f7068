"""What changed from one graph to another, in words."""

from typing import Any

from apps.versions.changes import Change, Line, changes_between
from tests.graphs import chain, graph, node


def told(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(change.kind, change.what) for change in changes_between(before, after)]


def test_what_is_equal_has_no_changes() -> None:
    assert changes_between(chain("a", "b"), chain("a", "b")) == []


def test_nodes_and_edges_are_told_by_the_names_of_nodes() -> None:
    before, after = chain("a", "b"), chain("a", "c")
    after["nodes"][1]["name"] = "Call the API"
    assert told(before, after) == [
        ("added", "Node “Call the API”"),
        ("removed", "Node “b”"),
        ("added", "Edge “a” → “Call the API”"),
        ("removed", "Edge “a” → “b”"),
    ]


def test_a_param_is_told_before_and_after_and_what_stands_as_it_did_is_not() -> None:
    nodes = [node("a", params={"n": 1, "same": "x"})], [node("a", params={"n": 2, "same": "x"})]
    (change,) = changes_between(graph(nodes[0]), graph(nodes[1]))
    (part,) = change.parts
    assert (part.name, part.lines) == ("params.n", [Line("-", "1"), Line("+", "2")])


def test_of_code_the_lines_that_differ_are_told_among_their_neighbours() -> None:
    codes = "let a = 1;\nreturn a;", "let a = 2;\nreturn a;"
    before, after = (graph([node("a", params={"code": code})]) for code in codes)
    (change,) = changes_between(before, after)
    assert change.parts[0].lines == [
        Line("-", "let a = 1;"),
        Line("+", "let a = 2;"),
        Line("", "return a;"),
    ]


def test_a_param_that_came_has_nothing_before() -> None:
    before, after = graph([node("a", params={})]), graph([node("a", params={"to": ["x"]})])
    (change,) = changes_between(before, after)
    assert change.parts[0].name == "params.to"
    assert {line.sign for line in change.parts[0].lines} == {"+"}


def test_a_node_that_only_moved_says_so_without_numbers() -> None:
    before, after = (graph([node("a") | {"position": at}]) for at in ([0, 0], [80, 0]))
    (change,) = changes_between(before, after)
    assert [(part.name, part.lines) for part in change.parts] == [("moved on the canvas", [])]


def test_settings_are_one_change() -> None:
    before = chain("a", "b") | {"settings": {"timezone": "UTC"}}
    after = chain("a", "b") | {"settings": {"timezone": "Europe/Riga", "timeout_s": 60}}
    (change,) = changes_between(before, after)
    assert isinstance(change, Change)
    assert (change.what, [part.name for part in change.parts]) == (
        "Settings",
        ["timezone", "timeout_s"],
    )
