"""Manual: starts a run by hand or over the API."""

from pydantic import Field

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel
from apps.nodes.schemas.reading import ObjectSchema


class Params(ParamsModel):
    """What a run may be started with."""

    input_schema: ObjectSchema = Field(
        default_factory=dict,
        title="Input schema",
        description="A JSON Schema of what each item of the input must be: it makes the form that "
        "asks for the input. Empty: anything.",
        json_schema_extra={"x-widget": "json"},
    )


_ORDER = {
    "type": "object",
    "properties": {
        "customer": {"type": "string", "title": "Customer", "minLength": 1},
        "copies": {"type": "integer", "title": "Copies", "minimum": 1, "default": 1},
    },
    "required": ["customer"],
}


@node(
    type="manual",
    label="Manual",
    group="triggers",
    icon="play",
    keywords=("by hand", "button", "start"),
    place=4,
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    examples=[
        Example(takes=[{"name": "Ada"}], gives=[{"name": "Ada"}]),
        Example(
            title="Typed input",
            params={"input_schema": _ORDER},
            takes=[{"customer": "Ada", "copies": 1}],
            gives=[{"customer": "Ada", "copies": 1}],
        ),
    ],
)
def manual(item: Item, params: Params, ctx: StepContext) -> Item:
    """Starts a run by hand, from the canvas, the admin or the API.

    Each element of the run's `input` is an item; one object is one item; nothing is one empty item.
    With `input_schema` no run is made of what does not fit, and its defaults are filled in.
    """
    return item
