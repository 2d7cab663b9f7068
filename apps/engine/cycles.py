"""Cycles and Loop bodies of a graph: what topological order needs to know of where edges lead back.

Nothing here is recursive. Finding cycles is linear in nodes and edges; Loop bodies, which may nest,
are bounded by `MAX_LOOP_WORK`.
"""

from collections.abc import Iterable, Mapping, Sequence

from apps.engine.errors import FlowForgeError
from apps.engine.graph import Edge
from apps.engine.plan import LOOP_OUTPUT

MAX_LOOP_WORK = 2_000_000
"""Edges followed to find the bodies of all Loops; 40 Loops, one in the other, around 50,000."""


class LoopsTooDeepError(FlowForgeError):
    """The bodies of the Loops cannot be told apart with a reasonable amount of work."""

    def __init__(self, loop: str) -> None:
        super().__init__("loops_too_deep", "The Loops are nested too deep for their size.")
        self.loop = loop


def find_cycles(nodes: Sequence[str], edges: Iterable[Edge]) -> list[list[str]]:
    """The strongly connected components that hold a cycle, each in the order of the nodes."""
    targets: dict[str, list[str]] = {node: [] for node in nodes}
    for edge in edges:
        targets[edge.source].append(edge.target)
    place = {node: index for index, node in enumerate(nodes)}
    components = [
        sorted(component, key=place.__getitem__)
        for component in _components(targets)
        if len(component) > 1 or component[0] in targets[component[0]]
    ]
    return sorted(components, key=lambda component: place[component[0]])


def _components(targets: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Tarjan's strongly connected components, with a stack of its own for the depth."""
    found: list[list[str]] = []
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_nodes: list[str] = []
    is_open: set[str] = set()
    for root in targets:
        if root in number:
            continue
        path = [(root, iter(targets[root]))]
        number[root] = lowest[root] = len(number)
        open_nodes.append(root)
        is_open.add(root)
        while path:
            node, remaining = path[-1]
            for target in remaining:
                if target not in number:
                    number[target] = lowest[target] = len(number)
                    open_nodes.append(target)
                    is_open.add(target)
                    path.append((target, iter(targets[target])))
                    break
                if target in is_open:
                    lowest[node] = min(lowest[node], number[target])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == number[node]:
                    found.append(_pop_until(node, open_nodes))
                    is_open.difference_update(found[-1])
    return found


def _pop_until(node: str, open_nodes: list[str]) -> list[str]:
    popped = [open_nodes.pop()]
    while popped[-1] != node:
        popped.append(open_nodes.pop())
    return popped


class Bodies:
    """For each Loop, all that its `loop` output reaches without passing the Loop."""

    def __init__(self, loops: Sequence[str], edges: Sequence[Edge]) -> None:
        """Raises LoopsTooDeepError where that would take too long."""
        self._outgoing: dict[str, list[Edge]] = {}
        self._incoming: dict[str, list[Edge]] = {}
        for edge in edges:
            self._outgoing.setdefault(edge.source, []).append(edge)
            self._incoming.setdefault(edge.target, []).append(edge)
        self._work = 0
        self._place = {loop: place for place, loop in enumerate(loops)}
        self._of = {loop: self._find(loop) for loop in loops}
        self.crossing = {loop: other for loop in loops if (other := self._partner(loop))}
        """Loops that lie in each other's bodies, so that neither is the outer: with one such."""
        self.entering: dict[Edge, str] = {}
        """Edges that enter a body otherwise than from its Loop's `loop` output, and the Loop."""
        for loop in loops:
            if loop not in self.crossing:
                self._note_entering(loop)

    def is_back_edge(self, edge: Edge) -> bool:
        """Whether an edge leads from a Loop's body, or its own `loop` output, back to the Loop."""
        if edge.source == edge.target:
            return edge.target in self._of and edge.source_output == LOOP_OUTPUT
        return edge.source in self._of.get(edge.target, ())

    def _find(self, loop: str) -> set[str]:
        entries = [e.target for e in self._outgoing.get(loop, ()) if e.source_output == LOOP_OUTPUT]
        body = set(entries) - {loop}
        waiting = list(body)
        while waiting:
            edges = self._outgoing.get(waiting.pop(), ())
            self._account(loop, edges)
            for edge in edges:
                if edge.target not in body and edge.target != loop:
                    body.add(edge.target)
                    waiting.append(edge.target)
        return body

    def _partner(self, loop: str) -> str | None:
        inner = (other for other in self._of.keys() & self._of[loop] if loop in self._of[other])
        return min(inner, key=self._place.__getitem__, default=None)

    def _note_entering(self, loop: str) -> None:
        body = self._of[loop]
        for member in body:
            edges = self._incoming[member]
            self._account(loop, edges)
            for edge in edges:
                through_door = edge.source == loop and edge.source_output == LOOP_OUTPUT
                if edge.source not in body and not through_door:
                    self.entering.setdefault(edge, loop)

    def _account(self, loop: str, edges: Sequence[Edge]) -> None:
        self._work += 1 + len(edges)
        if self._work > MAX_LOOP_WORK:
            raise LoopsTooDeepError(loop)
