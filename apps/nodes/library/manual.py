"""Manual: starts a run by hand or over the API."""

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import NoParams


@node(
    type="manual",
    label="Manual",
    group="triggers",
    icon="play",
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    examples=[Example(takes=[{"name": "Ada"}], gives=[{"name": "Ada"}])],
)
def manual(item: Item, params: NoParams, ctx: StepContext) -> Item:
    """Starts a run by hand, from the canvas, the admin or the API.

    Each element of the run's `input` is an item; one object is one item; nothing is one empty item.
    """
    return item
