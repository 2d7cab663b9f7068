"""No Operation: passes its items on."""

from apps.engine.items import Item
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import NoParams


@node(
    type="no_operation",
    label="No Operation",
    group="flow",
    icon="circle",
    each="item",
    examples=[Example(takes=[{"a": 1}, {"a": 2}], gives=[{"a": 1}, {"a": 2}])],
)
def no_operation(item: Item, params: NoParams, ctx: StepContext) -> Item:
    """Passes its items on unchanged: a place to join branches, or to try something out."""
    return item
