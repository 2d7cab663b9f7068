"""What a graph document means, against a library of node types: every fault at once.

The form is `parse.py`'s; what could be read in spite of its faults is judged here all the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from apps.engine.cycles import Bodies, LoopsTooDeepError, find_cycles
from apps.engine.errors import Fault, path_below
from apps.engine.faults import Faults, quoted
from apps.engine.graph import ERROR_OUTPUT, Edge, Graph, Node
from apps.engine.items import Json
from apps.engine.outcomes import Kind
from apps.engine.parse import Reading, graph_of, read_graph
from apps.engine.plan import reach
from apps.engine.ports import NodeLibrary, NodeSpec
from apps.engine.suggest import did_you_mean


@runtime_checkable
class Exclusive(Protocol):
    """A trigger type of which no two may listen at the same place."""

    def claims(self, params: Mapping[str, Json]) -> Sequence[str]:
        """What the trigger takes for itself alone (`POST /hooks/x`). Must not raise."""


@runtime_checkable
class ChecksTogether(Protocol):
    """A library that judges the params of many nodes faster than one by one."""

    def check(self, nodes: Sequence[Node]) -> Sequence[Sequence[Fault]]:
        """For each node what `NodeSpec.check` says of its params; nothing for unknown types."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What is to be said of a document."""

    graph: Graph | None
    """None where the document is no graph: its form is faulty. A graph whose meaning is faulty
    may be kept as a draft; it must not be run."""
    errors: list[Fault]
    warnings: list[Fault]


def validate_graph(document: Json, library: NodeLibrary) -> Validation:
    """Judge the form and the meaning of a graph document."""
    reading = read_graph(document)
    graph = None if reading.faults else graph_of(reading)
    judged = _Judged(reading, library)
    judged.names()
    judged.types()
    judged.edges()
    judged.canvas()
    if reading.settings.order == "topological":
        judged.ways_back()
    judged.triggers()
    judged.loose_ends()
    return Validation(graph, judged.errors.told(), judged.warnings.told())


class _Ends:
    """The names of a node's outputs and inputs, in order and quick to look up."""

    def __init__(self, outputs: Iterable[str], inputs: Iterable[str]) -> None:
        self.outputs = dict.fromkeys(outputs)
        self.inputs = dict.fromkeys(inputs)


