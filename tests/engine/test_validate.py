"""What a graph means: everything that is wrong with it, told at once."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from apps.engine.errors import Fault
from apps.engine.outcomes import Kind
from apps.engine.validate import Validation, validate_graph
from tests.cpu import seconds_here
from tests.engine.library import TestLibrary, TestType, add_one
from tests.graphs import Document, edge, graph, node


@dataclass(frozen=True)
class Strict(TestType):
    """A type whose params must have a `url`."""

    def check(self, params: Mapping[str, Any]) -> list[Fault]:
        return [] if "url" in params else [Fault("url", "missing", "This parameter is missing.")]


@dataclass(frozen=True)
class Listener(TestType):
    """A trigger that listens at paths."""

    def claims(self, params: Mapping[str, Any]) -> list[str]:
        return str(params.get("path", "")).split()


class Library(TestLibrary):
    def __init__(self) -> None:
        super().__init__()
        self._types["call"] = Strict("call", Kind.EFFECT, add_one)
        self._types["hook"] = Listener("hook", Kind.TRIGGER, add_one, input_names=())

    def find(self, type: str, version: int) -> TestType | None:
        return super().find(type, version) if version == 1 else None


def judged(document: Document) -> Validation:
    return validate_graph(document, Library())


def flow(*edges: str, **settings: Any) -> Document:
    """A graph of all nodes that the edges name: `s` is the trigger, `l…` Loops, others pass on."""
    ids = dict.fromkeys(["s"])
    for line in edges:
        written = edge(line)
        ids |= dict.fromkeys([written["source"], written["target"]])
    types = {"s": "start", **{id: "loop" for id in ids if id.startswith("l")}}
    return graph([node(id, types.get(id, "add")) for id in ids], edges, **settings)


def codes(document: Document) -> list[str]:
    return [fault.code for fault in judged(document).errors]


def test_a_sound_graph_has_neither_errors_nor_warnings() -> None:
    validation = judged(flow("s -> a", "s -> b", "a -> c", "b -> c"))
    assert validation.graph is not None
    assert (validation.errors, validation.warnings) == ([], [])


def test_a_graph_of_faulty_meaning_is_still_a_graph() -> None:
    assert judged(flow("s -> a", "a -> a")).graph is not None
    assert judged({"schema": 1}).graph is None


def test_faults_of_form_and_of_meaning_are_told_together() -> None:
    document = graph(
        [node("s", "start"), node("a", "nope", timeout_s=-1), node("b", "call"), node("b", "add")],
        ["s -> a", "s -> ghost"],
    )
    assert {fault.path: fault.code for fault in judged(document).errors} == {
        "nodes[1].timeout_s": "out_of_range",
        "nodes[1].type": "unknown_type",
        "nodes[2].params.url": "missing",
        "nodes[3].id": "duplicate_id",
        "nodes[3].name": "duplicate_name",
        "edges[1].target": "unknown_node",
    }


def test_an_edge_to_a_malformed_node_is_not_called_dangling() -> None:
    document = graph([node("s", "start"), node("a/b", "add")], ["s -> a/b"])
    assert codes(document) == ["bad_id"]


def test_sentences_name_nodes_by_name_and_id() -> None:
    (fault,) = judged(graph([node("s", "start"), node("n1", "call", name="Ask the API")])).errors
    assert fault.path == "nodes[1].params.url"
    assert fault.message == "Node “Ask the API” (n1): This parameter is missing."


def test_an_unknown_type_suggests_a_similar_one() -> None:
    (fault,) = judged(graph([node("s", "start"), node("a", "dellay")], ["s -> a"])).errors
    assert (fault.path, fault.code) == ("nodes[1].type", "unknown_type")
    assert "“dellay”. Did you mean “delay”?" in fault.message


def test_a_version_that_a_type_does_not_have_is_a_fault() -> None:
    (fault,) = judged(graph([node("s", "start", type_version=2)])).errors
    assert (fault.path, fault.code) == ("nodes[0].type_version", "unsupported_type_version")


def test_params_of_disabled_nodes_are_only_warned_of() -> None:
    validation = judged(graph([node("s", "start"), node("a", "call", disabled=True)], ["s -> a"]))
    assert validation.errors == []
    assert [fault.path for fault in validation.warnings] == ["nodes[1].params.url"]


@pytest.mark.parametrize(
    ("line", "path", "code"),
    [
        ("ghost -> a", "edges[0].source", "unknown_node"),
        ("s -> a ", "edges[0].target", "unknown_node"),
        ("s.1e9 -> a", "edges[0].source_output", "unknown_output"),
        ("s -> a.input_2", "edges[0].target_input", "unknown_input"),
        # only a node that routes its errors has the output `error`
        ("s.error -> a", "edges[0].source_output", "unknown_output"),
        ("a -> s", "edges[0].target", "edge_into_trigger"),
    ],
)
def test_edges_join_outputs_and_inputs_that_exist(line: str, path: str, code: str) -> None:
    document = graph([node("s", "start"), node("a", "add")], [line])
    (fault,) = judged(document).errors
    assert (fault.path, fault.code) == (path, code)


def test_two_edges_alike_are_a_fault() -> None:
    assert codes(flow("s -> a", "s -> a")) == ["duplicate_edge"]


def test_a_node_that_routes_errors_has_an_error_output() -> None:
    nodes = [node("s", "start"), node("a", "call", params={"url": ""}, on_error="route")]
    assert codes(graph([*nodes, node("b", "add")], ["s -> a", "a.error -> b"])) == []
    (warning,) = judged(graph(nodes, ["s -> a"])).warnings
    assert warning.code == "error_output_unused"


def test_pinned_items_belong_to_outputs_that_exist() -> None:
    pinned = {"main": [{"json": {}}], "other": []}
    (fault,) = judged(graph([node("s", "start", pinned=pinned)])).errors
    assert (fault.path, fault.code) == ("nodes[0].pinned", "unknown_output")


def test_each_cycle_is_told_once_and_names_its_nodes() -> None:
    faults = judged(
        flow(
            "s -> a", "a -> b", "b -> a", "s -> c", "c -> d", "d -> e", "e -> c", "s -> f", "f -> f"
        )
    ).errors
    assert [fault.code for fault in faults] == ["cycle"] * 3
    for fault, nodes in zip(faults, ["ab", "cde", "f"], strict=True):
        assert all(f"“{id}”" in fault.message for id in nodes)


def test_depth_first_order_allows_any_cycle() -> None:
    edges = ["s -> a", "a -> b", "b -> a", "b -> b", "s -> l", "l.done -> l", "l.loop -> a"]
    assert codes(flow(*edges, order="depth_first")) == []


@pytest.mark.parametrize(
    "edges",
    [
        # a batch goes round; nothing comes back; the Loop's own output comes back at once
        ["s -> l", "l.loop -> a", "a -> l", "l.done -> b"],
        ["s -> l", "l.loop -> a", "l.done -> b"],
        ["s -> l", "l.loop -> l", "l.done -> b"],
        # one Loop inside the other, and one after the other
        ["s -> l", "l.loop -> l2", "l2.loop -> a", "a -> l2", "l2.done -> l", "l.done -> b"],
        ["s -> l", "l.loop -> a", "a -> l", "l.done -> l2", "l2.loop -> b", "b -> l2"],
        # branches and joins inside the body
        ["s -> l", "l.loop -> a", "l.loop -> b", "a -> c", "b -> c", "c -> l"],
    ],
)
def test_loops_lead_back(edges: list[str]) -> None:
    assert codes(flow(*edges)) == []


@pytest.mark.parametrize(
    ("edges", "code", "about"),
    [
        (["s -> l", "l.loop -> a", "a -> l", "s -> a"], "loop_body_entered", ["a", "l"]),
        (["s -> l", "l.loop -> a", "a -> l", "l.done -> a"], "loop_body_entered", ["a", "l"]),
        (["s -> l", "l.done -> a", "a -> l"], "cycle", ["a", "l"]),
        (["s -> l", "l.done -> l"], "cycle", ["l"]),
        (["s -> l", "l.loop -> a", "a -> b", "b -> a", "b -> l"], "cycle", ["a", "b"]),
        (
            ["s -> l", "l.loop -> l2", "l2.loop -> a", "a -> l", "a -> l2"],
            "loops_cross",
            ["l", "l2"],
        ),
        # two Loops, neither in the other, share a part of their bodies
        (
            ["s -> l", "s -> l2", "l.loop -> a", "l2.loop -> a"],
            "loop_body_entered",
            ["a"],
        ),
    ],
)
def test_other_ways_back_are_faults(edges: list[str], code: str, about: list[str]) -> None:
    faults = judged(flow(*edges)).errors
    assert {fault.code for fault in faults} == {code}
    assert all(f"“{id}”" in faults[0].message for id in about)


def test_a_graph_needs_a_trigger() -> None:
    assert codes(graph([])) == ["no_trigger"]
    assert codes(graph([node("a", "add")])) == ["no_trigger"]


def test_a_graph_whose_triggers_are_all_disabled_is_warned_of() -> None:
    validation = judged(graph([node("s", "start", disabled=True)]))
    assert validation.errors == []
    assert [fault.code for fault in validation.warnings] == ["no_live_trigger"]


def test_two_triggers_cannot_listen_at_one_place() -> None:
    nodes = [node(id, "hook", params={"path": "orders"}) for id in "uvw"]
    nodes[1]["disabled"] = True
    (fault,) = judged(graph(nodes)).errors
    assert (fault.path, fault.code) == ("nodes[2].params", "trigger_taken")
    assert "“w”" in fault.message
    assert "“u”" in fault.message


def test_a_trigger_that_listens_at_many_places_shares_none_of_them() -> None:
    nodes = [node("u", "hook", params={"path": "a b"}), node("v", "hook", params={"path": "c b"})]
    (fault,) = judged(graph(nodes)).errors
    assert (fault.path, fault.code) == ("nodes[1].params", "trigger_taken")
    assert fault.message.endswith("both listen at b.")


def test_a_node_that_no_trigger_reaches_is_warned_of() -> None:
    document = graph([node("s", "start"), node("a", "add"), node("b", "add")], ["a -> b"])
    validation = judged(document)
    assert validation.errors == []
    assert [fault.path for fault in validation.warnings] == ["nodes[1]", "nodes[2]"]


def large(nodes: int, loops: int = 0) -> Document:
    """A long chain in which each Loop's body holds all the later ones."""
    ids = [f"l{i}" if i < loops else f"n{i}" for i in range(nodes)]
    lines = [
        f"{a}.loop -> {b}" if a.startswith("l") else f"{a} -> {b}"
        for a, b in zip(["s", *ids], ids, strict=False)
    ]
    return flow(*lines)


def test_the_largest_graphs_are_judged_in_time() -> None:
    document = large(9_998)
    edges = document["edges"]
    edges += [edge(f"n{i} -> n{i + step}") for step in (2, 3, 4, 5) for i in range(9_990)]
    started = time.process_time()
    assert codes(document) == []
    edges[-1] = edge("n9997 -> n0")
    assert codes(document) == ["cycle"]
    assert time.process_time() - started < seconds_here(3)


def test_loops_nested_beyond_reason_are_refused_in_time() -> None:
    started = time.process_time()
    assert codes(large(200, loops=20)) == []
    assert codes(large(9_998, loops=5_000)) == ["loops_too_deep"]
    assert time.process_time() - started < seconds_here(3)
