"""A graph made ready for execution: who feeds whom, which loop a node belongs to.

A plan holds only the nodes that take part: what the start node reaches and, with a stop node, what
leads to it. Edges from nodes outside are not waited for, but for those that the run is given: their
steps have ended before it begins (taken over from another run, or pinned).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from apps.engine.cycles import loop_bodies
from apps.engine.errors import FlowForgeError
from apps.engine.graph import ERROR_OUTPUT, LOOP_OUTPUT, Edge, Graph, Node
from apps.engine.items import Items, Outputs
from apps.engine.ports import NodeLibrary, NodeSpec

RETURNED_INPUT = "returned"
"""A Loop's second input, to which no edge of a graph leads: what came back from its body."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The nodes that take part in a run, their edges in the graph's order, and the loops."""

    graph: Graph
    start: str
    nodes: Mapping[str, Node]
    specs: Mapping[str, NodeSpec]
    inputs: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, tuple[str, ...]]
    outgoing: Mapping[str, tuple[Edge, ...]]
    incoming: Mapping[str, tuple[Edge, ...]]
    order_of: Mapping[Edge, int]
    """An edge's place in the graph: joined inputs come in this order."""
    loop_of: Mapping[str, str] = field(default_factory=dict)
    """In topological order the innermost Loop whose body a node is in."""
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each Loop, the nodes whose innermost Loop it is, in topological order."""
    given: frozenset[str] = frozenset()
    """Nodes that have ended before the run begins; edges only lead away from them."""

    def is_loop(self, node: str) -> bool:
        return self.specs[node].is_loop

    def by_main_output(self, node: str, items: Items) -> Outputs:
        """Items that no code of the node has sorted, as outputs: by its first, by a Loop's second.

        By `loop` they would enter the body once more, and so for ever. A node may have no output.
        """
        outputs = self.outputs[node]
        return {outputs[1 if self.is_loop(node) else 0]: items} if outputs else {}

    def is_back_edge(self, edge: Edge) -> bool:
        """Whether the edge leads from a Loop's body (or its own `loop` output) back to it."""
        if not self.is_loop(edge.target):
            return False
        if edge.source == edge.target:
            return edge.source_output == LOOP_OUTPUT
        loop = self.loop_of.get(edge.source)
        while loop is not None and loop != edge.target:
            loop = self.loop_of.get(loop)
        return loop == edge.target


def make_plan(
    graph: Graph,
    library: NodeLibrary,
    start: str,
    stop: str | None = None,
    given: Collection[str] = (),
) -> Plan:
    """Plan the run of a valid graph from a start node (a trigger, for whole runs).

    `given` are the nodes of which there are steps already: those that would run are not given.
    """
    nodes = {node.id: node for node in graph.nodes}
    if start not in nodes:
        raise FlowForgeError("unknown_node", f"The graph has no node “{start}” to start from.")
    targets: dict[str, list[str]] = {}
    origins: dict[str, list[str]] = {}
    for edge in graph.edges:
        targets.setdefault(edge.source, []).append(edge.target)
        origins.setdefault(edge.target, []).append(edge.source)
    taking_part = reach([start], targets)
    if stop is not None:
        taking_part &= reach([stop], origins)
    given = frozenset(given) - taking_part
    known = taking_part | given
    specs = {id: _spec(library, nodes[id]) for id in nodes if id in known}
    edges = [e for e in graph.edges if e.source in known and e.target in taking_part]
    # In the other order a Loop's body is nothing of its own: what arrives comes back.
    is_topological = graph.settings.order == "topological"
    loop_of = _innermost_loops(specs, edges) if is_topological else {}
    members: dict[str, list[str]] = {id: [] for id, spec in specs.items() if spec.is_loop}
    for id in specs:
        if id in loop_of:
            members[loop_of[id]].append(id)
    return Plan(
        graph=graph,
        start=start,
        nodes={id: nodes[id] for id in specs},
        specs=specs,
        inputs={id: _inputs(spec, nodes[id]) for id, spec in specs.items()},
        outputs={id: _outputs(spec, nodes[id]) for id, spec in specs.items()},
        outgoing=_grouped(specs, edges, "source"),
        incoming=_grouped(specs, edges, "target"),
        order_of={edge: place for place, edge in enumerate(graph.edges)},
        loop_of=loop_of,
        members={loop: tuple(ids) for loop, ids in members.items()},
        given=given,
    )


def reach(starts: Iterable[str], targets: Mapping[str, Iterable[str]]) -> set[str]:
    """All that can be reached from the starts, themselves included."""
    reached = set(starts)
    waiting = list(reached)
    while waiting:
        for target in targets.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _innermost_loops(specs: Mapping[str, NodeSpec], edges: list[Edge]) -> dict[str, str]:
    bodies = loop_bodies([id for id, spec in specs.items() if spec.is_loop], edges)
    innermost: dict[str, str] = {}
    # Bodies nest or are disjoint, so the smallest body that holds a node is the innermost.
    for loop in sorted(bodies, key=lambda loop: len(bodies[loop]), reverse=True):
        for node in bodies[loop]:
            innermost[node] = loop
    return innermost


def _spec(library: NodeLibrary, node: Node) -> NodeSpec:
    spec = library.find(node.type, node.type_version)
    if spec is None:
        raise FlowForgeError(
            "unknown_type", f"Node “{node.name}”: there is no type {node.type} {node.type_version}."
        )
    return spec


def _inputs(spec: NodeSpec, node: Node) -> tuple[str, ...]:
    inputs = spec.inputs(node.params)
    return (*inputs, RETURNED_INPUT) if spec.is_loop else inputs


def _outputs(spec: NodeSpec, node: Node) -> tuple[str, ...]:
    outputs = spec.outputs(node.params)
    return (*outputs, ERROR_OUTPUT) if node.on_error == "route" else outputs


def _grouped(
    specs: Mapping[str, NodeSpec], edges: list[Edge], end: str
) -> dict[str, tuple[Edge, ...]]:
    groups: dict[str, list[Edge]] = {id: [] for id in specs}
    for edge in edges:
        groups[getattr(edge, end)].append(edge)
    return {id: tuple(group) for id, group in groups.items()}
