"""No Operation: passes its items on."""

from pydantic import Field

from apps.engine.items import Item
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import LiteralText, ParamsModel


class Params(ParamsModel):
    stands_for: LiteralText = Field(
        "",
        title="Placeholder for",
        description="What is to come in its place. A warning tells of it until then.",
        examples=["Tell the customer"],
        max_length=300,
        json_schema_extra={"x-caption": "Placeholder for"},
    )


@node(
    type="no_operation",
    label="No Operation",
    group="flow",
    icon="circle",
    keywords=("noop", "nothing", "placeholder"),
    each="item",
    examples=[Example(takes=[{"a": 1}, {"a": 2}], gives=[{"a": 1}, {"a": 2}])],
)
def no_operation(item: Item, params: Params, ctx: StepContext) -> Item:
    """Passes its items on unchanged: a place to join branches, or to try something out.

    As a placeholder it says on the canvas what is to come in its place, as for a node of n8n that
    FlowForge has not.
    """
    return item
