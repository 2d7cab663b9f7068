"""Cycles and Loop bodies of a graph: what topological order needs to know of where edges lead back.

Nothing here is recursive. Finding cycles is linear in nodes and edges; Loop bodies, which may nest,
are bounded by `MAX_LOOP_WORK`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from apps.engine.errors import FlowForgeError
from apps.engine.graph import LOOP_OUTPUT, Edge

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


class _Work:
    """What may still be done to tell the bodies of all Loops apart."""

    def __init__(self) -> None:
        self._left = MAX_LOOP_WORK

    def follow(self, loop: str, edges: Sequence[Edge]) -> Sequence[Edge]:
        self._left -= 1 + len(edges)
        if self._left < 0:
            raise LoopsTooDeepError(loop)
        return edges


def loop_bodies(loops: Sequence[str], edges: Iterable[Edge]) -> dict[str, set[str]]:
    """For each Loop, all that its `loop` output reaches without passing the Loop.

    Raises LoopsTooDeepError where that would take too long.
    """
    return _bodies(loops, _by_end(edges, "source"), _Work())


def _bodies(
    loops: Sequence[str], outgoing: Mapping[str, Sequence[Edge]], work: _Work
) -> dict[str, set[str]]:
    bodies = {}
    for loop in loops:
        doors = [e.target for e in outgoing.get(loop, ()) if e.source_output == LOOP_OUTPUT]
        body = set(doors) - {loop}
        waiting = list(body)
        while waiting:
            for edge in work.follow(loop, outgoing.get(waiting.pop(), ())):
                if edge.target not in body and edge.target != loop:
                    body.add(edge.target)
                    waiting.append(edge.target)
        bodies[loop] = body
    return bodies


def _by_end(edges: Iterable[Edge], end: Literal["source", "target"]) -> dict[str, list[Edge]]:
    groups: dict[str, list[Edge]] = {}
    for edge in edges:
        groups.setdefault(getattr(edge, end), []).append(edge)
    return groups


class Bodies:
    """The bodies of a graph's Loops, and what is wrong with them."""

    def __init__(self, loops: Sequence[str], edges: Sequence[Edge]) -> None:
        """Raises LoopsTooDeepError where that would take too long."""
        work = _Work()
        self._of = _bodies(loops, _by_end(edges, "source"), work)
        place = {loop: place for place, loop in enumerate(loops)}
        self.crossing = {
            loop: min(others, key=place.__getitem__)
            for loop in loops
            if (others := self._crossed_by(loop))
        }
        """Loops that lie in each other's bodies, so that neither is the outer: with one such."""
        self.entering: dict[Edge, str] = {}
        """Edges that enter a body otherwise than from its Loop's `loop` output, and the Loop."""
        incoming = _by_end(edges, "target")
        for loop in loops:
            if loop not in self.crossing:
                for member in self._of[loop]:
                    for edge in work.follow(loop, incoming[member]):
                        if self._enters(edge, loop):
                            self.entering.setdefault(edge, loop)

    def is_back_edge(self, edge: Edge) -> bool:
        """Whether an edge leads from a Loop's body, or its own `loop` output, back to the Loop."""
        if edge.source == edge.target:
            return edge.target in self._of and edge.source_output == LOOP_OUTPUT
        return edge.source in self._of.get(edge.target, ())

    def _crossed_by(self, loop: str) -> list[str]:
        return [other for other in self._of.keys() & self._of[loop] if loop in self._of[other]]

    def _enters(self, edge: Edge, loop: str) -> bool:
        if edge.source == loop:
            return edge.source_output != LOOP_OUTPUT
        return edge.source not in self._of[loop]
