"""Items worked on in batches: so many at once, with a rest between, as other services ask for."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Annotated, TypeVar

from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items
from apps.nodes.context import StepContext
from apps.nodes.params import Literally, ParamsModel

MAX_IN_FLIGHT = 10


class Batching(ParamsModel):
    size: Annotated[int, Literally()] = Field(1, title="Items a batch", ge=1, le=1_000)
    interval_s: Annotated[float, Literally()] = Field(
        0, title="Seconds between batches", ge=0, le=3_600, allow_inf_nan=False
    )


P = TypeVar("P", bound=ParamsModel)


def in_batches(
    items: Items,
    params: Sequence[P],
    batching: Batching,
    ctx: StepContext,
    work: Callable[[Item, P, StepContext], Items],
) -> Iterator[Items | NodeError]:
    """Say for each item what came of it, in order; at most ten are in flight at once.

    When nobody asks for more, the batch that has begun is not gone on with.
    """
    with ExitStack() as stack:
        pool: ThreadPoolExecutor | None = None
        if min(batching.size, len(items)) > 1:
            pool = ThreadPoolExecutor(min(batching.size, len(items), MAX_IN_FLIGHT), "batch")
            stack.callback(pool.shutdown, cancel_futures=True)
        for start in range(0, len(items), batching.size):
            if start and batching.interval_s:
                ctx.pause(batching.interval_s)
            places = range(start, min(start + batching.size, len(items)))

            def tried(place: int) -> Items | NodeError:
                try:
                    return work(items[place], params[place], ctx.for_item(place))
                except NodeError as error:
                    return error

            yield from pool.map(tried, places) if pool else map(tried, places)
