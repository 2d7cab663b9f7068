"""What is a graph document, and what is said of one that is none."""

import time
from typing import Any

import pytest

from apps.engine.faults import MAX_TOLD_PER_CODE
from apps.engine.graph import Concurrency, Edge, Retry
from apps.engine.parse import MAX_EDGES, MAX_NODES, parse_graph
from tests.cpu import seconds_here
from tests.graphs import chain, edge, graph, node


def faults_of(document: Any) -> dict[str, str]:
    """The codes of the faults by path."""
    parsed, faults = parse_graph(document)
    assert (parsed is None) == bool(faults)
    return {fault.path: fault.code for fault in faults}


def test_a_graph_is_read_with_its_defaults() -> None:
    parsed, faults = parse_graph(chain("a", "b"))
    assert not faults
    assert [each.id for each in parsed.nodes] == ["a", "b"]
    assert parsed.nodes[1].retry == Retry()
    assert parsed.nodes[1].on_crash is None
    assert parsed.edges == (Edge("a", "main", "b", "main"),)
    assert parsed.settings.order == "topological"


def test_every_member_of_a_node_is_read() -> None:
    written = {
        "id": "n1",
        "type": "http_call",
        "type_version": 3,
        "name": "Call the API",
        "params": {"url": "http://x.test"},
        "position": [-10, 2.5],
        "disabled": True,
        "notes": "ask Ada",
        "pinned": {"main": [{"json": {"a": 1}, "pairedItem": {"item": 0}}]},
        "retry": {"count": 2, "wait_s": 0, "factor": 1.5, "jitter": False, "on": ["timeout"]},
        "timeout_s": 2.5,
        "on_error": "route",
        "on_crash": "ask",
        "always_output": True,
        "run_once": True,
    }
    parsed, _ = parse_graph(graph([written]))
    (read,) = parsed.nodes
    assert read.retry == Retry(2, 0, 1.5, 300, False, ("timeout",))
    for member in written.keys() - {"retry", "position"}:
        assert getattr(read, member) == written[member]
    assert read.position == (-10, 2.5)


def test_every_setting_is_read() -> None:
    settings = {
        "order": "depth_first",
        "timezone": "Europe/Riga",
        "timeout_s": 60,
        "error_workflow": "0192",
        "step_budget": 10,
        "priority": "low",
    }
    parsed, _ = parse_graph(
        chain("a", **settings, concurrency={"limit": 5, "key": "={{ $json.customer }}"})
    )
    for name, value in settings.items():
        assert getattr(parsed.settings, name) == value
    assert parsed.settings.concurrency == Concurrency(5, "={{ $json.customer }}")


@pytest.mark.parametrize("document", [None, True, 5, "graph", [], [[]]])
def test_what_is_no_object_is_no_graph(document: Any) -> None:
    assert faults_of(document) == {"": "wrong_type"}


def test_all_faults_are_told_at_once() -> None:
    document = {
        "schema": 2,
        "nodes": [
            node("a", "manual", disabled="yes", timeout_s=0, colour="red"),
            {"id": "a/b", "params": []},
            None,
        ],
        "edges": [{"source": 5, "source_output": "main", "target": ""}, ["a", "b"]],
        "settings": {"timezone": "Mars/Olympus", "timeout_s": -1, "order": "random"},
        "nodez": [],
    }
    assert faults_of(document) == {
        "schema": "out_of_range",
        "nodez": "unknown_key",
        "nodes[0].colour": "unknown_key",
        "nodes[0].disabled": "wrong_type",
        "nodes[0].timeout_s": "out_of_range",
        "nodes[1].id": "bad_id",
        "nodes[1].type": "missing",
        "nodes[1].name": "missing",
        "nodes[1].params": "wrong_type",
        "nodes[2]": "wrong_type",
        "edges[0].source": "wrong_type",
        "edges[0].target": "out_of_range",
        "edges[0].target_input": "missing",
        "edges[1]": "wrong_type",
        "settings.order": "unknown_choice",
        "settings.timezone": "unknown_timezone",
        "settings.timeout_s": "out_of_range",
    }


def test_a_sentence_names_the_node_the_fault_and_what_was_expected() -> None:
    _, (fault,) = parse_graph(graph([node("a", name="Call the API", retry={"count": 21})]))
    assert fault.path == "nodes[0].retry.count"
    assert fault.message == (
        "“retry.count” of node “Call the API” must be a whole number from 0 to 20, not 21."
    )


@pytest.mark.parametrize(
    ("member", "value", "path"),
    [
        # booleans are no integers, and null stands for no default but those that are null
        ("type_version", True, "type_version"),
        ("type_version", None, "type_version"),
        ("type_version", 10**4000, "type_version"),
        ("type_version", 0, "type_version"),
        ("timeout_s", 86_401, "timeout_s"),
        ("timeout_s", 1e308, "timeout_s"),
        ("timeout_s", float("nan"), "timeout_s"),
        ("on_error", 5, "on_error"),
        ("on_error", ["stop"], "on_error"),
        ("on_crash", "repeat", "on_crash"),
        ("position", [1e308, -1e308], "position"),
        ("position", [1, True], "position"),
        ("position", {"x": 1}, "position"),
        ("notes", 5, "notes"),
        ("retry", None, "retry"),
        ("retry", {"count": 1.0}, "retry.count"),
        ("retry", {"wait_s": -1}, "retry.wait_s"),
        ("retry", {"factor": 0.5}, "retry.factor"),
        ("retry", {"on": ["frob"]}, "retry.on"),
        ("retry", {"on": "timeout"}, "retry.on"),
        ("retry", {"times": 3}, "retry.times"),
        ("params", [], "params"),
        ("params", {"a": float("inf")}, "params"),
        # pinned data is items by output
        ("pinned", [], "pinned"),
        ("pinned", {"main": {}}, "pinned"),
        ("pinned", {"main": [{"name": "Ada"}]}, "pinned"),
        ("pinned", {"main": [{"json": {}, "pairedItem": "first"}]}, "pinned"),
    ],
)
def test_a_wrong_member_of_a_node_is_a_fault_at_its_path(
    member: str, value: Any, path: str
) -> None:
    assert list(faults_of(graph([node("a", **{member: value})]))) == [f"nodes[0].{path}"]


