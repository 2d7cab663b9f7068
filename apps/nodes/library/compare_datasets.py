"""Compare Datasets: says which items two inputs have in common, and what differs."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from apps.engine.items import Item, Items, Json, Outputs, paired_with_all
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.comparing import identity
from apps.nodes.values.fields import (
    Path,
    get_field,
    has_field,
    parse_path,
    picked,
    with_field,
    without_field,
)
from apps.nodes.values.joins import Match, match_by_fields


class Params(ParamsModel):
    match: list[Match] = Field(
        title="Fields that tell which items match", min_length=1, max_length=50
    )
    give: Literal["both", "prefer_1", "prefer_2", "mix"] = Field(
        "both", title="Where items differ, give"
    )
    mix_base: Literal["input_1", "input_2"] = Field(
        "input_1", title="Mix: take from", json_schema_extra=when(give="mix")
    )
    mix_except: list[str] = Field(
        default_factory=list,
        title="Mix: but these from the other",
        max_length=1_000,
        json_schema_extra=when(give="mix"),
    )
    skip: list[str] = Field(default_factory=list, title="Fields not to compare", max_length=1_000)
    multiple_matches: Literal["first", "all"] = Field("first", title="Several matches")
    fuzzy: bool = Field(False, title="Compare as text")
    dot_notation: bool = Field(True, title="Dots in names lead into objects")

    def paths(self, names: Sequence[str]) -> list[Path]:
        return [parse_path(name, self.dot_notation) for name in names]


@node(
    type="compare_datasets",
    label="Compare Datasets",
    group="transformations",
    icon="diff",
    keywords=("difference",),
    each="step",
    inputs=("input_1", "input_2"),
    outputs=("only_1", "same", "different", "only_2"),
    examples=[
        Example(
            title="What changed in a price list",
            params={"match": [{"left": "sku", "right": "sku"}]},
            takes={
                "input_1": [{"sku": 1, "price": 5}, {"sku": 2, "price": 5}, {"sku": 3, "price": 5}],
                "input_2": [{"sku": 2, "price": 5}, {"sku": 3, "price": 6}, {"sku": 4, "price": 5}],
            },
            gives={
                "only_1": [{"sku": 1, "price": 5}],
                "same": [{"sku": 2, "price": 5}],
                "different": [
                    {
                        "keys": {"sku": 3},
                        "same": {"sku": 3},
                        "different": {"price": {"inputA": 5, "inputB": 6}},
                    }
                ],
                "only_2": [{"sku": 4, "price": 5}],
            },
        ),
        Example(
            title="A mix: the newer, but the old note",
            params={
                "match": [{"left": "id", "right": "key"}],
                "skip": ["key"],
                "give": "mix",
                "mix_base": "input_2",
                "mix_except": ["note"],
            },
            takes={
                "input_1": [{"id": 1, "price": 5, "note": "old"}],
                "input_2": [{"key": 1, "price": 6, "note": "new"}],
            },
            gives={"different": [{"key": 1, "price": 6, "note": "old"}]},
        ),
    ],
)
def compare_datasets(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Says which items two inputs have in common, and what differs in those.

    Items match if the chosen fields are equal. Matching items that are equal in all other fields
    too leave by `same`, as they are in input 1; the others leave by `different`, with the values
    of both inputs (`inputA`, `inputB`) or those of one. An item without the chosen fields matches
    none.
    """
    matches = match_by_fields(
        inputs["input_1"],
        inputs["input_2"],
        [each.paths(params.dot_notation) for each in params.match],
        fuzzy=params.fuzzy,
        first_only=params.multiple_matches == "first",
    )
    outputs: Outputs = {
        "only_1": matches.only_left,
        "same": [],
        "different": [],
        "only_2": matches.only_right,
    }
    skipped = params.paths(params.skip)
    for left, right in matches.pairs:
        compared = Compared(left, right, skipped, params.fuzzy)
        paired = paired_with_all((left, right))
        if not compared.different:
            outputs["same"].append(Item(left.json, left.binary, paired))
        else:
            json = _given(compared, params)
            binary = right.binary if _prefers_right(params) else left.binary
            outputs["different"].append(Item(json, binary, paired))
    return outputs


class Compared:
    """Two items field by field, those apart that are not to be compared."""

    def __init__(self, left: Item, right: Item, skipped: Sequence[Path], fuzzy: bool) -> None:
        self.left, self.right = left.json, right.json
        self.skipped = picked(left.json, skipped), picked(right.json, skipped)
        old, new = left.json, right.json
        for path in skipped:
            old, new = without_field(old, path), without_field(new, path)
        self.same: dict[str, Json] = {}
        self.different: dict[str, Json] = {}
        for name in {**old, **new}:
            if _is_same(old, new, name, fuzzy):
                self.same[name] = old.get(name)
            else:
                self.different[name] = _both(old, new, name)


def _is_same(old: dict[str, Json], new: dict[str, Json], name: str, fuzzy: bool) -> bool:
    if not fuzzy and (name in old) != (name in new):
        return False
    return identity(old.get(name), fuzzy=fuzzy) == identity(new.get(name), fuzzy=fuzzy)


def _both(old: dict[str, Json], new: dict[str, Json], name: str) -> dict[str, Json]:
    return {"inputA": old.get(name), "inputB": new.get(name)}


def _prefers_right(params: Params) -> bool:
    return params.give == "prefer_2" or (params.give == "mix" and params.mix_base == "input_2")


def _given(compared: Compared, params: Params) -> dict[str, Json]:
    if params.give == "both":
        return _report(compared, params)
    base, other = compared.left, compared.right
    if _prefers_right(params):
        base, other = other, base
    for path in params.paths(params.mix_except) if params.give == "mix" else ():
        if has_field(other, path):
            base = with_field(base, path, get_field(other, path))
        else:
            base = without_field(base, path)
    return base


def _report(compared: Compared, params: Params) -> dict[str, Json]:
    keys = {
        each.left: get_field(compared.left, each.paths(params.dot_notation)[0])
        for each in params.match
    }
    report = {"keys": keys, "same": compared.same, "different": compared.different}
    old, new = compared.skipped
    if old or new:
        report["skipped"] = {name: _both(old, new, name) for name in {**old, **new}}
    return report
