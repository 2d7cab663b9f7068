"""Merge: brings the items of several inputs together."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from apps.engine.items import Item, Items, Json
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import Literally, ParamsModel, when
from apps.nodes.values.joins import (
    Clash,
    Combining,
    Match,
    Matches,
    all_with_all,
    by_position,
    combined_rows,
    match_by_fields,
)

MAX_INPUTS = 20


_BY_FIELDS = when(mode="combine", combine_by="fields")


class Params(ParamsModel):
    mode: Literal["append", "combine", "choose_branch"] = Field("append", title="Mode")
    input_count: Annotated[int, Literally()] = Field(2, title="Inputs", ge=2, le=MAX_INPUTS)
    combine_by: Literal["fields", "position", "all"] = Field(
        "fields", title="Combine by", json_schema_extra=when(mode="combine")
    )
    fields: list[Match] = Field(
        default_factory=list,
        title="Fields that must be equal",
        max_length=50,
        json_schema_extra=_BY_FIELDS,
    )
    join: Literal["keep_matches", "keep_non_matches", "keep_everything", "enrich_1", "enrich_2"] = (
        Field("keep_matches", title="Give", json_schema_extra=_BY_FIELDS)
    )
    data_from: Literal["both", "input_1", "input_2"] = Field(
        "both",
        title="Items of",
        description="Where only matches, or only others, are kept.",
        json_schema_extra=when(
            mode="combine", combine_by="fields", join=("keep_matches", "keep_non_matches")
        ),
    )
    multiple_matches: Literal["all", "first"] = Field(
        "all", title="Several matches", json_schema_extra=_BY_FIELDS
    )
    fuzzy: bool = Field(False, title="Compare as text", json_schema_extra=_BY_FIELDS)
    include_unpaired: bool = Field(
        False,
        title="Keep items without a partner",
        json_schema_extra=when(mode="combine", combine_by="position"),
    )
    clash: Clash | None = Field(
        None,
        title="Same field in both",
        description="By default what enriches stays, or the last.",
        json_schema_extra=when(mode="combine"),
    )
    keep_filled: bool = Field(
        False,
        title="Empty values replace none",
        description="Null and the empty text are empty.",
        json_schema_extra=when(mode="combine"),
    )
    deep: bool = Field(
        True, title="Merge objects by their members", json_schema_extra=when(mode="combine")
    )
    dot_notation: bool = Field(
        True, title="Dots in names lead into objects", json_schema_extra=_BY_FIELDS
    )
    branch: int = Field(
        1,
        title="Input to pass on",
        ge=0,
        le=MAX_INPUTS,
        json_schema_extra=when(mode="choose_branch"),
    )

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        if self.mode == "combine" and self.combine_by == "fields":
            if not self.fields:
                raise ValueError("fields: at least one field must be compared.")
            if self.input_count != 2:
                raise ValueError("input_count: only two inputs can be combined by fields.")
        if self.mode == "choose_branch" and self.branch > self.input_count:
            raise ValueError(f"branch: there are only {self.input_count} inputs.")
        return self


def _inputs(params: Mapping[str, Json]) -> tuple[str, ...]:
    count = params.get("input_count", 2)
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= MAX_INPUTS:
        count = 2
    return tuple(f"input_{number}" for number in range(1, count + 1))


@node(
    type="merge",
    label="Merge",
    group="flow",
    icon="merge",
    keywords=("join", "combine"),
    each="step",
    inputs=_inputs,
    examples=[
        Example(
            title="One list after the other",
            takes={"input_1": [{"a": 1}], "input_2": [{"b": 2}]},
            gives=[{"a": 1}, {"b": 2}],
        ),
        Example(
            title="Orders with their customers",
            params={
                "mode": "combine",
                "fields": [{"left": "customer", "right": "id"}],
                "join": "enrich_1",
            },
            takes={
                "input_1": [{"order": 1, "customer": 7}, {"order": 2, "customer": 9}],
                "input_2": [{"id": 7, "name": "Ada"}],
            },
            gives=[
                {"order": 1, "customer": 7, "id": 7, "name": "Ada"},
                {"order": 2, "customer": 9},
            ],
        ),
        Example(
            title="By position",
            params={"mode": "combine", "combine_by": "position"},
            takes={"input_1": [{"a": 1}, {"a": 2}], "input_2": [{"b": 1}]},
            gives=[{"a": 1, "b": 1}],
        ),
        Example(
            title="All with all",
            params={"mode": "combine", "combine_by": "all"},
            takes={"input_1": [{"a": 1}, {"a": 2}], "input_2": [{"b": 1}]},
            gives=[{"a": 1, "b": 1}, {"a": 2, "b": 1}],
        ),
        Example(
            title="Wait for both, pass on the second",
            params={"mode": "choose_branch", "branch": 2},
            takes={"input_1": [{"a": 1}], "input_2": [{"b": 2}]},
            gives=[{"b": 2}],
        ),
    ],
)
def merge(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> dict[str, Items]:
    """Brings the items of several inputs together.

    Appends them, combines them by equal fields, by position or all with all, or waits for all
    inputs and passes on one (`branch` 0: an empty item).
    """
    lists = list(inputs.values())
    if params.mode == "append":
        return {"main": [item for items in lists for item in items]}
    if params.mode == "choose_branch":
        return {"main": lists[params.branch - 1] if params.branch else [Item({}, None, ())]}
    how = Combining(params.clash or "last", params.deep, params.keep_filled)
    if params.combine_by == "position":
        return {"main": by_position(lists, how, unpaired=params.include_unpaired)}
    if params.combine_by == "all":
        return {"main": all_with_all(lists, how)}
    return {"main": _by_fields(lists[0], lists[1], params)}


def _by_fields(left: Items, right: Items, params: Params) -> Items:
    matches = match_by_fields(
        left,
        right,
        [each.paths(params.dot_notation) for each in params.fields],
        fuzzy=params.fuzzy,
        first_only=params.multiple_matches == "first",
    )
    only_left = matches.only_left if params.data_from != "input_2" else []
    only_right = matches.only_right if params.data_from != "input_1" else []
    if params.join == "keep_non_matches":
        return only_left + only_right
    pairs = _paired(matches, params)
    if params.join == "enrich_1":
        return pairs + matches.only_left
    if params.join == "enrich_2":
        return pairs + matches.only_right
    return (
        pairs if params.join == "keep_matches" else pairs + matches.only_left + matches.only_right
    )


def _paired(matches: Matches, params: Params) -> Items:
    """The items that match: both as one, or those of one input, each once."""
    if params.join == "keep_matches" and params.data_from != "both":
        side = 0 if params.data_from == "input_1" else 1
        return list({id(pair[side]): pair[side] for pair in matches.pairs}.values())
    clash = params.clash or ("first" if params.join == "enrich_2" else "last")
    how = Combining(clash, params.deep, params.keep_filled)
    return combined_rows(matches.pairs, how)
