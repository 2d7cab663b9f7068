"""Reads n8n's connections: by the name of the node, the kind, and the place of the output."""

from collections.abc import Iterator, Mapping

from apps.engine.errors import Fault, FaultsError
from apps.engine.graph import ERROR_OUTPUT
from apps.engine.items import Json
from apps.engine.parse import MAX_EDGES
from apps.interchange.n8n.nodes import Placed
from apps.interchange.n8n.report import Report
from apps.nodes.registry import library

MAIN = "main"


def edges_of(connections: Json, nodes: Mapping[str, Placed], report: Report) -> list[Json]:
    """Our edges. What leads to nowhere is left out and told. `nodes` by n8n's names."""
    edges: dict[tuple[str, ...], None] = {}
    for source, kind, output, target, input in _written(connections, report):
        if source not in nodes or target not in nodes:
            missing = source if source not in nodes else target
            report.warn(
                None, f"A connection of “{missing[:100]}”, which is not there, is left out."
            )
            continue
        ends = _ends(nodes[source], kind, output, report), _entry(nodes[target], input, kind)
        if ends[0] is None or ends[1] is None:
            told = f"Its connection with “{target[:100]}” is left out: no edge may be there."
            report.warn(_name(nodes[source]), told)
            continue
        edge = (nodes[source].id, ends[0], nodes[target].id, ends[1])
        if edge in edges:
            report.warn(
                _name(nodes[source]), f"Its connection with “{target[:100]}” is there once."
            )
        edges[edge] = None
        if len(edges) > MAX_EDGES:
            told = f"A graph has at most {MAX_EDGES:,} edges."
            raise FaultsError([Fault("workflow.connections", "too_many_edges", told)])
    keys = ("source", "source_output", "target", "target_input")
    return [dict(zip(keys, edge, strict=True)) for edge in edges]


def _written(connections: Json, report: Report) -> Iterator[tuple[str, str, int, str, int]]:
    """Source, kind, place of the output, target, place of the input of each connection."""
    for source, kinds in (connections if isinstance(connections, dict) else {}).items():
        for kind, outputs in (kinds if isinstance(kinds, dict) else {}).items():
            for output, ends in enumerate(outputs if isinstance(outputs, list) else []):
                for end in ends if isinstance(ends, list) else []:
                    target = end.get("node") if isinstance(end, dict) else None
                    if not isinstance(end, dict) or not isinstance(target, str):
                        report.warn(None, f"A connection of “{source[:100]}” cannot be read.")
                        continue
                    index = end.get("index")
                    place = index if isinstance(index, int) and 0 <= index < 1_000 else 0
                    yield source, kind, output, target, place


def _ends(source: Placed, kind: str, place: int, report: Report) -> str | None:
    """The output that a connection leaves by."""
    spec = library().find(str(source.node["type"]), 1)
    params = source.node["params"]
    known = spec.outputs(params) if spec is not None and isinstance(params, dict) else ()
    if kind == MAIN and place < len(source.outputs):
        output = source.outputs[place]
    elif kind == MAIN and place == len(source.outputs) and source.node.get("on_error") == "route":
        return ERROR_OUTPUT
    else:
        output = source.outputs[-1]
        if kind == MAIN and source.node["type"] == "no_operation" and known:
            report.warn(
                _name(source), f"What leaves by its output {place + 1} leaves by “{output}”."
            )
    return output if output in known else next(iter(known), None)


def _entry(target: Placed, place: int, kind: str) -> str | None:
    """The input that a connection enters by; None for a trigger, which has none."""
    spec = library().find(str(target.node["type"]), 1)
    params = target.node["params"]
    known = spec.inputs(params) if spec is not None and isinstance(params, dict) else ()
    wanted = target.inputs[place] if kind == MAIN and place < len(target.inputs) else None
    return wanted if wanted in known else next(iter(known), None)


def _name(placed: Placed) -> str:
    return str(placed.node["name"])
