"""The order `depth_first`: what n8n calls v1.

One step at a time, from a stack. Every edge whose output had items activates its target once more;
the targets of a step go on top of the stack, the top-most and then left-most on the canvas first,
so that its whole branch runs before the next sibling. Only a node with several inputs waits: until
each has items, or, once the stack is empty, with what it has. Any cycle is allowed.
"""

from collections.abc import Iterable, Sequence

from apps.engine.graph import LOOP_OUTPUT, Edge
from apps.engine.plan import RETURNED_INPUT, Plan
from apps.engine.scheduler import Activation, LoopCourse, Settled, Source, Sources

Slot = dict[str, Source]
"""What came for one future activation of a waiting node, by input."""


class DepthFirstScheduler:
    def __init__(self, plan: Plan, given: Iterable[Settled] = ()) -> None:
        self._plan = plan
        self._awaited = {id: _awaited(plan, id) for id in plan.nodes}
        self._iterations = dict.fromkeys(plan.nodes, 0)
        self._waiting: dict[str, list[Slot]] = {}
        """By node, in the order in which they began to wait."""
        self._stack: list[tuple[str, Sources]] = []
        self._stack.append((plan.start, self._take_given(given)))
        self._courses: dict[str, LoopCourse] = {}
        """Loops whose last batch is on its way through the body."""
        self._next: Activation | None = self._pop()

    def ready(self) -> Sequence[Activation]:
        given = [] if self._next is None else [self._next]
        self._next = None
        return given

    def settle(self, settled: Settled) -> Sequence[Activation]:
        counts = settled.output_counts
        if self._plan.is_loop(settled.node):
            self._keep_course(settled.node, counts.get(LOOP_OUTPUT, 0))
        taken = [
            edge for edge in self._plan.outgoing[settled.node] if counts.get(edge.source_output)
        ]
        # Bottom-most and right-most first, each on top of the one before. The sort is stable: of
        # edges to one place the later one runs first, as in n8n.
        for edge in sorted(taken, key=self._place, reverse=True):
            self._arrive(edge, Source(settled.node, settled.iteration, edge.source_output))
        self._next = self._pop()
        return ()

    def _take_given(self, given: Iterable[Settled]) -> Sources:
        """Let nodes with several inputs wait with what is given; gives what came to the start."""
        came: dict[str, tuple[Source, ...]] = {}
        for settled in given:
            for edge in self._plan.outgoing[settled.node]:
                if not settled.output_counts.get(edge.source_output):
                    continue
                source = Source(settled.node, settled.iteration, edge.source_output)
                if edge.target == self._plan.start:
                    came[edge.target_input] = (*came.get(edge.target_input, ()), source)
                elif len(self._awaited[edge.target]) > 1:
                    self._arrive(edge, source)
        return came

    def _place(self, edge: Edge) -> tuple[float, float]:
        x, y = self._plan.nodes[edge.target].position
        return (y, x)

    def _arrive(self, edge: Edge, source: Source) -> None:
        node, input = edge.target, edge.target_input
        awaited = self._awaited[node]
        if len(awaited) <= 1:
            self._stack.append((node, {input: (source,)}))
            return
        slots = self._waiting.setdefault(node, [])
        slot = next((slot for slot in slots if input not in slot), None)
        if slot is None:
            slot = {}
            slots.append(slot)
        slot[input] = source
        if len(slot) == len(awaited):
            self._activate_waiting(node, slots.index(slot))

    def _activate_waiting(self, node: str, place: int) -> None:
        slot = self._waiting[node].pop(place)
        if not self._waiting[node]:
            del self._waiting[node]
        inputs = self._awaited[node]
        self._stack.append((node, {name: (slot[name],) for name in inputs if name in slot}))

    def _pop(self) -> Activation | None:
        if not self._stack and self._waiting:
            self._activate_waiting(self._first_to_give_up(), 0)
        if not self._stack:
            return None
        node, sources = self._stack.pop()
        iteration = self._iterations[node]
        self._iterations[node] = iteration + 1
        if self._plan.is_loop(node):
            return self._activate_loop(node, iteration, sources)
        return Activation(node, iteration, sources)

    def _first_to_give_up(self) -> str:
        """The waiting node that runs with what it has: the first with none waiting above it.

        Where all stand in a cycle of waiting nodes, the first: nothing is left behind.
        """
        if len(self._waiting) == 1:
            return next(iter(self._waiting))
        free = (node for node in self._waiting if not self._awaits_another(node))
        return next(free, next(iter(self._waiting)))

    def _awaits_another(self, node: str) -> bool:
        """Whether another waiting node leads to this one."""
        seen = {node}
        above = [node]
        while above:
            for edge in self._plan.incoming[above.pop()]:
                if edge.source not in seen:
                    if edge.source in self._waiting:
                        return True
                    seen.add(edge.source)
                    above.append(edge.source)
        return False

    def _activate_loop(self, loop: str, iteration: int, sources: Sources) -> Activation:
        """A Loop that is under way takes what arrives as coming back; otherwise it begins."""
        arrived = tuple(source for each in sources.values() for source in each)
        course = self._courses.get(loop)
        if course is None:
            course = self._courses[loop] = LoopCourse(arrived, returned=[])
            return Activation(loop, iteration, sources, course)
        # One growing list: copying it for each batch would make long loops quadratic.
        returned = course.returned
        assert isinstance(returned, list)
        returned.extend(arrived)
        main = self._plan.inputs[loop][0]
        return Activation(loop, iteration, {main: course.given, RETURNED_INPUT: arrived}, course)

    def _keep_course(self, loop: str, batch: int) -> None:
        """Count a batch; a Loop that gave none is through, and begins afresh the next time."""
        course = self._courses.pop(loop)
        if batch:
            taken = course.taken + batch
            self._courses[loop] = LoopCourse(course.given, taken, course.returned)


def _awaited(plan: Plan, node: str) -> Sequence[str]:
    """The inputs that a node waits for: those up to the last that an edge leads to."""
    reached = {edge.target_input for edge in plan.incoming[node]}
    inputs = plan.inputs[node]
    last = max((place for place, name in enumerate(inputs) if name in reached), default=-1)
    return inputs[: last + 1]