@dataclass
class _Judged:
    """One document under judgement: each method adds the faults of one kind of rule."""

    reading: Reading
    library: NodeLibrary
    warnings: Faults = field(default_factory=Faults)
    nodes: dict[str, tuple[int, Node]] = field(default_factory=dict)
    """By id, with the place in the document; of equal ids the first."""
    specs: dict[str, NodeSpec] = field(default_factory=dict)
    ends: dict[str, _Ends] = field(default_factory=dict)
    sound_edges: dict[Edge, int] = field(default_factory=dict)
    """Edges between nodes that exist, with their places in the document."""

    @property
    def errors(self) -> Faults:
        return self.reading.faults

    def names(self) -> None:
        """Ids and names are unique."""
        named: dict[str, int] = {}
        for index, node in self.reading.nodes:
            if node.id in self.nodes:
                first = self.nodes[node.id][0]
                told = f"The id “{node.id}” of nodes[{index}] is already that of nodes[{first}]."
                self.errors.add(f"nodes[{index}].id", "duplicate_id", told)
            else:
                self.nodes[node.id] = (index, node)
            if node.name and node.name in named:
                told = f"{_called(node)} has the same name as nodes[{named[node.name]}]."
                self.errors.add(f"nodes[{index}].name", "duplicate_name", told)
            named.setdefault(node.name, index)

    def types(self) -> None:
        """Types are known, params are as their types want them."""
        for (index, node), param_faults in zip(
            self.reading.nodes, self._param_faults(), strict=True
        ):
            spec = self.library.find(node.type, node.type_version)
            if spec is None:
                self._unknown_type(index, node)
                continue
            outputs = (*spec.outputs(node.params), *_error_output(node))
            ends = _Ends(outputs, spec.inputs(node.params))
            if self.nodes[node.id][0] == index:
                self.specs[node.id] = spec
                self.ends[node.id] = ends
            # A disabled node takes no part: it may be half finished.
            faults = self.warnings if node.disabled else self.errors
            for fault in param_faults:
                path = path_below(f"nodes[{index}].params", fault.path)
                faults.add(path, fault.code, f"{_called(node)}: {fault.message}")
            for output in node.pinned or {}:
                if output not in ends.outputs:
                    path = f"nodes[{index}].pinned"
                    self._unknown_end(path, node, "output", output, outputs)

    def _param_faults(self) -> Sequence[Sequence[Fault]]:
        nodes = [node for _, node in self.reading.nodes]
        if isinstance(self.library, ChecksTogether):
            return self.library.check(nodes)
        specs = [self.library.find(node.type, node.type_version) for node in nodes]
        return [
            spec.check(node.params) if spec is not None else []
            for spec, node in zip(specs, nodes, strict=True)
        ]

    def edges(self) -> None:
        """Edges lead from outputs that exist to inputs that exist, no two alike."""
        for index, edge in self.reading.edges:
            path = f"edges[{index}]"
            if edge in self.sound_edges:
                told = f"{path} is the same as edges[{self.sound_edges[edge]}]."
                self.errors.add(path, "duplicate_edge", told)
                continue
            missing = [end for end in ("source", "target") if getattr(edge, end) not in self.nodes]
            for end in missing:
                id = getattr(edge, end)
                if id not in self.reading.ids:
                    told = f"The {end} of {path}, {quoted(id)}, is no node of the graph."
                    self.errors.add(f"{path}.{end}", "unknown_node", told)
            if not missing:
                self.sound_edges[edge] = index
                self._judge_ends(path, edge)

    def _judge_ends(self, path: str, edge: Edge) -> None:
        source, target = self.nodes[edge.source][1], self.nodes[edge.target][1]
        if (known := self.ends.get(edge.source)) and edge.source_output not in known.outputs:
            output = edge.source_output
            self._unknown_end(f"{path}.source_output", source, "output", output, known.outputs)
        known = self.ends.get(edge.target)
        if known is None:
            return
        if self.specs[edge.target].kind is Kind.TRIGGER:
            told = f"{_called(target)} is a trigger: no edge may lead to it ({path})."
            self.errors.add(f"{path}.target", "edge_into_trigger", told)
        elif edge.target_input not in known.inputs:
            input = edge.target_input
            self._unknown_end(f"{path}.target_input", target, "input", input, known.inputs)

    def canvas(self) -> None:
        """Notes and groups have ids of their own; groups frame nodes that exist, each but once."""
        groups = [(index, group.id) for index, group in self.reading.groups]
        for key, called in (("sticky_notes", self.reading.notes), ("groups", groups)):
            first: dict[str, int] = {}
            for index, id in called:
                if first.setdefault(id, index) != index:
                    told = f"The id “{id}” of {key}[{index}] is already that of {key}[{first[id]}]."
                    self.errors.add(f"{key}[{index}].id", "duplicate_id", told)
        framed: dict[str, int] = {}
        for index, group in self.reading.groups:
            for place, id in enumerate(group.nodes):
                path = f"groups[{index}].nodes[{place}]"
                if id not in self.reading.ids:
                    told = f"{path}, {quoted(id)}, is no node of the graph."
                    self.errors.add(path, "unknown_node", told)
                elif id in framed:
                    told = f"{path}, {quoted(id)}, is in groups[{framed[id]}] already."
                    self.errors.add(path, "grouped_twice", told)
                else:
                    framed[id] = index

    def ways_back(self) -> None:
        """In topological order only Loops lead back, and their bodies nest or are disjoint."""
        loops = [id for id, spec in self.specs.items() if spec.is_loop]
        edges = list(self.sound_edges)
        try:
            bodies = Bodies(loops, edges)
        except LoopsTooDeepError as error:
            index, node = self.nodes[error.loop]
            self.errors.add(f"nodes[{index}]", error.code, f"{_called(node)}: {error.message}")
            return
        for loop, other in bodies.crossing.items():
            (index, inner), (first, outer) = self.nodes[loop], self.nodes[other]
            if index < first or bodies.crossing[other] != loop:
                told = (
                    f"The bodies of {_called(inner)} and {_called(outer)} cross: each Loop lies "
                    "in the other's body. One must lie wholly inside the other."
                )
                self.errors.add(f"nodes[{index}]", "loops_cross", told)
        for edge, index in self.sound_edges.items():
            if edge in bodies.entering:
                target, owner = self.nodes[edge.target][1], self.nodes[bodies.entering[edge]][1]
                told = (
                    f"{_called(target)} is in the body of {_called(owner)}; it can only be entered "
                    f"through that Loop's output “loop”, not from “{edge.source}”."
                )
                self.errors.add(f"edges[{index}]", "loop_body_entered", told)
        self._cycles([edge for edge in edges if not bodies.is_back_edge(edge)])

    def _cycles(self, edges: list[Edge]) -> None:
        for cycle in find_cycles(list(self.nodes), edges):
            nodes = [_called(self.nodes[id][1]) for id in cycle[:10]]
            more = f" and {len(cycle) - 10:,} more" if len(cycle) > 10 else ""
            told = (
                f"These nodes form a cycle: {', '.join(nodes)}{more}. In the order “topological” "
                "only a Loop may lead back: use one, remove an edge, or choose “depth_first”."
            )
            self.errors.add(f"nodes[{self.nodes[cycle[0]][0]}]", "cycle", told)

    def triggers(self) -> None:
        """Something starts the graph, and no two triggers listen at the same place."""
        triggers = [self.nodes[id] for id, spec in self.specs.items() if spec.kind is Kind.TRIGGER]
        if not triggers and len(self.specs) == self.reading.node_count:
            told = "The graph has no trigger, so nothing would ever start it."
            self.errors.add("nodes", "no_trigger", told)
        live = [(index, node) for index, node in triggers if not node.disabled]
        if triggers and not live:
            self.warnings.add("nodes", "no_live_trigger", "All triggers are disabled.")
        taken: dict[str, Node] = {}
        for index, node in live:
            spec = self.specs[node.id]
            for claim in spec.claims(node.params) if isinstance(spec, Exclusive) else ():
                if taken.setdefault(claim, node) is not node:
                    told = f"{_called(node)} and {_called(taken[claim])} both listen at {claim}."
                    self.errors.add(f"nodes[{index}].params", "trigger_taken", told)

    def loose_ends(self) -> None:
        """Warn of what is never reached, and of errors that are routed nowhere."""
        targets: dict[str, list[str]] = {}
        for edge in self.sound_edges:
            targets.setdefault(edge.source, []).append(edge.target)
        starts = [id for id, spec in self.specs.items() if spec.kind is Kind.TRIGGER]
        reached = reach(starts, targets) if starts else self.nodes.keys()
        routed = {e.source for e in self.sound_edges if e.source_output == ERROR_OUTPUT}
        for id, (index, node) in self.nodes.items():
            if id not in reached:
                told = f"{_called(node)} is reached from no trigger: it never runs."
                self.warnings.add(f"nodes[{index}]", "unreachable", told)
            if node.on_error == "route" and id not in routed:
                told = (
                    f"{_called(node)} routes its errors to the output “error”; no edge leaves it."
                )
                self.warnings.add(f"nodes[{index}].on_error", "error_output_unused", told)

    def _unknown_type(self, index: int, node: Node) -> None:
        path = f"nodes[{index}].type"
        if not node.type:
            return  # its form is at fault already
        if node.type in self.library.types():
            told = f"{_called(node)}: {node.type} has no version {node.type_version}."
            self.errors.add(f"{path}_version", "unsupported_type_version", told)
            return
        # Looking for similar names is slow, so not for a sentence that nobody gets to read.
        known = () if self.errors.is_full("unknown_type") else self.library.types()
        hint = did_you_mean(node.type, known)
        told = f"{_called(node)}: there is no node type {quoted(node.type)}.{hint}"
        self.errors.add(path, "unknown_type", told)

    def _unknown_end(
        self, path: str, node: Node, end: str, name: str, known: Collection[str]
    ) -> None:
        if end == "output" and name == ERROR_OUTPUT:
            told = f"{_called(node)} has the output “error” only with on_error “route”."
        else:
            names = ", ".join(quoted(each) for each in [*known][:20]) or "none"
            told = f"{_called(node)} has no {end} {quoted(name)}; it has {names}."
        self.errors.add(path, f"unknown_{end}", told)


def _error_output(node: Node) -> tuple[str, ...]:
    return (ERROR_OUTPUT,) if node.on_error == "route" else ()


def _called(node: Node) -> str:
    """A node as sentences name it: by its name, and its id where that differs."""
    if not node.name or node.name == node.id:
        return f"Node “{node.id}”"
    return f"Node {quoted(node.name)} ({node.id})"
