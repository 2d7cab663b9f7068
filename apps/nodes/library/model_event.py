"""Model Event: starts a run when a row of a registered Django model was saved or deleted."""

from typing import Literal

from pydantic import Field

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel

_LABEL = r"^[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*$"


def _all_events() -> list[Literal["created", "updated", "deleted"]]:
    return ["created", "updated", "deleted"]


class Params(ParamsModel):
    model: str = Field(
        title="Model",
        pattern=_LABEL,
        max_length=200,
        examples=["shop.Order"],
        description="App and name of a model that the operator registered.",
    )
    events: list[Literal["created", "updated", "deleted"]] = Field(
        default_factory=_all_events,
        title="When a row is",
        min_length=1,
    )


ORDER = {
    "model": "shop.Order",
    "event": "created",
    "pk": 7,
    "fields": {"number": "A-7", "total": "12.50", "placed_at": "2026-03-02T06:00:00.120Z"},
}


@node(
    type="model_event",
    label="Model Event",
    group="triggers",
    icon="table-2",
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    examples=[
        Example(
            title="Orders that are new",
            params={"model": "shop.Order", "events": ["created"]},
            takes=[ORDER],
            gives=[ORDER],
        )
    ],
)
def model_event(item: Item, params: Params, ctx: StepContext) -> Item:
    """Starts a run when a row of a Django model was saved or deleted.

    The operator registers models, and which of their fields runs are given. The run is made in the
    transaction of the row: it is there exactly if the change is. A row that changes several times
    in one transaction starts one run, with what it is at the end, or was before it was deleted.
    """
    return item
