"""Summarize: counts, adds up and gathers over groups of items."""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field, model_validator

from apps.engine.items import Item, Items, Json, Outputs, paired_with_all
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.comparing import identity
from apps.nodes.values.field_types import to_text
from apps.nodes.values.fields import Path, get_field, parse_path, require_somewhere
from apps.nodes.values.summaries import AGGREGATIONS, Aggregation

_MARKS = re.compile(r"[\[\]\"']")
_GAPS = re.compile(r"[ .]")


class Summary(ParamsModel):
    aggregation: Aggregation = Field("count", title="Aggregation")
    field: str = Field(title="Field", min_length=1, max_length=500)
    separator: str = Field(
        ", ",
        title="Separator",
        description="Between concatenated values.",
        max_length=500,
        json_schema_extra=when(aggregation="concatenate"),
    )
    include_empty: bool = Field(
        False,
        title="Count what is empty",
        description="Values that are null, missing or no text.",
        json_schema_extra=when(aggregation=("append", "concatenate", "count", "count_unique")),
    )

    @property
    def result(self) -> str:
        return f"{AGGREGATIONS[self.aggregation][0]}_{_label(self.field)}"


class Params(ParamsModel):
    summaries: list[Summary] = Field(title="Summarize", min_length=1, max_length=100)
    group_by: list[str] = Field(default_factory=list, title="Group by", max_length=20)
    output: Literal["items", "nested"] = Field(
        "items", title="Give", description="An item for each group, or one with all groups in it."
    )
    skip_without_group: bool = Field(False, title="Ignore items without a group")
    allow_missing: bool = Field(False, title="Go on where no item has a field")
    dot_notation: bool = Field(True, title="Dots in names lead into objects")

    @model_validator(mode="after")
    def _named_apart(self) -> "Params":
        grouped = self.group_by if self.output == "items" else []
        results: list[tuple[str, str, object]] = [
            (f"group_by[{place}]", _label(name), name) for place, name in enumerate(grouped)
        ]
        results += [
            (f"summaries[{place}].field", each.result, each)
            for place, each in enumerate(self.summaries)
        ]
        named: dict[str, object] = {}
        for path, name, source in results:
            if named.setdefault(name, source) != source:
                raise ValueError(f"{path}: there is a result “{name[:80]}” already.")
        return self


@node(
    type="summarize",
    label="Summarize",
    group="transformations",
    icon="sigma",
    keywords=("group by", "sum", "count", "pivot"),
    each="step",
    examples=[
        Example(
            title="Sales by country",
            params={
                "summaries": [
                    {"aggregation": "sum", "field": "total"},
                    {"aggregation": "count_unique", "field": "customer"},
                ],
                "group_by": ["country"],
            },
            takes=[
                {"country": "LV", "total": 5, "customer": 1},
                {"country": "EE", "total": 1, "customer": 2},
                {"country": "LV", "total": 2.5, "customer": 1},
            ],
            gives=[
                {"country": "LV", "sum_total": 7.5, "unique_count_customer": 1},
                {"country": "EE", "sum_total": 1, "unique_count_customer": 1},
            ],
        ),
        Example(
            title="One item with all groups in it",
            params={
                "summaries": [{"aggregation": "concatenate", "field": "name", "separator": " & "}],
                "group_by": ["team", "role"],
                "output": "nested",
            },
            takes=[
                {"team": "a", "role": "dev", "name": "Ada"},
                {"team": "a", "role": "dev", "name": "Grace"},
                {"team": "b", "role": "ops", "name": "Joan"},
            ],
            gives=[
                {
                    "a": {"dev": {"concatenated_name": "Ada & Grace"}},
                    "b": {"ops": {"concatenated_name": "Joan"}},
                }
            ],
        ),
    ],
)
def summarize(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Counts, adds up and gathers the values of fields, over all items or group by group.

    The results are named for what they are: `sum_total`, `average_total`, `min_total`,
    `max_total`, `count_id`, `unique_count_id`, `appended_id`, `concatenated_name`. Sums and
    averages are of numbers, also where they are text, and pass over everything else.
    """
    items = inputs["main"]
    paths = [parse_path(name, params.dot_notation) for name in params.group_by]
    if not params.allow_missing:
        for name in (*(each.field for each in params.summaries), *params.group_by):
            require_somewhere(items, parse_path(name, params.dot_notation), name)
    if params.skip_without_group:
        items = [item for item in items if all(_has_group(item, path) for path in paths)]
    if not items:
        return {"main": []}
    if params.output == "nested":
        return {"main": [Item(_nested(items, paths, params), None, paired_with_all(items))]}
    names = [_label(name) for name in params.group_by]
    return {
        "main": [
            Item(
                {**dict(zip(names, values, strict=True)), **_summed(members, params)},
                None,
                paired_with_all(members),
            )
            for values, members in _groups(items, paths)
        ]
    }


def _has_group(item: Item, path: Path) -> bool:
    return get_field(item.json, path) not in (None, "")


def _parted(
    items: Items, path: Path, key: Callable[[Json], Hashable] = identity
) -> list[tuple[Json, Items]]:
    """The items by the value of a field, in the order in which the values come."""
    parts: dict[Hashable, tuple[Json, Items]] = {}
    for item in items:
        value = get_field(item.json, path)
        parts.setdefault(key(value), (value, []))[1].append(item)
    return list(parts.values())


def _groups(items: Items, paths: Sequence[Path]) -> Iterator[tuple[list[Json], Items]]:
    if not paths:
        yield [], items
        return
    for value, part in _parted(items, paths[0]):
        for values, members in _groups(part, paths[1:]):
            yield [value, *values], members


def _nested(items: Items, paths: Sequence[Path], params: Params) -> dict[str, Json]:
    if not paths:
        return _summed(items, params)
    return {
        _name(value): _nested(part, paths[1:], params)
        for value, part in _parted(items, paths[0], _name)
    }


def _name(value: Json) -> str:
    return "null" if value is None else to_text(value)


def _summed(items: Items, params: Params) -> dict[str, Json]:
    summed: dict[str, Json] = {}
    for each in params.summaries:
        path = parse_path(each.field, params.dot_notation)
        values = [get_field(item.json, path) for item in items]
        if not each.include_empty:
            values = [value for value in values if value is not None and value != ""]
        summed[each.result] = AGGREGATIONS[each.aggregation][1](values, each.separator)
    return summed


def _label(field: str) -> str:
    """A field's name as it stands in the name of a result: `order.total` is `order_total`."""
    return _GAPS.sub("_", _MARKS.sub("", field))
