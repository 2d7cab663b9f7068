"""Pins: what nodes give instead of running."""

from collections.abc import Mapping

from apps.engine.errors import Fault, FaultsError
from apps.engine.faults import printable, quoted, shown
from apps.engine.graph import ERROR_OUTPUT, LOOP_OUTPUT, Graph, Node
from apps.engine.items import Json
from apps.nodes.registry import library
from apps.runs.create import items_of

Pins = Mapping[str, Json]
"""`{node: {output: [items]}}`, items in stored form."""


def read_pins(asked: Json, graph: Graph) -> dict[str, Json]:
    """The pins of a request, each `{output: [items]}` or the items of its first output.

    None lifts what the graph pins. Raises FaultsError with everything that is wrong with them.
    """
    if asked is None:
        return {}
    if not isinstance(asked, dict):
        told = f"Pins are an object of node ids, not {shown(asked)}."
        raise FaultsError([Fault("pins", "wrong_type", told)])
    nodes = {node.id: node for node in graph.nodes}
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
    all_pins = {node.id: node.pinned for node in graph.nodes} | dict(pins)
    disabled = {node.id for node in graph.nodes if node.disabled}
    return {
        id: outputs
        for id, outputs in all_pins.items()
        if outputs is not None and id not in disabled
    }


def _read_outputs(given: Json, node: Node, path: str, faults: list[Fault]) -> dict[str, Json]:
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
            told = printable(f"“{node.name}” has no output {quoted(name)}; it has {known}.")
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


def _outputs_of(node: Node) -> tuple[str, ...]:
    spec = library().find(node.type, node.type_version)
    own = spec.outputs(node.params) if spec else ()
    return (*own, ERROR_OUTPUT) if node.on_error == "route" else own
