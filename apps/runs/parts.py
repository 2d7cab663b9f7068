"""Which nodes of a graph document a run is about: its part, what lies before it, what changed."""

from collections.abc import Collection, Iterator
from typing import Any

from apps.engine.cycles import loop_bodies
from apps.engine.errors import Fault
from apps.engine.graph import Edge
from apps.engine.plan import reach
from apps.nodes.registry import library

Graph = dict[str, Any]


def part_of(graph: Graph, start: str, stop: str = "") -> set[str]:
    """The nodes that run from a start node: all that it reaches and, with a stop, leads there."""
    part = reach([start], targets(graph))
    return part & reach([stop], _origins(graph)) if stop else part


def before(graph: Graph, part: set[str]) -> set[str]:
    """The nodes that lead into a part from outside."""
    return reach(part, _origins(graph)) - part


def loop_around(graph: Graph, node: str) -> str | None:
    """A Loop in whose body the node is. Raises LoopsTooDeepError."""
    if not any(edge["target"] == node for edge in graph["edges"]):
        return None  # as for all triggers: nothing leads to it
    loops = [each["id"] for each in graph["nodes"] if _is_loop(each)]
    bodies = loop_bodies(loops, [Edge(**edge) for edge in graph["edges"]])
    return next((loop for loop, body in bodies.items() if node in body), None)


def start_faults(graph: Graph, id: str, path: str) -> list[Fault]:
    """Why no run of the graph can start at this node; `path` is what that is said of."""
    nodes = {node["id"]: node for node in graph["nodes"]}
    node = nodes.get(id)
    if node is None:
        return [Fault(path, "unknown_node", f"The version has no node “{id}”.")]
    if node.get("disabled") and kind_of(node) == "trigger":
        return [Fault(path, "disabled", f"The trigger “{node['name']}” is disabled.")]
    loop = loop_around(graph, id)
    if loop is not None:
        told = (
            f"Node “{node['name']}” is in the body of the Loop “{nodes[loop]['name']}”, which "
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
    triggers = [
        node for node in graph["nodes"] if not node.get("disabled") and kind_of(node) == "trigger"
    ]
    edges = targets(graph)
    for node in sorted(triggers, key=lambda node: node["type"] != "manual"):
        if nodes is None or not reach([node["id"]], edges).isdisjoint(nodes):
            return str(node["id"])
    return None


def is_trigger(graph: Graph, id: str) -> bool:
    return any(node["id"] == id and kind_of(node) == "trigger" for node in graph["nodes"])


def kind_of(node: dict[str, Any]) -> str | None:
    """The kind of a node's type; None where there is no such type any more."""
    spec = library().find(node["type"], node.get("type_version", 1))
    return spec.kind.value if spec else None


def unchanged(old: Graph, new: Graph) -> set[str]:
    """The nodes that mean the same in both graphs, and so do all that lead to them."""
    was, now = dict(_meanings(old)), dict(_meanings(new))
    changed = {id for id in now if was.get(id) != now[id]}
    return set(now) - reach(changed, targets(new))


def targets(graph: Graph) -> dict[str, list[str]]:
    """Where the edges of each node lead."""
    return _ends(graph, "source", "target")


def _is_loop(node: dict[str, Any]) -> bool:
    spec = library().find(node["type"], node.get("type_version", 1))
    return spec is not None and spec.is_loop


def _origins(graph: Graph) -> dict[str, list[str]]:
    return _ends(graph, "target", "source")


def _ends(graph: Graph, near: str, far: str) -> dict[str, list[str]]:
    ends: dict[str, list[str]] = {}
    for edge in graph["edges"]:
        ends.setdefault(edge[near], []).append(edge[far])
    return ends


def _meanings(graph: Graph) -> Iterator[tuple[str, Any]]:
    """What decides a node's result: itself, but for its looks, and the edges that enter it."""
    entering: dict[str, list[Any]] = {}
    for edge in graph["edges"]:
        entering.setdefault(edge["target"], []).append(edge)
    for node in graph["nodes"]:
        looks = ("position", "notes")
        essence = {name: value for name, value in node.items() if name not in looks}
        yield node["id"], (essence, entering.get(node["id"], []))
