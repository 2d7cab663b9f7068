"""Set Fields: gives items new fields, and says which of the old ones stay."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from apps.engine.items import Item, Json
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.field_types import FieldType, WrongTypeError, read_as, to_object
from apps.nodes.values.fields import Include, included, parse_path, with_field


class Assignment(ParamsModel):
    name: str = Field(title="Name", min_length=1, max_length=500)
    type: FieldType = Field("string", title="Type")
    lenient: bool = Field(False, title="Keep a value that is not of the type")
    value: Any = Field(None, title="Value")

    @field_validator("value")
    @classmethod
    def _of_its_type(cls, value: Json, info: ValidationInfo) -> Json:
        try:
            return read_as(value, info.data["type"]) if "type" in info.data else value
        except WrongTypeError:
            if info.data.get("lenient"):
                return value
            raise


def _object(value: Json) -> Json:
    return to_object(value) if isinstance(value, str) else value


class Params(ParamsModel):
    mode: Literal["assign", "json"] = Field("assign", title="Mode")
    assignments: list[Assignment] = Field(
        default_factory=list,
        title="Fields",
        max_length=1_000,
        json_schema_extra={"x-widget": "assignments"} | when(mode="assign"),
    )
    json_: Annotated[dict[str, Any], BeforeValidator(_object)] = Field(
        default_factory=dict,
        alias="json",
        title="JSON",
        json_schema_extra={"x-widget": "json"} | when(mode="json"),
    )
    include: Include = Field("all", title="Other fields")
    fields: list[str] = Field(
        default_factory=list,
        title="Which other fields",
        max_length=1_000,
        json_schema_extra=when(include=("selected", "except")),
    )
    dot_notation: bool = Field(True, title="Dots in names lead into objects")
    keep_binary: bool = Field(True, title="Keep the files")


@node(
    type="set_fields",
    label="Set Fields",
    group="transformations",
    icon="pencil",
    keywords=("edit fields", "set", "assign"),
    each="item",
    examples=[
        Example(
            title="A greeting beside the other fields",
            params={"assignments": [{"name": "greeting", "value": "=Hello {{ $json.name }}"}]},
            takes=[{"name": "Ada"}, {"name": "Grace"}],
            gives=[
                {"name": "Ada", "greeting": "Hello Ada"},
                {"name": "Grace", "greeting": "Hello Grace"},
            ],
        ),
        Example(
            title="A path, and only chosen fields",
            params={
                "assignments": [{"name": "order.total", "type": "number", "value": "12"}],
                "include": "selected",
                "fields": ["order.id"],
            },
            takes=[{"order": {"id": 7, "note": "x"}, "noise": True}],
            gives=[{"order": {"id": 7, "total": 12}}],
        ),
    ],
)
def set_fields(item: Item, params: Params, ctx: StepContext) -> Item:
    """Gives each item new fields, one by one or as JSON, and says which other fields stay."""
    dots = params.dot_notation
    kept = included(item.json, params.include, [parse_path(name, dots) for name in params.fields])
    if params.mode == "json":
        kept = {**kept, **params.json_}
    else:
        for assignment in params.assignments:
            kept = with_field(kept, parse_path(assignment.name, dots), assignment.value)
    return Item(kept, item.binary if params.keep_binary else None, item.paired)
