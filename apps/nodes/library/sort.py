"""Sort: puts items in another order."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.items import Items, Outputs
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.comparing import order_key
from apps.nodes.values.fields import get_field, parse_path, require_somewhere

# On one line, so that the lines of the builder's code keep their numbers.
BEFORE = "const compare = (a, b) => {"
AFTER = "\n};\nreturn items.map((_, place) => place).sort((x, y) => compare(items[x], items[y]));"


class SortField(ParamsModel):
    field: str = Field(title="Field", min_length=1, max_length=500)
    direction: Literal["ascending", "descending"] = Field("ascending", title="Direction")


class Params(ParamsModel):
    by: Literal["fields", "code", "random"] = Field("fields", title="Sort by")
    fields: list[SortField] = Field(
        default_factory=list, title="Fields", max_length=50, json_schema_extra=when(by="fields")
    )
    dot_notation: bool = Field(
        True, title="Dots in names lead into objects", json_schema_extra=when(by="fields")
    )
    code: str = Field(
        "return 0;",
        title="Code",
        description="Compares the items `a` and `b`: a negative number puts `a` first.",
        max_length=200_000,
        json_schema_extra={"x-code": "javascript", "x-widget": "code"} | when(by="code"),
    )

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        if self.by == "fields" and not self.fields:
            raise ValueError("fields: at least one field to sort by is needed.")
        return self


@node(
    type="sort",
    label="Sort",
    group="transformations",
    icon="arrow-down-up",
    keywords=("order",),
    each="step",
    examples=[
        Example(
            title="By two fields; what has no value comes last",
            params={"fields": [{"field": "team"}, {"field": "score", "direction": "descending"}]},
            takes=[
                {"team": "b", "score": 1},
                {"team": "a", "score": 1},
                {"team": "a"},
                {"team": "A", "score": 2},
            ],
            gives=[
                {"team": "A", "score": 2},
                {"team": "a", "score": 1},
                {"team": "a"},
                {"team": "b", "score": 1},
            ],
        ),
        Example(
            title="By code",
            params={"by": "code", "code": "return a.json.name.length - b.json.name.length;"},
            takes=[{"name": "Grace"}, {"name": "Ada"}],
            gives=[{"name": "Ada"}, {"name": "Grace"}],
        ),
    ],
)
def sort(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Puts items in the order of their fields, of a comparison in JavaScript, or in none.

    Numbers come before booleans, those before text, whose case does not count. What has no value
    comes last, whatever the direction. Equal items keep their order. A random order is the same
    when the step is tried again.
    """
    items = inputs["main"]
    if params.by == "random":
        return {"main": ctx.random().sample(items, len(items))}
    return {
        "main": _by_code(items, params, ctx) if params.by == "code" else _by_fields(items, params)
    }


def _by_fields(items: Items, params: Params) -> Items:
    for each in reversed(params.fields):
        path = parse_path(each.field, params.dot_notation)
        require_somewhere(items, path, each.field)
        keyed = [(get_field(item.json, path), item) for item in items]
        with_value = [
            (order_key(value, fold_case=True), item) for value, item in keyed if value is not None
        ]
        with_value.sort(key=lambda pair: pair[0], reverse=each.direction == "descending")
        items = [item for _, item in with_value]
        items += [item for value, item in keyed if value is None]
    return items


def _by_code(items: Items, params: Params, ctx: StepContext) -> Items:
    if not items:
        return []
    places = ctx.run_code(f"{BEFORE}{params.code}{AFTER}", items, "all")
    is_order = isinstance(places, list) and all(type(place) is int for place in places)
    if not is_order or sorted(places) != list(range(len(items))):
        raise NodeError("no_order", "The code must compare `a` with `b` and return a number.")
    return [items[place] for place in places]
