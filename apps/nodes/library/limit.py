"""Limit: passes on only so many items."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from apps.engine.items import Items, Outputs
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel


class Params(ParamsModel):
    max_items: int = Field(1, title="Items at most", ge=0)
    keep: Literal["first", "last"] = Field("first", title="Keep")


@node(
    type="limit",
    label="Limit",
    group="transformations",
    icon="list-end",
    keywords=("first", "take"),
    each="step",
    examples=[
        Example(
            title="The first two",
            params={"max_items": 2},
            takes=[{"n": 1}, {"n": 2}, {"n": 3}],
            gives=[{"n": 1}, {"n": 2}],
        ),
        Example(
            title="The last",
            params={"keep": "last"},
            takes=[{"n": 1}, {"n": 2}],
            gives=[{"n": 2}],
        ),
    ],
)
def limit(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Passes on the first or the last items, and drops the others."""
    items = inputs["main"]
    if params.keep == "first":
        return {"main": items[: params.max_items]}
    return {"main": items[max(0, len(items) - params.max_items) :]}
