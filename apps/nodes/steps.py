"""A step made ready: calls the type's function as its `each` says, and keeps the lineage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from apps.engine.errors import NodeError
from apps.engine.graph import ERROR_OUTPUT
from apps.engine.items import Item, Items, Outputs, paired_items
from apps.engine.outcomes import Done, Kind, Outcome
from apps.engine.ports import Attempt, StepCall
from apps.engine.retry import is_retried
from apps.nodes.bounds import check_count
from apps.nodes.context import StepContext, services
from apps.nodes.item_errors import of_item
from apps.nodes.params import ParamsModel

if TYPE_CHECKING:
    from apps.nodes.compiled import Remark
    from apps.nodes.contract import NodeType

ROUTED_AT_ONCE = 100


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
        remarks: Sequence[Remark],
    ) -> None:
        self._type = type
        self._call = call
        self._params = params
        self._remarks = remarks

    def run(self, attempt: Attempt) -> Outcome:
        for level, text in self._remarks:
            attempt.log(level, text)
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
            return self._routed(items, ctx)
        output = type.outputs(call.node.params)[0]
        if type.each == "items":
            made = type.function(items, self._params_of_all(items), ctx)
            return made if isinstance(made, Done) else Done({output: made})
        if type.each == "results":
            return self._results(items, output, ctx)
        return self._each(items, output, ctx)

    def _each(self, items: Items, output: str, ctx: StepContext) -> Done:
        """Work on item by item; those that fail go on with their error where the node says so."""
        is_effect = self._type.kind is Kind.EFFECT
        given = ItemResults(ctx, (output,), is_effect, self._is_done_once)
        for place, (item, params) in enumerate(zip(items, self._params_of_all(items), strict=True)):
            try:
                if isinstance(params, NodeError):
                    raise params
                of_item = ctx.for_item(place) if is_effect else ctx  # for the keys of requests
                made: Item | Items = self._type.function(item, params, of_item)
            except NodeError as error:
                given.fail(item, error)
            else:
                given.add(item, [made] if isinstance(made, Item) else made)
        return given.done()

    def _results(self, items: Items, output: str, ctx: StepContext) -> Done:
        """Work on all items whose params can be read, in one call, which is left where it stands
        when the first that fails is to stop the step."""
        is_effect = self._type.kind is Kind.EFFECT
        given = ItemResults(ctx, (output,), is_effect, self._is_done_once)
        read, read_params, errors = _read_apart(items, self._params_of_all(items))
        # What it opened and began must end before the step does, however that ends.
        with closing(self._type.function(read, read_params, ctx)) as results:
            for item, error in zip(items, errors, strict=True):
                result: Items | NodeError = error or next(results)
                if isinstance(result, NodeError):
                    given.fail(item, result)
                else:
                    given.add(item, result)
            assert next(results, None) is None  # a generator's own last words
        return given.done()

    def _routed(self, items: Items, ctx: StepContext) -> Done:
        """Say of some items at a time by which outputs they leave: what is read for them is not
        held for all."""
        given = ItemResults(ctx, self._type.outputs(self._call.node.params))
        params = self._params_of_all(items)
        for start in range(0, len(items), ROUTED_AT_ONCE):
            some = items[start : start + ROUTED_AT_ONCE]
            of_some = params[start : start + ROUTED_AT_ONCE]
            read, read_params, errors = _read_apart(some, of_some)
            ways = iter(self._type.function(read, read_params, ctx))
            for item, error in zip(some, errors, strict=True):
                way = error or next(ways)
                if isinstance(way, NodeError):
                    given.fail(item, way)
                else:
                    given.add(item, [item], [way] if isinstance(way, str) else way)
        return given.done()

    @property
    def _is_done_once(self) -> bool:
        """Whether what was done for an item must not be done again, as after a crash."""
        node = self._call.node
        policy = node.on_crash or self._type.crash_policy(node.params)
        return self._type.kind is Kind.EFFECT and policy != "run_again"

    def _params_of_all(self, items: Items) -> Sequence[ParamsModel | NodeError]:
        """One set of params an item: the same object for all where nothing had to be resolved."""
        if len(self._params) == len(items):
            return self._params
        return [self._params[0]] * len(items)


def _read_apart(
    items: Items, params: Sequence[ParamsModel | NodeError]
) -> tuple[Items, list[ParamsModel], list[NodeError | None]]:
    """The items whose params could be read, with those, and for each item why they could not."""
    read: Items = []
    of_read: list[ParamsModel] = []
    errors: list[NodeError | None] = []
    for item, each in zip(items, params, strict=True):
        if isinstance(each, NodeError):
            errors.append(each)
        else:
            read.append(item)
            of_read.append(each)
            errors.append(None)
    return read, of_read, errors


class ItemResults:
    """What comes of a step's items, one by one: made, or failed and passed on with the error.

    Where the node goes on, what failed leaves by the last of the outputs: it is not `true`.
    """

    def __init__(
        self,
        ctx: StepContext,
        outputs: Sequence[str],
        is_effect: bool = False,
        is_done_once: bool = False,
    ) -> None:
        self._ctx = ctx
        self._is_done_once = is_done_once
        self._is_effect = is_effect
        self._items = next(iter(ctx.call.inputs.values()), [])
        self._outputs: Outputs = {name: [] for name in outputs}
        self._failed_output = outputs[-1]
        self._first_error: NodeError | None = None
        self._failed_count = 0
        self._count = 0

    def add(self, item: Item, made: Items, outputs: Iterable[str] | None = None) -> None:
        """Take what was made of an item; what does not say where it came from came from that."""
        self._count += 1
        paired = [
            Item(each.json, each.binary, item.paired) if each.paired is None else each
            for each in made
        ]
        for name in (self._failed_output,) if outputs is None else outputs:
            given = self._outputs[name]
            given += paired
            if len(given) > self._count:
                check_count(len(given), "The step")

    def fail(self, item: Item, error: NodeError) -> None:
        """Pass the item on with its error. Raises it where the whole step is to stop, or is to be
        tried again, which it is not where that would do for earlier items again what is done once.
        """
        if self._will_retry(error) and self._is_done_once and self._count > self._failed_count:
            told = "Not tried again: items before this one were done, and would be done again."
            self._ctx.log("warn", told)
            error = NodeError(error.code, error.message, error.hint)
        if self._is_the_end(error):
            place = item.paired[0].item if item.paired else self._count
            self._tell_what_stays(place)
            raise of_item(error, place, len(self._items)) from error
        self._pass_on(item, error)

    def fail_together(self, items: Items, error: NodeError) -> None:
        """As `fail`, with an error that is of all the items and of none by itself."""
        if items and self._is_the_end(error):
            raise error
        for item in items:
            self._pass_on(item, error)

    def _is_the_end(self, error: NodeError) -> bool:
        return self._ctx.call.node.on_error == "stop" or self._will_retry(error)

    def _will_retry(self, error: NodeError) -> bool:
        call = self._ctx.call
        return bool(call.retries_left) and is_retried(call.node.retry, error)

    def _tell_what_stays(self, place: int) -> None:
        if self._is_effect and self._count:
            self._ctx.log(
                "warn",
                f"{self._count} of {len(self._items)} items were done before item {place} failed; "
                "they are not undone, and a retry of the run does them again.",
            )

    def _pass_on(self, item: Item, error: NodeError) -> None:
        node = self._ctx.call.node
        self._count += 1
        self._failed_count += 1
        self._first_error = self._first_error or error
        output = ERROR_OUTPUT if node.on_error == "route" else self._failed_output
        self._outputs.setdefault(output, []).append(item.with_error(error))

    def done(self) -> Done:
        """The step has failed if all its items have."""
        if self._first_error is None:
            return Done(self._outputs)
        if self._failed_count == self._count:
            return Done(self._outputs, self._first_error)
        first = self._first_error.message
        told = f"{self._failed_count} of {self._count} items failed. The first: {first}"
        self._ctx.log("warn", told)
        return Done(self._outputs)
