"""A step made ready: calls the type's function as its `each` says, and keeps the lineage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from apps.engine.errors import NodeError
from apps.engine.graph import ERROR_OUTPUT
from apps.engine.items import Item, Items, Outputs, paired_items
from apps.engine.outcomes import Done, Outcome
from apps.engine.ports import Attempt, StepCall
from apps.engine.retry import is_retried
from apps.nodes.bounds import check_count
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
    items (or one for all, where no template stands in them).

    Where the node goes on after errors, an item whose params cannot be read has the error instead.
    """

    def __init__(
        self,
        type: NodeType,
        call: StepCall,
        params: Sequence[ParamsModel | NodeError],
        rounded: bool,
    ) -> None:
        self._type = type
        self._call = call
        self._params = params
        self._rounded = rounded

    def run(self, attempt: Attempt) -> Outcome:
        if self._rounded:
            attempt.log("warn", ROUNDED)
        with closing(StepContext(self._call, attempt, services())) as ctx:
            return self._outcome(ctx)

    def resume(self, attempt: Attempt, function: Callable[..., Outcome]) -> Outcome:
        """Go on with a step that waited; `ctx.signal` is what arrived."""
        with closing(StepContext(self._call, attempt, services())) as ctx:
            return function(paired_inputs(self._call), self._params[0], ctx)

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
        if type.each == "results":
            return self._results(items, output, ctx)
        return self._each(items, output, ctx)

    def _each(self, items: Items, output: str, ctx: StepContext) -> Done:
        """Work on item by item; those that fail go on with their error where the node says so."""
        given = ItemResults(self._call)
        for place, (item, params) in enumerate(zip(items, self._params_of_all(items), strict=True)):
            try:
                if isinstance(params, NodeError):
                    raise params
                made: Item | Items = self._type.function(item, params, ctx.for_item(place))
            except NodeError as error:
                given.fail(item, error)
            else:
                given.add(item, [made] if isinstance(made, Item) else made)
        return given.done(output, ctx)

    def _results(self, items: Items, output: str, ctx: StepContext) -> Done:
        """Work on all items whose params can be read, in one call, which is left where it stands
        when the first that fails is to stop the step."""
        given = ItemResults(self._call)
        params = self._params_of_all(items)
        read = [(item, of_item) for item, of_item in zip(items, params, strict=True)
                if not isinstance(of_item, NodeError)]  # fmt: skip
        results: Iterator[Items | NodeError] = iter(
            self._type.function([item for item, _ in read], [of_item for _, of_item in read], ctx)
        )
        for item, of_item in zip(items, params, strict=True):
            result = of_item if isinstance(of_item, NodeError) else next(results)
            if isinstance(result, NodeError):
                given.fail(item, result)
            else:
                given.add(item, result)
        assert next(results, None) is None  # a generator's own last words
        return given.done(output, ctx)

    def _routed(self, items: Items, ctx: StepContext) -> Outputs:
        outputs: Outputs = {name: [] for name in self._type.outputs(self._call.node.params)}
        wanted = self._type.function(items, self._params_of_all(items), ctx)
        for item, output in zip(items, wanted, strict=True):
            if output is not None:
                outputs[output].append(item)
        return outputs

    def _params_of_all(self, items: Items) -> Sequence[ParamsModel | NodeError]:
        """One set of params an item: the same object for all where nothing had to be resolved."""
        if len(self._params) == len(items):
            return self._params
        return [self._params[0]] * len(items)


class ItemResults:
    """What comes of a step's items, one by one: made, or failed and passed on with the error."""

    def __init__(self, call: StepCall) -> None:
        self._call = call
        self._made: Items = []
        self._routed: Items = []
        self._first_error: NodeError | None = None
        self._failed_count = 0
        self._count = 0

    def add(self, item: Item, made: Items) -> None:
        """Take what was made of an item; what does not say where it came from came from that."""
        self._count += 1
        self._made += [
            Item(each.json, each.binary, item.paired) if each.paired is None else each
            for each in made
        ]
        if len(self._made) > self._count:
            check_count(len(self._made), "The step")

    def fail(self, item: Item, error: NodeError) -> None:
        """Pass the item on with its error. Raises it where the whole step is to stop, or is to be
        tried again."""
        node = self._call.node
        if node.on_error == "stop" or (self._call.retries_left and is_retried(node.retry, error)):
            raise error
        self._count += 1
        self._failed_count += 1
        self._first_error = self._first_error or error
        items = self._routed if node.on_error == "route" else self._made
        items.append(item.with_error(error))

    def done(self, output: str, ctx: StepContext) -> Done:
        """The step has failed if all its items have."""
        outputs = {output: self._made}
        if self._routed:
            outputs[ERROR_OUTPUT] = self._routed
        if self._first_error is None:
            return Done(outputs)
        if self._failed_count == self._count:
            return Done(outputs, self._first_error)
        first = self._first_error.message
        ctx.log("warn", f"{self._failed_count} of {self._count} items failed. The first: {first}")
        return Done(outputs)
