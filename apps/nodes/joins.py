"""Items of two or more inputs brought together: by fields, by position, all with all."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product, zip_longest
from math import prod
from typing import Literal

from apps.engine.encoding import encode
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json
from apps.nodes.field_types import to_text
from apps.nodes.fields import Path, get_field, has_field

MAX_ITEMS = 250_000
MAX_BYTES = 64 * 1024 * 1024

Clash = Literal["last", "first", "suffix"]
"""Which value stays where several items have a field; `suffix` numbers all fields by input."""


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
    """Pair the items whose fields are equal; an item that lacks one of the fields has no pair.

    `fuzzy` compares as text: 1 is "1", and null is the empty text.
    """
    places: dict[str, list[int]] = {}
    for place, item in enumerate(right):
        key = _key(item, [path for _, path in paths], fuzzy)
        if key is not None:
            places.setdefault(key, []).append(place)
    matches = Matches()
    taken: set[int] = set()
    for item in left:
        key = _key(item, [path for path, _ in paths], fuzzy)
        found = places.get(key, []) if key is not None else []
        if not found:
            matches.only_left.append(item)
        taken.update(found)
        for place in found[:1] if first_only else found:
            matches.pairs.append((item, right[place]))
        _bound(len(matches.pairs))
    matches.only_right.extend(item for place, item in enumerate(right) if place not in taken)
    return matches


def _key(item: Item, paths: Iterable[Path], fuzzy: bool) -> str | None:
    values = []
    for path in paths:
        if not has_field(item.json, path):
            return None
        value = get_field(item.json, path)
        if fuzzy:
            value = to_text("" if value is None else value)
        elif isinstance(value, float) and value.is_integer():
            value = int(value)
        values.append(value)
    return json.dumps(values, sort_keys=True)


def by_position(inputs: Sequence[Items], *, clash: Clash, deep: bool, unpaired: bool) -> Items:
    """The first item of each input as one item, the second of each, and so on."""
    rows = zip_longest(*inputs) if unpaired else zip(*inputs, strict=False)
    return combined_rows(rows, clash=clash, deep=deep)


def all_with_all(inputs: Sequence[Items], *, clash: Clash, deep: bool) -> Items:
    """Every item of each input with every item of the others."""
    _bound(prod(len(items) for items in inputs))
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
                f"Bringing the inputs together gives over {MAX_BYTES >> 20} MB.",
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


def _bound(count: int) -> None:
    if count > MAX_ITEMS:
        raise NodeError(
            "too_many_items", f"Bringing the inputs together gives over {MAX_ITEMS:,} items."
        )
