"""Items of two or more inputs brought together: by fields, by position, all with all."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product, zip_longest
from math import prod
from typing import Literal

from pydantic import Field

from apps.engine.encoding import encode
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json, paired_with_all
from apps.nodes.bounds import check_count
from apps.nodes.files import files_together
from apps.nodes.params import ParamsModel
from apps.nodes.values.comparing import identity_of_fields
from apps.nodes.values.fields import Path, parse_path

MAX_BYTES = 64 * 1024 * 1024
BRINGING = "Bringing the inputs together"

Clash = Literal["last", "first", "suffix"]
"""Which value stays where several items have a field; `suffix` numbers all fields by input.

Of files each stays: the one that would go gets a number."""


class Match(ParamsModel):
    """Two fields that must be equal, in the form of params."""

    left: str = Field(title="Field of input 1", min_length=1, max_length=500)
    right: str = Field(title="Field of input 2", min_length=1, max_length=500)

    def paths(self, dot_notation: bool) -> tuple[Path, Path]:
        return parse_path(self.left, dot_notation), parse_path(self.right, dot_notation)


@dataclass(frozen=True, slots=True)
class Combining:
    """How several items become one: whose fields stay, whether objects are merged by their members,
    and whether a value stays where the one that would replace it is empty."""

    clash: Clash = "last"
    deep: bool = True
    keep_filled: bool = False


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


def by_position(inputs: Sequence[Items], how: Combining, *, unpaired: bool) -> Items:
    """The first item of each input as one item, the second of each, and so on."""
    rows = zip_longest(*inputs) if unpaired else zip(*inputs, strict=False)
    return combined_rows(rows, how)


def all_with_all(inputs: Sequence[Items], how: Combining) -> Items:
    """Every item of each input with every item of the others."""
    check_count(prod(len(items) for items in inputs), BRINGING)
    return combined_rows(product(*inputs), how)


def combined_rows(rows: Iterable[Sequence[Item | None]], how: Combining) -> Items:
    """One item of each row. Stops as soon as they are more than a step can give."""
    given: Items = []
    size = 0
    for row in rows:
        item = _combined(row, how)
        size += len(encode(item.json))
        if size > MAX_BYTES:
            raise NodeError("output_too_large", f"{BRINGING} gives over {MAX_BYTES >> 20} MB.")
        given.append(item)
    return given


def _combined(row: Sequence[Item | None], how: Combining) -> Item:
    """One item of several, in the order of their inputs; it comes from all of them."""
    present = [(place, item) for place, item in enumerate(row, 1) if item is not None]
    parts = [(item.json, item.binary or {}) for _, item in present]
    if how.clash == "suffix":
        parts = [
            (_numbered(item.json, place), _numbered(item.binary or {}, place))
            for place, item in present
        ]
    elif how.clash == "first":
        parts.reverse()
    json: dict[str, Json] = {}
    for fields, _ in parts:
        json = _over(json, fields, how)
    # Whose fields stay has the first choice of names.
    binary = files_together(files for _, files in reversed(parts))
    return Item(json, binary, paired_with_all(item for _, item in present))


def _numbered(named: Mapping[str, Json], place: int) -> dict[str, Json]:
    return {f"{name}_{place}": value for name, value in named.items()}


def _over(old: dict[str, Json], new: dict[str, Json], how: Combining) -> dict[str, Json]:
    """The new fields over the old."""
    merged = {**old, **new}
    if how.deep or how.keep_filled:
        for name in old.keys() & new.keys():
            merged[name] = _value_over(old[name], new[name], how)
    return merged


def _value_over(old: Json, new: Json, how: Combining) -> Json:
    """The new value or the old; where that is wanted objects are merged by their members, lists by
    their places."""
    if how.keep_filled and (new is None or new == ""):
        return old
    if how.deep and isinstance(old, dict) and isinstance(new, dict):
        return _over(old, new, how)
    if how.deep and isinstance(old, list) and isinstance(new, list):
        both = [_value_over(each, over, how) for each, over in zip(old, new, strict=False)]
        return both + old[len(new) :] + new[len(old) :]
    return new
