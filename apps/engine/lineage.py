"""Which item an item came from: `pairedItem` walked back through `sources`."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from apps.engine.ancestry import Ancestry, Place
from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Json, Paired
from apps.engine.journal import StepRow
from apps.engine.outputs import OutputStore
from apps.engine.plan import Plan
from apps.engine.ports import Previous
from apps.engine.recorder import Key
from apps.engine.scheduler import Activation, Source

LINEAGE_HINT = "Use .first(), .last() or .all() instead of .item."


class RunHistory:
    """`ports.History` seen from one activation."""

    def __init__(
        self,
        plan: Plan,
        activation: Activation,
        steps: Mapping[Key, StepRow],
        ended: Mapping[str, Sequence[int]],
        outputs: OutputStore,
        by_name: Mapping[str, Node],
    ) -> None:
        self._plan = plan
        self._activation = activation
        self._steps = steps
        self._ended = ended
        self._outputs = outputs
        self._by_name = by_name
        self._told: dict[Place, Mapping[str, Json]] = {}
        self._ancestries: dict[str, Ancestry] = {}

    def has(self, node: str) -> bool:
        return node in self._by_name

    def runs(self, node: str) -> int:
        return len(self._iterations(node))

    def begun(self, node: str) -> int:
        counted = range(len(self._steps) + 1)
        return bisect_left(counted, True, key=lambda number: (node, number) not in self._steps)

    def items(self, node: str, output: int | None, run: int) -> Sequence[Mapping[str, Json]] | None:
        ended = self._iterations(node)
        if not -len(ended) <= run < len(ended):
            return None
        id = self._by_name[node].id
        name = self._output_name(id, output)
        if name is None:
            return None
        return [item.as_json() for item in self._outputs.items(Source(id, ended[run], name))]

    def paired(self, node: str, index: int) -> Mapping[str, Json]:
        if not self._iterations(node):
            raise NodeError("expression_no_data", f"The node “{node}” has not run yet.")
        here = self._activation
        found = self._ancestry(node).of(here.node, here.sources, Paired(index))
        if len(found) == 1:
            return self._stored(*found[0])
        told = f"cannot be traced back to an item of “{node}”"
        if found:
            told = f"comes from several items of “{node}” (2 or more found)"
        message = f"Item {index} of this step {told}."
        raise NodeError("expression_no_lineage", message, hint=LINEAGE_HINT)

    def previous(self) -> Previous | None:
        sources = self._activation.sources
        for name in self._plan.inputs[self._activation.node]:
            for source in sources.get(name, ()):
                outputs = self._plan.outputs[source.node]
                return Previous(
                    node=self._plan.nodes[source.node].name,
                    # Behind those that it declares comes that of its errors.
                    output=outputs.index(source.output)
                    if source.output in outputs
                    else len(outputs),
                    run=source.iteration,
                )
        return None

    def params(self, node: str) -> Mapping[str, Json]:
        return self._by_name[node].params

    def context(self, node: str) -> Mapping[str, Json]:
        id = self._by_name[node].id
        ended = self._iterations(node)
        if not ended or not self._plan.is_loop(id):
            return {}
        last = self._steps[id, ended[-1]]
        return {
            "currentRunIndex": len(ended) - 1,
            "noItemsLeft": not last.output_counts.get("loop"),
        }

    def _ancestry(self, node: str) -> Ancestry:
        id = self._by_name[node].id
        if id not in self._ancestries:
            self._ancestries[id] = Ancestry(id, self._plan, self._steps, self._outputs)
        return self._ancestries[id]

    def _iterations(self, node: str) -> Sequence[int]:
        """The activations of a node that have ended, the latest last."""
        known = self._by_name.get(node)
        return self._ended.get(known.id, ()) if known else ()

    def _output_name(self, id: str, output: int | None) -> str | None:
        outputs = self._plan.outputs[id]
        if output is None:
            here = self._activation.node
            for edge in self._plan.outgoing[id]:
                if edge.target == here:
                    return edge.source_output
            output = 0
        return outputs[output] if 0 <= output < len(outputs) else None

    def _stored(self, source: Source, place: int) -> Mapping[str, Json]:
        """An item as it is stored: one object for all that come from it, so it is sent but once."""
        if (source, place) not in self._told:
            self._told[source, place] = self._outputs.items(source)[place].as_json()
        return self._told[source, place]
