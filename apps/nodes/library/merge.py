"""Merge: brings the items of several inputs together."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from apps.engine.items import Item, Items, Json
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.joins import (
    Clash,
    Match,
    all_with_all,
    by_position,
    combined_rows,
    match_by_fields,
)
from apps.nodes.params import Literally, ParamsModel

MAX_INPUTS = 20


class Params(ParamsModel):
    mode: Literal["append", "combine", "choose_branch"] = Field("append", title="Mode")
    input_count: Annotated[int, Literally()] = Field(2, title="Inputs", ge=2, le=MAX_INPUTS)
    combine_by: Literal["fields", "position", "all"] = Field("fields", title="Combine by")
    fields: list[Match] = Field(
        default_factory=list, title="Fields that must be equal", max_length=50
    )
    join: Literal["keep_matches", "keep_non_matches", "keep_everything", "enrich_1", "enrich_2"] = (
        Field("keep_matches", title="Give")
    )
    multiple_matches: Literal["all", "first"] = Field("all", title="Several matches")
    fuzzy: bool = Field(False, title="Compare as text")
    include_unpaired: bool = Field(False, title="Keep items without a partner")
    clash: Clash | None = Field(
        None, title="Same field in both", description="By default what enriches stays, or the last."
    )
    deep: bool = Field(True, title="Merge objects by their members")
    dot_notation: bool = Field(True, title="Dots in names lead into objects")
    branch: int = Field(1, title="Input to pass on", ge=0, le=MAX_INPUTS)

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
    clash = params.clash or "last"
    if params.combine_by == "position":
        unpaired = params.include_unpaired
        return {"main": by_position(lists, clash=clash, deep=params.deep, unpaired=unpaired)}
    if params.combine_by == "all":
        return {"main": all_with_all(lists, clash=clash, deep=params.deep)}
    return {"main": _by_fields(lists[0], lists[1], params)}


def _by_fields(left: Items, right: Items, params: Params) -> Items:
    matches = match_by_fields(
        left,
        right,
        [each.paths(params.dot_notation) for each in params.fields],
        fuzzy=params.fuzzy,
        first_only=params.multiple_matches == "first",
    )
    clash = params.clash or ("first" if params.join == "enrich_2" else "last")
    pairs = combined_rows(matches.pairs, clash=clash, deep=params.deep)
    given = {
        "keep_matches": [pairs],
        "keep_non_matches": [matches.only_left, matches.only_right],
        "keep_everything": [pairs, matches.only_left, matches.only_right],
        "enrich_1": [pairs, matches.only_left],
        "enrich_2": [pairs, matches.only_right],
    }
    return [item for items in given[params.join] for item in items]
