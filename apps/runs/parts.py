"""Which nodes of a graph a run is about: its part, what lies before it, what changed."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from apps.engine.cycles import loop_bodies
from apps.engine.errors import Fault
from apps.engine.graph import Edge, Graph, Node
from apps.engine.outcomes import Kind
from apps.engine.plan import reach
from apps.nodes.registry import library


def part_of(graph: Graph, start: str, stop: str = "") -> set[str]:
    """The nodes that run from a start node: all that it reaches and, with a stop, leads there."""
    part = reach([start], targets(graph))
    return part & reach([stop], _origins(graph)) if stop else part


def before(graph: Graph, part: set[str]) -> set[str]:
    """The nodes that lead into a part from outside."""
    return reach(part, _origins(graph)) - part


def loop_around(graph: Graph, node: str) -> str | None:
    """A Loop in whose body the node is. Raises LoopsTooDeepError."""
    if not any(edge.target == node for edge in graph.edges):
        return None  # as for all triggers: nothing leads to it
    loops = [each.id for each in graph.nodes if _is_loop(each)]
    bodies = loop_bodies(loops, graph.edges)
    return next((loop for loop, body in bodies.items() if node in body), None)


def start_faults(graph: Graph, id: str, path: str) -> list[Fault]:
    """Why no run of the graph can start at this node; `path` is what that is said of."""
    nodes = {node.id: node for node in graph.nodes}
    node = nodes.get(id)
    if node is None:
        return [Fault(path, "unknown_node", f"The version has no node “{id}”.")]
    if node.disabled and kind_of(node) == Kind.TRIGGER:
        return [Fault(path, "disabled", f"The trigger “{node.name}” is disabled.")]
    loop = loop_around(graph, id)
    if loop is not None:
        told = (
            f"Node “{node.name}” is in the body of the Loop “{nodes[loop].name}”, which "
            "gives it its items batch by batch: start at the Loop."
        )
        return [Fault(path, "in_loop_body", told)]
    return []


def stop_faults(graph: Graph, start: str, stop: str, path: str) -> list[Fault]:
    """Why a run that starts at one node cannot end at another; without a stop it can."""
    if not stop or stop in part_of(graph, start):
        return []
    return [Fault(path, "not_reached", f"Node “{stop}” is not reached from “{start}”.")]


def trigger_leading_to(graph: Graph, nodes: Collection[str] | None = None) -> str | None:
    """The trigger that a run by hand begins at, to come to one of these nodes: manual ones first.

    None where no trigger that is not disabled leads to any.
    """
    triggers = [node for node in graph.nodes if not node.disabled and kind_of(node) == Kind.TRIGGER]
    edges = targets(graph)
    for node in sorted(triggers, key=lambda node: node.type != "manual"):
        if nodes is None or not reach([node.id], edges).isdisjoint(nodes):
            return node.id
    return None


def trigger_of_type(graph: Graph, *types: str) -> str | None:
    """The trigger of the first of these types of which there is one that is not disabled."""
    live = {node.type: node.id for node in reversed(graph.nodes) if not node.disabled}
    return next((live[type] for type in types if type in live), None)


def is_trigger(graph: Graph, id: str) -> bool:
    return any(node.id == id and kind_of(node) == Kind.TRIGGER for node in graph.nodes)


def is_effect(node: Node) -> bool:
    """Whether the node touches the outside when it runs."""
    return not node.disabled and kind_of(node) == Kind.EFFECT


def effects_told(counts: Counter[str]) -> list[dict[str, Any]]:
    """Types of nodes that touch the outside, as people are warned of them: `{type, label, count}`,
    the most first."""
    labels = {each.type: each.label for each in library().all()}
    return [
        {"type": type, "label": labels[type], "count": count}
        for type, count in counts.most_common()
        if count
    ]


def kind_of(node: Node) -> Kind | None:
    """The kind of a node's type; None where there is no such type any more."""
    spec = library().find(node.type, node.type_version)
    return spec.kind if spec else None


def unchanged(old: Graph, new: Graph) -> set[str]:
    """The nodes that mean the same in both graphs, and so do all that lead to them."""
    was, now = dict(_meanings(old)), dict(_meanings(new))
    changed = {id for id in now if was.get(id) != now[id]}
    return set(now) - reach(changed, targets(new))


def targets(graph: Graph) -> dict[str, list[str]]:
    """Where the edges of each node lead."""
    ends: dict[str, list[str]] = {}
    for edge in graph.edges:
        ends.setdefault(edge.source, []).append(edge.target)
    return ends


def _origins(graph: Graph) -> dict[str, list[str]]:
    ends: dict[str, list[str]] = {}
    for edge in graph.edges:
        ends.setdefault(edge.target, []).append(edge.source)
    return ends


def _is_loop(node: Node) -> bool:
    spec = library().find(node.type, node.type_version)
    return spec is not None and spec.is_loop


def _meanings(graph: Graph) -> Iterator[tuple[str, tuple[Node, list[Edge]]]]:
    """What decides a node's result: itself, but for its looks, and the edges that enter it."""
    entering: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        entering.setdefault(edge.target, []).append(edge)
    for node in graph.nodes:
        yield node.id, (replace(node, position=(0, 0), notes=""), entering.get(node.id, []))
