"""Filter: keeps the items for which its conditions hold."""

from collections.abc import Sequence

from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Items
from apps.nodes.conditions.typed import Conditions
from apps.nodes.conditions.verdicts import verdicts_of
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel


class Params(ParamsModel):
    conditions: Conditions = Field(title="Conditions", json_schema_extra={"x-widget": "conditions"})


@node(
    type="filter",
    label="Filter",
    group="flow",
    icon="filter",
    keywords=("where", "keep", "if"),
    each="route",
    outputs=("main", "discarded"),
    examples=[
        Example(
            title="Only large orders",
            params={
                "conditions": {
                    "conditions": [
                        {
                            "leftValue": "={{ $json.total }}",
                            "operator": {"type": "number", "operation": "gt"},
                            "rightValue": 100,
                        }
                    ]
                }
            },
            takes=[{"total": 99}, {"total": 101}],
            gives={"main": [{"total": 101}], "discarded": [{"total": 99}]},
        )
    ],
)
def filter(items: Items, params: Sequence[Params], ctx: StepContext) -> list[str | NodeError]:
    """Passes on the items for which its conditions hold.

    The others leave by `discarded`, where nothing needs to be connected.
    """
    return [
        verdict if isinstance(verdict, NodeError) else "main" if verdict else "discarded"
        for verdict in verdicts_of(items, [each.conditions for each in params], ctx)
    ]
