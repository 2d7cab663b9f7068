"""Called by a Workflow: starts a run when another workflow runs this one."""

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import NoParams


@node(
    type="called",
    label="Called by a Workflow",
    group="triggers",
    icon="log-in",
    keywords=("subworkflow",),
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    examples=[Example(takes=[{"order": 7}], gives=[{"order": 7}])],
)
def called(item: Item, params: NoParams, ctx: StepContext) -> Item:
    """Starts a run when a “Run Workflow” node of another workflow asks for it.

    Gives the items that the other workflow passes on.
    """
    return item
