"""Aggregate: makes one item of all, with lists of what they held."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from apps.engine.items import Item, Items, Json, Outputs, paired_with_all
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.files import files_together
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.fields import get_field, included, parse_path, require_somewhere


class Gathered(ParamsModel):
    field: str = Field(title="Field", min_length=1, max_length=500)
    name: str = Field(
        "", title="Name of the list", description="By default the field's.", max_length=500
    )

    def output(self, dot_notation: bool) -> str:
        return self.name or str(parse_path(self.field, dot_notation)[-1])


class Params(ParamsModel):
    mode: Literal["fields", "items"] = Field(
        "fields", title="Gather", description="Single fields, or all that the items hold."
    )
    lists: list[Gathered] = Field(
        default_factory=list,
        title="Fields to gather",
        max_length=1_000,
        json_schema_extra=when(mode="fields"),
    )
    merge_lists: bool = Field(
        False, title="Make one list of lists", json_schema_extra=when(mode="fields")
    )
    keep_missing: bool = Field(
        False, title="Put null where there is no value", json_schema_extra=when(mode="fields")
    )
    name: str = Field(
        "data",
        title="Name of the list of items",
        min_length=1,
        max_length=500,
        json_schema_extra=when(mode="items"),
    )
    include: Literal["all", "selected", "except"] = Field(
        "all", title="Fields of the items", json_schema_extra=when(mode="items")
    )
    fields: list[str] = Field(
        default_factory=list,
        title="Which fields",
        max_length=1_000,
        json_schema_extra=when(mode="items", include=("selected", "except")),
    )
    dot_notation: bool = Field(True, title="Dots in names lead into objects")
    keep_binary: bool = Field(False, title="The item gets all files")
    allow_missing: bool = Field(
        False, title="Go on where no item has a field", json_schema_extra=when(mode="fields")
    )

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        names = [each.output(self.dot_notation) for each in self.lists]
        if self.mode == "fields" and not names:
            raise ValueError("lists: at least one field to gather is needed.")
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ValueError(f"lists[{place}].name: there is a list “{name[:80]}” already.")
        return self


@node(
    type="aggregate",
    label="Aggregate",
    group="transformations",
    icon="combine",
    keywords=("collect", "combine"),
    each="step",
    examples=[
        Example(
            title="Two fields",
            params={"lists": [{"field": "user.name"}, {"field": "id", "name": "ids"}]},
            takes=[{"id": 1, "user": {"name": "Ada"}}, {"id": 2}],
            gives=[{"name": ["Ada"], "ids": [1, 2]}],
        ),
        Example(
            title="All items in one",
            params={"mode": "items", "include": "except", "fields": ["secret"]},
            takes=[{"id": 1, "secret": "x"}, {"id": 2}],
            gives=[{"data": [{"id": 1}, {"id": 2}]}],
        ),
        Example(
            title="One list of lists",
            params={"lists": [{"field": "tags"}], "merge_lists": True},
            takes=[{"tags": ["a", "b"]}, {"tags": "c"}, {"tags": None}],
            gives=[{"tags": ["a", "b", "c"]}],
        ),
    ],
)
def aggregate(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Makes one item of all: with lists of some fields' values, or with a list of the items.

    Values that are not there or null are left out of the lists, unless they are to be kept. Where
    no item at all has a field, its name is likely mistyped, and the step fails. No items give no
    item.
    """
    items = inputs["main"]
    if not items:
        return {"main": []}
    if params.mode == "fields":
        if not params.allow_missing:
            for each in params.lists:
                require_somewhere(items, parse_path(each.field, params.dot_notation), each.field)
        json = {
            each.output(params.dot_notation): _values(items, each, params) for each in params.lists
        }
    else:
        paths = [parse_path(name, params.dot_notation) for name in params.fields]
        kept = [included(item.json, params.include, paths) for item in items]
        json = {params.name: kept if params.include == "all" else [each for each in kept if each]}
    binary = files_together(item.binary or {} for item in items) if params.keep_binary else None
    return {"main": [Item(json, binary, paired_with_all(items))]}


def _values(items: Items, gathered: Gathered, params: Params) -> list[Json]:
    path = parse_path(gathered.field, params.dot_notation)
    values: list[Json] = [get_field(item.json, path) for item in items]
    if params.merge_lists:
        values = [
            each for value in values for each in (value if isinstance(value, list) else [value])
        ]
    return values if params.keep_missing else [value for value in values if value is not None]
