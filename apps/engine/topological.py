"""The order `topological`: a node runs once all its incoming edges are settled.

An edge is settled as *taken* (its output had items) or *dead*. A node with no taken edge is skipped
and its own edges are dead. A Loop and its body are one node to what surrounds them: its batches run
one after another, each ends when the whole body has settled.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set

from apps.engine.graph import LOOP_OUTPUT, Edge
from apps.engine.plan import RETURNED_INPUT, Plan
from apps.engine.scheduler import Activation, LoopCourse, Settled, Source, Sources

Arrived = list[tuple[Edge, Source]]


class TopologicalScheduler:
    def __init__(self, plan: Plan, given: Iterable[Settled] = ()) -> None:
        self._plan = plan
        self._back_edges = {
            edge for edges in plan.incoming.values() for edge in edges if plan.is_back_edge(edge)
        }
        self._iterations = dict.fromkeys(plan.nodes, 0)
        self._unsettled: dict[str, int] = {}
        self._arrived: dict[str, Arrived] = {}
        self._ready: dict[tuple[str, int], Activation] = {}
        self._dead: deque[str] = deque()
        """Nodes all of whose edges died: a queue, so that chains of skips need no recursion."""
        self._courses: dict[str, LoopCourse] = {}
        self._came_back: dict[str, Arrived] = {}
        self._open_members: dict[str, int] = {}
        self._await(id for id in plan.nodes if id not in plan.loop_of)
        self._activate(plan.start, self._joined(self._take_given(given)))

    def ready(self) -> Sequence[Activation]:
        given = list(self._ready.values())
        self._ready.clear()
        return given

    def settle(self, settled: Settled) -> Sequence[Activation]:
        self._ready.pop((settled.node, settled.iteration), None)
        counts = settled.output_counts
        if self._plan.is_loop(settled.node) and counts.get(LOOP_OUTPUT):
            self._begin_batch(settled.node, settled.iteration, counts[LOOP_OUTPUT])
        else:
            self._leave(settled.node, settled.iteration, _with_items(counts))
        skipped = []
        while self._dead:
            skipped.append(self._skip(self._dead.popleft()))
        return skipped

    def _await(self, nodes: Iterable[str]) -> None:
        """Begin to wait for the incoming edges of nodes: at the start, and for each batch."""
        for node in nodes:
            edges = self._plan.incoming[node]
            self._unsettled[node] = sum(edge not in self._back_edges for edge in edges)
            self._arrived[node] = []

    def _take_given(self, given: Iterable[Settled]) -> Arrived:
        """Settle the edges that leave given nodes; gives what came to the start node."""
        came: Arrived = []
        for settled in given:
            taken = _with_items(settled.output_counts)
            for edge in self._plan.outgoing[settled.node]:
                source = None
                if edge.source_output in taken:
                    source = Source(settled.node, settled.iteration, edge.source_output)
                if edge.target != self._plan.start:
                    self._settle_edge(edge, source)
                elif source is not None:
                    came.append((edge, source))
        return came

    def _activate(self, node: str, sources: Sources, course: LoopCourse | None = None) -> None:
        if course is None and self._plan.is_loop(node):
            course = LoopCourse(given=_all(sources))
        if course is not None:
            self._courses[node] = course
        iteration = self._next_iteration(node)
        self._ready[node, iteration] = Activation(node, iteration, sources, course)

    def _skip(self, node: str) -> Activation:
        iteration = self._next_iteration(node)
        self._leave(node, iteration, frozenset())
        return Activation(node, iteration, {})

    def _next_iteration(self, node: str) -> int:
        iteration = self._iterations[node]
        self._iterations[node] = iteration + 1
        return iteration

    def _leave(self, node: str, iteration: int, taken: Set[str]) -> None:
        """Settle the outgoing edges of a node that is through (a Loop: after its last batch)."""
        through = self._plan.outgoing[node]
        if self._plan.is_loop(node):
            course = self._courses.pop(node, None)
            if course is not None and course.taken:
                through = tuple(edge for edge in through if edge.source_output != LOOP_OUTPUT)
            else:
                # Never entered: the body's edges die like any others.
                self._await(self._plan.members[node])
        for edge in through:
            source = Source(node, iteration, edge.source_output)
            self._settle_edge(edge, source if edge.source_output in taken else None)
        self._close_member(node)

    def _settle_edge(self, edge: Edge, source: Source | None) -> None:
        if edge in self._back_edges:
            if source is not None:
                self._came_back[edge.target].append((edge, source))
            return
        node = edge.target
        if source is not None:
            self._arrived[node].append((edge, source))
        self._unsettled[node] -= 1
        if self._unsettled[node] == 0:
            if self._arrived[node]:
                self._activate(node, self._joined(self._arrived[node]))
            else:
                self._dead.append(node)

    def _joined(self, arrived: Arrived) -> Sources:
        by_input: dict[str, list[Source]] = {}
        for edge, source in sorted(arrived, key=lambda pair: self._plan.order_of[pair[0]]):
            by_input.setdefault(edge.target_input, []).append(source)
        return {name: tuple(sources) for name, sources in by_input.items()}

    def _begin_batch(self, loop: str, iteration: int, size: int) -> None:
        course = self._courses[loop]
        self._courses[loop] = LoopCourse(course.given, course.taken + size, course.returned)
        members = self._plan.members[loop]
        self._came_back[loop] = []
        self._open_members[loop] = len(members)
        self._await(members)
        for edge in self._plan.outgoing[loop]:
            if edge.source_output == LOOP_OUTPUT:
                self._settle_edge(edge, Source(loop, iteration, LOOP_OUTPUT))
        if not members:
            self._end_batch(loop)

    def _close_member(self, node: str) -> None:
        loop = self._plan.loop_of.get(node)
        if loop is not None and loop in self._open_members:
            self._open_members[loop] -= 1
            if self._open_members[loop] == 0:
                self._end_batch(loop)

    def _end_batch(self, loop: str) -> None:
        del self._open_members[loop]
        back = _all(self._joined(self._came_back.pop(loop)))
        course = self._courses[loop]
        # One growing list: copying it for each batch would make long loops quadratic.
        returned = course.returned if isinstance(course.returned, list) else []
        returned.extend(back)
        self._activate(
            loop,
            {self._plan.inputs[loop][0]: course.given, RETURNED_INPUT: back},
            LoopCourse(course.given, course.taken, returned),
        )


def _all(sources: Sources) -> tuple[Source, ...]:
    return tuple(source for each in sources.values() for source in each)


def _with_items(counts: Mapping[str, int]) -> frozenset[str]:
    return frozenset(output for output, count in counts.items() if count)
