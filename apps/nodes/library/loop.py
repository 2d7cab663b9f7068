"""Loop: gives its items in batches, and all that came back when none is left."""

from collections.abc import Mapping

from pydantic import Field

from apps.engine.items import Items, Outputs, paired_items
from apps.engine.outcomes import Kind, LoopBatch
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel


class Params(ParamsModel):
    batch_size: int = Field(1, title="Items a batch", ge=1, le=1_000_000)


@node(
    type="loop",
    label="Loop",
    group="flow",
    icon="repeat",
    keywords=("for each", "iterate", "split in batches"),
    kind=Kind.INNER,
    each="step",
    outputs=("loop", "done"),
    is_loop=True,
    examples=[
        Example(
            title="The first batch of three items",
            params={"batch_size": 2},
            takes=[{"n": 1}, {"n": 2}, {"n": 3}],
            gives={"loop": [{"n": 1}, {"n": 2}]},
        )
    ],
)
def loop(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Gives its items batch by batch to what hangs on `loop`; `done` goes on with all of them.

    The last node of what hangs on `loop` must lead back into this node: only then the next batch
    follows. When the last one came back, all that came back leaves together by `done`.
    """
    course = ctx.batch or LoopBatch(inputs["main"], position=0, collect=list)
    batch = course.items[course.position : course.position + params.batch_size]
    if batch:
        return {"loop": paired_items(batch, course.position)}
    return {"done": paired_items(course.collect(), input=1)}
