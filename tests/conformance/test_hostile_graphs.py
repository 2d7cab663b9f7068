"""Hostile graphs: each is judged in time, and every fault that a case knows of is named."""

import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest

from apps.engine.errors import Fault
from apps.engine.validate import validate_graph
from apps.nodes.registry import library
from tests.conformance.folders import cases_folder, read_cases
from tests.cpu import seconds_here
from tests.graphs import Document, edge

FOLDER = cases_folder("HOSTILE_DIR")
MAX_S = 2.0

TYPES = {"http": "http_call"}
"""Cases call node types by plain names."""
FIELDS = {"condition": "conditions"}
"""Cases call fields by plain names; a fault at ours is a fault at theirs."""

Lines = list[str]


def ring(n: int) -> Lines:
    return ["w -> n0", *(f"n{i} -> n{(i + 1) % n}" for i in range(n))]


def diamond_ladder(n: int) -> Lines:
    """Diamonds in a row: of each four nodes the first leads to two, and these to the fourth."""
    lines = ["w -> n0"]
    for top in range(0, 3 * n, 3):
        lines += [f"n{top} -> n{top + side}" for side in (1, 2)]
        lines += [f"n{top + side} -> n{top + 3}" for side in (1, 2)]
    return lines


SHAPES: Mapping[str, Callable[[int], Lines]] = {
    "ring": ring,
    "parallel-edges": lambda n: ["w -> a"] * n,
    "fan-in": lambda n: [f"{line}" for i in range(n) for line in (f"w -> n{i}", f"n{i} -> end")],
    "fan-out": lambda n: [f"w -> n{i}" for i in range(n)],
    "diamond-ladder": diamond_ladder,
    "complete-dag": lambda n: ["w -> n0", *(f"n{i} -> n{j}" for j in range(n) for i in range(j))],
    "chain": lambda n: [
        "w -> n0",
        *(f"{a} -> {b}" for a, b in pairwise(f"n{i}" for i in range(n))),
    ],
    "deep-params": lambda n: ["w -> a"],
    "wide-params": lambda n: ["w -> a"],
}


def params_of(kind: str, n: int) -> Document:
    if kind == "wide-params":
        return {f"k{i}": i for i in range(n)}
    params: Document = {}
    for _ in range(n if kind == "deep-params" else 0):
        params = {"a": params}
    return params


def generated(kind: str, n: int) -> Document:
    lines = [edge(line) for line in SHAPES[kind](n)]
    ids = dict.fromkeys(id for line in lines for id in (line["source"], line["target"]))
    nodes = [
        {
            "id": id,
            "type": "webhook" if id == "w" else "transform",
            "type_version": 1,
            "name": id,
            "params": {"path": "x"} if id == "w" else params_of(kind, n),
            "position": [0, 0],
        }
        for id in ids
    ]
    return {"schema": 1, "nodes": nodes, "edges": lines, "settings": {}}


def expanded(value: Any) -> Any:
    """`{"$repeat": [x, n]}` stands for x repeated."""
    if isinstance(value, dict) and value.keys() == {"$repeat"}:
        unit, times = value["$repeat"]
        return unit * times if isinstance(unit, str) else [expanded(unit)] * times
    if isinstance(value, dict):
        return {key: expanded(member) for key, member in value.items()}
    return [expanded(member) for member in value] if isinstance(value, list) else value


def with_our_types(document: Any) -> Any:
    if isinstance(document, dict) and isinstance(document.get("nodes"), list):
        for node in document["nodes"]:
            if isinstance(node, dict) and isinstance(node.get("type"), str):
                node["type"] = TYPES.get(node["type"], node["type"])
    return document


def document_of(case: Mapping[str, Any]) -> Any:
    if "gen" in case:
        return generated(**case["gen"])
    return with_our_types(expanded(case["graph"]))


def names_all(fault: Fault, about: list[str]) -> bool:
    told = f"{fault.path} {fault.message}"
    return all(each in told or FIELDS.get(each, each) in told for each in about)


@pytest.mark.parametrize("case", read_cases(FOLDER, "graphs.jsonl"))
def test_a_hostile_graph_is_judged_in_time_and_all_its_faults_are_named(
    case: dict[str, Any],
) -> None:
    document = document_of(case)
    types = library()
    # The CPU's time: how busy the machine is with other things must not decide.
    started = time.process_time()
    errors = validate_graph(document, types).errors
    assert time.process_time() - started < seconds_here(case.get("max_s", MAX_S))
    outcome = "reject" if errors else "accept"
    assert outcome in case["ok"], errors
    if errors:
        for expected in case.get("faults", []):
            assert any(names_all(fault, expected["about"]) for fault in errors), (expected, errors)