@pytest.mark.parametrize("id", ["", "a b", "a/b", "ä", "a\x00b", "x" * 65, "a\n", None, 1.5, {}])
def test_ids_are_up_to_64_letters_digits_hyphens_and_underscores(id: Any) -> None:
    assert list(faults_of(graph([{**node("a"), "id": id}]))) == ["nodes[0].id"]


@pytest.mark.parametrize("name", ["", "x" * 129, "a\x00b", "a\nb", "\x85", "\ud800", None, []])
def test_names_have_1_to_128_printable_characters(name: Any) -> None:
    assert list(faults_of(graph([node("a", name=name)]))) == ["nodes[0].name"]


@pytest.mark.parametrize("name", ["a.b", "constructor", "\u202e", "😀", " ", "x" * 128])
def test_odd_names_are_names(name: str) -> None:
    assert faults_of(graph([node("a", name=name)])) == {}


@pytest.mark.parametrize(
    "concurrency",
    [0, -1, True, "many", [], {"limit": 0}, {"key": "x"}, {"limit": 1, "key": 5}, {"limit": 1.5}],
)
def test_a_wrong_concurrency_is_a_fault(concurrency: Any) -> None:
    (path,) = faults_of(chain("a", concurrency=concurrency))
    assert path.startswith("settings.concurrency")


@pytest.mark.parametrize("priority", ["urgent", "High", 1, None])
def test_a_priority_has_one_of_three_names(priority: Any) -> None:
    assert list(faults_of(chain("a", priority=priority))) == ["settings.priority"]


@pytest.mark.parametrize("zone", ["", "europe/riga", "posixrules", "../etc/passwd", "\ud800", 5])
def test_the_time_zone_is_one_of_the_known(zone: Any) -> None:
    assert "settings.timezone" in faults_of(chain("a", timezone=zone))


def test_what_is_told_can_be_sent_and_shown() -> None:
    _, faults = parse_graph(graph([node("a", type="\ud800" * 200, **{"\ud800\x00": 1})]))
    assert len(faults) == 2
    for fault in faults:
        told = f"{fault.path} {fault.message}"
        assert "\x00" not in told
        assert told.encode().decode() == told


def test_a_flood_of_one_kind_neither_fills_the_answer_nor_hides_another() -> None:
    nodes = [node(f"n{i}", disabled=1) for i in range(MAX_TOLD_PER_CODE + 7)]
    _, faults = parse_graph(graph([*nodes, node("last", notes="x" * 100_001)]))
    assert len(faults) == MAX_TOLD_PER_CODE + 2
    assert faults[-2].path == f"nodes[{len(nodes)}].notes"
    assert faults[-1].message == "There are 7 more of “wrong_type”."


def test_params_may_be_100_levels_deep() -> None:
    def nested(levels: int) -> dict[str, Any]:
        params: dict[str, Any] = {}
        for _ in range(levels - 1):
            params = {"a": params}
        return params

    assert faults_of(graph([node("a", params=nested(100))])) == {}
    assert faults_of(graph([node("a", params=nested(101))])) == {"nodes[0].params": "too_deep"}
    assert faults_of(graph([node("a", params=nested(50_000))])) == {"nodes[0].params": "too_deep"}


def test_too_many_nodes_and_edges_are_counted_in_the_fault() -> None:
    nodes = [node(f"n{i}") for i in range(MAX_NODES + 1)]
    _, (fault,) = parse_graph(graph(nodes))
    assert (fault.path, fault.code) == ("nodes", "too_many_nodes")
    assert "10,001" in fault.message
    lines = [edge("a -> b")] * (MAX_EDGES + 1)
    assert faults_of({**graph([node("a"), node("b")]), "edges": lines}) == {
        "edges": "too_many_edges"
    }


def test_a_graph_takes_at_most_5_mb() -> None:
    assert faults_of(graph([node("a", params={"a": "x" * 5_300_000})])) == {"": "too_large"}
    assert faults_of(graph([node("a", params={"a": [10**30, "\ud800"]})])) == {}


def test_the_largest_graph_is_read_in_well_under_two_seconds() -> None:
    nodes = [node(f"n{i}") for i in range(MAX_NODES)]
    lines = [edge(f"n{i % MAX_NODES} -> n0") for i in range(MAX_EDGES)]
    started = time.process_time()
    parsed, _ = parse_graph({**graph(nodes), "edges": lines})
    assert parsed is not None
    assert time.process_time() - started < seconds_here(1.5)
