"""Condition: sends each item one of two ways."""

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
    type="condition",
    label="Condition",
    group="flow",
    icon="git-branch",
    keywords=("if", "else", "branch"),
    each="route",
    outputs=("true", "false"),
    examples=[
        Example(
            title="By the kind of an event",
            params={
                "conditions": {
                    "combinator": "and",
                    "conditions": [
                        {
                            "leftValue": "={{ $json.kind }}",
                            "operator": {"type": "string", "operation": "equals"},
                            "rightValue": "order",
                        }
                    ],
                }
            },
            takes=[{"kind": "order"}, {"kind": "ping"}],
            gives={"true": [{"kind": "order"}], "false": [{"kind": "ping"}]},
        )
    ],
)
def condition(items: Items, params: Sequence[Params], ctx: StepContext) -> list[str | NodeError]:
    """Sends each item out by `true` or `false`, as its conditions say."""
    return [
        verdict if isinstance(verdict, NodeError) else "true" if verdict else "false"
        for verdict in verdicts_of(items, [each.conditions for each in params], ctx)
    ]
