"""A step made ready: calls the type's function as its `each` says, and keeps the lineage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.engine.items import Item, Items, Outputs, paired_items
from apps.engine.outcomes import Done, Outcome
from apps.engine.ports import Attempt, StepCall
from apps.nodes.context import ROUNDED, StepContext, services
from apps.nodes.params import ParamsModel

if TYPE_CHECKING:
    from apps.nodes.contract import NodeType


def paired_inputs(call: StepCall) -> dict[str, Items]:
    """Every input's items, paired with themselves."""
    return {
        name: paired_items(items, input=place)
        for place, (name, items) in enumerate(call.inputs.items())
    }


class PreparedStep:
    """The engine's `Prepared`: a step whose params are resolved, one for each of its first input's
    items (or one for all, where no template stands in them)."""

    def __init__(
        self, type: NodeType, call: StepCall, params: Sequence[ParamsModel], rounded: bool
    ) -> None:
        self._type = type
        self._call = call
        self._params = params
        self._rounded = rounded

    def run(self, attempt: Attempt) -> Outcome:
        if self._rounded:
            attempt.log("warn", ROUNDED)
        ctx = StepContext(self._call, attempt, services())
        try:
            return self._outcome(ctx)
        finally:
            ctx.close()

    def _outcome(self, ctx: StepContext) -> Outcome:
        type, call = self._type, self._call
        # A Loop pairs what it takes of its course; its whole input each time would be quadratic.
        inputs = dict(call.inputs) if call.batch else paired_inputs(call)
        if type.each == "step":
            given = type.function(inputs, self._params[0], ctx)
            return Done(given) if isinstance(given, dict) else given
        items = next(iter(inputs.values()), [])
        if type.each == "route":
            return Done(self._routed(items, ctx))
        output = type.outputs(call.node.params)[0]
        if type.each == "items":
            return Done({output: type.function(items, self._params_of_all(items), ctx)})
        return Done({output: self._each(items, ctx)})

    def _each(self, items: Items, ctx: StepContext) -> Items:
        function = self._type.function
        given: Items = []
        for place, (item, params) in enumerate(zip(items, self._params_of_all(items), strict=True)):
            ctx.start_item(place)
            made: Item = function(item, params, ctx)
            if made.paired is None:
                made = Item(made.json, made.binary, item.paired)
            given.append(made)
        return given

    def _routed(self, items: Items, ctx: StepContext) -> Outputs:
        outputs: Outputs = {name: [] for name in self._type.outputs(self._call.node.params)}
        wanted = self._type.function(items, self._params_of_all(items), ctx)
        for item, output in zip(items, wanted, strict=True):
            if output is not None:
                outputs[output].append(item)
        return outputs

    def _params_of_all(self, items: Items) -> Sequence[ParamsModel]:
        """One set of params an item: the same object for all where nothing had to be resolved."""
        if len(self._params) == len(items):
            return self._params
        return [self._params[0]] * len(items)
