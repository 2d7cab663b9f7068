"""Walks `pairedItem` back through `sources`: of which items of a node others came."""

from collections.abc import Iterator, Mapping, Sequence

from apps.engine.items import Paired
from apps.engine.journal import StepRow
from apps.engine.outputs import OutputStore
from apps.engine.plan import Plan
from apps.engine.recorder import Key
from apps.engine.scheduler import Source, Sources

MAX_STEPS_BACK = 100_000

Place = tuple[Source, int]
"""Where an item is: on which output, and at which place there."""


class Ancestry:
    """Of which items of one node others came: all ways back are walked, but none twice.

    Two are told at most: they are as bad as many. Nothing is told of what has more ways back than
    are walked.
    """

    def __init__(
        self, target: str, plan: Plan, steps: Mapping[Key, StepRow], outputs: OutputStore
    ) -> None:
        self._target = target
        self._plan = plan
        self._steps = steps
        self._outputs = outputs
        self._known: dict[Place, Sequence[Place]] = {}
        """Of what came of several: of the rest there may be as much as the run has items."""
        self._left = 0

    def of(self, node: str, sources: Sources, pair: Paired) -> Sequence[Place]:
        """The items of the target that an input item of an activation came from."""
        self._left = MAX_STEPS_BACK
        start = self._nearest(node, sources, pair)
        if start is None:
            return ()
        waiting = [start]
        while waiting:
            self._step_back(waiting)
        return self._told(start) or ()

    def _step_back(self, waiting: list[Place]) -> None:
        """Tell of the last, or put those behind it that must be told of before."""
        place = waiting[-1]
        if self._told(place) is not None:
            waiting.pop()
            return
        found: dict[Place, None] = {}
        earlier = []
        for before in self._parents(place):
            told = self._told(before)
            if told is None:
                earlier.append(before)
            else:
                found.update(dict.fromkeys(told))
            if len(found) > 1:
                break
        if self._left > 0 and earlier and len(found) < 2:
            waiting += earlier
        else:
            self._known[place] = tuple(found)[:2] if self._left > 0 else ()

    def _told(self, place: Place) -> Sequence[Place] | None:
        return (place,) if place[0].node == self._target else self._known.get(place)

    def _parents(self, place: Place) -> Iterator[Place]:
        source, index = place
        sources = self._steps[source.node, source.iteration].sources
        for pair in self._outputs.items(source)[index].paired or ():
            before = self._nearest(source.node, sources, pair)
            if before is not None:
                yield before

    def _nearest(self, node: str, sources: Sources, pair: Paired) -> Place | None:
        """The nearest item on the way back that is one of the target, or came of several."""
        while self._left > 0 and (place := self._origin(node, sources, pair)) is not None:
            self._left -= 1
            source, index = place
            paired = self._outputs.items(source)[index].paired or ()
            if source.node == self._target or len(paired) > 1:
                return place
            if not paired:
                return None
            node, sources = source.node, self._steps[source.node, source.iteration].sources
            [pair] = paired
        return None

    def _origin(self, node: str, sources: Sources, pair: Paired) -> Place | None:
        names = self._plan.inputs[node]
        if pair.input >= len(names):
            return None
        place = pair.item
        for source in sources.get(names[pair.input], ()):
            row = self._steps.get((source.node, source.iteration))
            if row is None:
                return None  # of a step that was taken over: its source is pinned here
            count = row.output_counts.get(source.output, 0)
            if place < count:
                return source, place
            place -= count
        return None
