"""To run a part of a graph: from a node, with what other steps gave before, and with pins."""

from collections.abc import Collection, Mapping
from typing import Any

from apps.engine.errors import Fault, FaultsError
from apps.engine.faults import printable, quoted, shown
from apps.engine.graph import ERROR_OUTPUT
from apps.engine.items import Json
from apps.engine.plan import LOOP_OUTPUT
from apps.nodes.registry import library
from apps.runs.create import items_of
from apps.runs.models import Run
from apps.runs.parts import Graph, before, kind_of
from apps.runs.states import StepStatus
from apps.runs.take_over import give_pinned, take_over

Pins = Mapping[str, Json]
"""What nodes give instead of running: `{node: {output: [items]}}`, items in stored form."""


def read_pins(asked: Json, graph: Graph) -> dict[str, Json]:
    """The pins of a request, each `{output: [items]}` or the items of its first output.

    None lifts what the graph pins. Raises FaultsError with everything that is wrong with them.
    """
    if asked is None:
        return {}
    if not isinstance(asked, dict):
        told = f"Pins are an object of node ids, not {shown(asked)}."
        raise FaultsError([Fault("pins", "wrong_type", told)])
    nodes = {node["id"]: node for node in graph["nodes"]}
    pins: dict[str, Json] = {}
    faults: list[Fault] = []
    for id, given in asked.items():
        path = printable(f"pins.{id}")
        if id not in nodes:
            told = printable(f"The version has no node {quoted(id)}.")
            faults.append(Fault(path, "unknown_node", told))
        elif given is None:
            pins[id] = None
        else:
            pins[id] = _read_outputs(given, nodes[id], path, faults)
    if faults:
        raise FaultsError(faults)
    return pins


def pinned_in(graph: Graph, pins: Pins | None) -> dict[str, Json]:
    """What each pinned node of a run gives: the graph's pins and the run's own, which go first."""
    if pins is None:
        return {}
    all_pins = {node["id"]: node.get("pinned") for node in graph["nodes"]} | dict(pins)
    disabled = {node["id"] for node in graph["nodes"] if node.get("disabled")}
    return {
        id: outputs
        for id, outputs in all_pins.items()
        if outputs is not None and id not in disabled
    }


def missing_inputs(
    graph: Graph,
    start: str,
    part: Collection[str],
    pinned: Pins,
    source: Run | None,
    kept: Collection[str],
) -> list[Fault]:
    """What the start node lacks: each node before it must be pinned, or have ended in `source`.

    `kept` are the nodes whose steps of that run still hold. Triggers and pinned nodes take nothing.
    """
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    edges = [e for e in graph["edges"] if e["target"] == start and e["source"] not in part]
    if start in pinned or is_trigger(graph, start):
        return []
    ends = _last_ends(source, {edge["source"] for edge in edges}) if source else {}
    faults = []
    for node in dict.fromkeys(edge["source"] for edge in edges):
        if node not in pinned and (node not in ends or node not in kept):
            why = _why_missing(source, node in ends)
            told = f"Node “{names[start]}” takes what “{names[node]}” gave, {why}."
            faults.append(Fault("start_node", "missing_input", told))
    given = ends | {node: _counts(outputs) for node, outputs in pinned.items()}
    if not faults and not any(given[e["source"]].get(e["source_output"]) for e in edges):
        told = f"Nothing came to node “{names[start]}”: no node before it gave it any items."
        faults.append(Fault("start_node", "no_items", told))
    return faults


def give_before(
    run: Run,
    graph: Graph,
    part: set[str],
    pinned: Pins,
    source: Run | None,
    kept: set[str],
) -> None:
    """Make the steps that a run has before it begins: of pinned nodes, and of kept ones."""
    leading = before(graph, part)
    ended = {node: outputs for node, outputs in pinned.items() if node in leading}
    if source is not None:
        take_over(source, run, kept - ended.keys())
    if ended:
        give_pinned(run, ended)


def is_trigger(graph: Graph, node: str) -> bool:
    return any(each["id"] == node and kind_of(each) == "trigger" for each in graph["nodes"])


def _read_outputs(
    given: Json, node: dict[str, Any], path: str, faults: list[Fault]
) -> dict[str, Json]:
    names = _outputs_of(node)
    if isinstance(given, list):
        # By a Loop's first output they would enter its body, and come back for ever.
        main = next((name for name in names if name != LOOP_OUTPUT), None)
        return {main: _read_items(given, path, faults)} if main else {}
    if not isinstance(given, dict):
        told = f"A pin is a list of items, or an object of outputs, not {shown(given)}."
        faults.append(Fault(path, "wrong_type", told))
        return {}
    outputs = {}
    for name, items in given.items():
        below = printable(f"{path}.{name}")
        if name not in names:
            known = ", ".join(quoted(each) for each in names) or "none"
            told = printable(f"“{node['name']}” has no output {quoted(name)}; it has {known}.")
            faults.append(Fault(below, "unknown_output", told))
        elif not isinstance(items, list):
            told = f"An output is a list of items, not {shown(items)}."
            faults.append(Fault(below, "wrong_type", told))
        else:
            outputs[name] = _read_items(items, below, faults)
    return outputs


def _read_items(items: list[Json], path: str, faults: list[Fault]) -> list[Json]:
    try:
        return items_of(items, path)
    except FaultsError as error:
        faults.extend(error.faults)
        return []


def _outputs_of(node: dict[str, Any]) -> tuple[str, ...]:
    spec = library().find(node["type"], node.get("type_version", 1))
    own = spec.outputs(node["params"]) if spec else ()
    return (*own, ERROR_OUTPUT) if node.get("on_error") == "route" else own


def _last_ends(run: Run, nodes: Collection[str]) -> dict[str, dict[str, int]]:
    """How many items each output of these nodes gave, when they last ended; {} for skipped ones."""
    ended = run.steps.filter(node_id__in=nodes, seq_finished__isnull=False)
    rows = ended.order_by("seq_finished").values_list("node_id", "status", "output_counts")
    return {node: counts for node, status, counts in rows if counts or status != StepStatus.FAILED}


def _counts(outputs: Mapping[str, list[Json]]) -> dict[str, int]:
    return {name: len(items) for name, items in outputs.items()}


def _why_missing(source: Run | None, has_ended: bool) -> str:
    if source is None:
        return "which is not pinned; name a run in data_from that has it, or pin it"
    if has_ended:
        return "which has changed since that run, or what leads to it has"
    return "which did not end in that run"
