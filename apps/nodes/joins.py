"""Items of two or more inputs brought together: by fields, by position, all with all."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product, zip_longest
from math import prod
from typing import Literal

from pydantic import Field

from apps.engine.encoding import encode
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json
from apps.nodes.bounds import check_count
from apps.nodes.fields import Path, parse_path
from apps.nodes.params import ParamsModel
from apps.nodes.sameness import identity_of_fields

MAX_BYTES = 64 * 1024 * 1024
BRINGING = "Bringing the inputs together"

Clash = Literal["last", "first", "suffix"]
"""Which value stays where several items have a field; `suffix` numbers all fields by input."""


class Match(ParamsModel):
    """Two fields that must be equal, in the form of params."""

    left: str = Field(title="Field of input 1", min_length=1, max_length=500)
    right: str = Field(title="Field of input 2", min_length=1, max_length=500)

    def paths(self, dot_notation: bool) -> tuple[Path, Path]:
        return parse_path(self.left, dot_notation), parse_path(self.right, dot_notation)


@dataclass(frozen=True, slots=True)
class Matches:
    """What two inputs have in common: pairs of items, and those that found none."""

    pairs: list[tuple[Item, Item]] = field(default_factory=list)
    only_left: Items = field(default_factory=list)
    only_right: Items = field(default_factory=list)


def match_by_fields(
    left: Items,
    right: Items,
    paths: Sequence[tuple[Path, Path]],
    *,
    fuzzy: bool,
    first_only: bool,
) -> Matches:
    """Pair the items whose fields are equal; an item that lacks one of the fields has no pair."""
    places: dict[Hashable, list[int]] = {}
    right_paths = [path for _, path in paths]
    for place, item in enumerate(right):
        key = identity_of_fields(item.json, right_paths, fuzzy=fuzzy)
        if key is not None:
            places.setdefault(key, []).append(place)
    matches = Matches()
    taken: set[int] = set()
    left_paths = [path for path, _ in paths]
    for item in left:
        key = identity_of_fields(item.json, left_paths, fuzzy=fuzzy)
        found = places.get(key, []) if key is not None else []
        if not found:
            matches.only_left.append(item)
        chosen = found[:1] if first_only else found
        taken.update(chosen)
        for place in chosen:
            matches.pairs.append((item, right[place]))
        check_count(len(matches.pairs), BRINGING)
    matches.only_right.extend(item for place, item in enumerate(right) if place not in taken)
    return matches


def by_position(inputs: Sequence[Items], *, clash: Clash, deep: bool, unpaired: bool) -> Items:
    """The first item of each input as one item, the second of each, and so on."""
    rows = zip_longest(*inputs) if unpaired else zip(*inputs, strict=False)
    return combined_rows(rows, clash=clash, deep=deep)


def all_with_all(inputs: Sequence[Items], *, clash: Clash, deep: bool) -> Items:
    """Every item of each input with every item of the others."""
    check_count(prod(len(items) for items in inputs), BRINGING)
    return combined_rows(product(*inputs), clash=clash, deep=deep)


def combined_rows(rows: Iterable[Sequence[Item | None]], *, clash: Clash, deep: bool) -> Items:
    """One item of each row. Stops as soon as they are more than a step can give."""
    given: Items = []
    size = 0
    for row in rows:
        item = _combined(row, clash=clash, deep=deep)
        size += len(encode(item.json))
        if size > MAX_BYTES:
            raise NodeError(
                "output_too_large",
                f"{BRINGING} gives over {MAX_BYTES >> 20} MB.",
            )
        given.append(item)
    return given


def _combined(row: Sequence[Item | None], *, clash: Clash, deep: bool) -> Item:
    """One item of several, in the order of their inputs; it comes from all of them."""
    json: dict[str, Json] = {}
    binary: dict[str, Json] = {}
    present = [(place, item) for place, item in enumerate(row, 1) if item is not None]
    for place, item in reversed(present) if clash == "first" else present:
        fields = item.json
        if clash == "suffix":
            fields = {f"{name}_{place}": value for name, value in fields.items()}
        json = _merged(json, fields) if deep else {**json, **fields}
        binary |= item.binary or {}
    paired = tuple(pair for _, item in present for pair in item.paired or ())
    return Item(json, binary or None, paired)


def _merged(old: Json, new: Json) -> Json:
    """The new over the old, objects by their members and lists by their places."""
    if isinstance(old, dict) and isinstance(new, dict):
        members = {name: _merged(old.get(name), value) for name, value in new.items()}
        return {**old, **members}
    if isinstance(old, list) and isinstance(new, list):
        both = [_merged(each, over) for each, over in zip(old, new, strict=False)]
        return both + old[len(new) :] + new[len(old) :]
    return new
