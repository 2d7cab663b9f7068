"""When two values count as the same, and which of them comes first."""

from collections.abc import Hashable, Iterable
from typing import Any

from apps.engine.encoding import encode
from apps.engine.items import Json
from apps.nodes.values.field_types import to_text
from apps.nodes.values.fields import Path, get_field, has_field

EXACT = 2**53
"""Numbers beyond are compared by their digits: Python hashes them so that many can collide."""


def identity(value: Json, *, fuzzy: bool = False) -> Hashable:
    """Something equal for values that are the same: 1 and 1.0 are, 1, "1" and true are not.

    The order of an object's members does not count. `fuzzy` compares as text: 1 is "1", and null,
    an empty list and an empty object are the empty text.
    """
    if fuzzy:
        return "" if value is None or value == [] or value == {} else to_text(_tidy(value))
    kind: type = type(value)
    if kind is str or value is None:
        return value  # type: ignore[no-any-return]  # text or null
    if kind is int or kind is float:
        return value if -EXACT < value < EXACT else ("number", str(int(value)))
    if kind is list:
        return ("list", *map(identity, value))
    if kind is dict:
        return ("object", frozenset((name, identity(each)) for name, each in value.items()))
    return (kind, value)


def key_text(json: dict[str, Json], *, fuzzy: bool = False) -> str:
    """A text that is the same for objects that are the same, also in another process."""
    if fuzzy:
        json = {name: identity(value, fuzzy=True) for name, value in json.items()}
    return encode(_tidy(json)).decode()


def identity_of_fields(json: Json, paths: Iterable[Path], *, fuzzy: bool) -> Hashable | None:
    """The identity of some of an item's fields; None if it lacks one of them."""
    values = []
    for path in paths:
        value = get_field(json, path)
        if value is None and not has_field(json, path):
            return None
        values.append(identity(value, fuzzy=fuzzy))
    return tuple(values)


def _tidy(value: Json) -> Json:
    """The value as it is written in one way only: whole numbers as such, members in one order."""
    if isinstance(value, dict):
        return {name: _tidy(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_tidy(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def order_key(value: Json, *, fold_case: bool = False) -> tuple[int, Any]:
    """A key to sort values by, as long as they are not null: numbers, booleans, text, then the
    rest, so that any two compare."""
    if isinstance(value, bool):
        return 1, value
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, str):
        return 2, value.lower() if fold_case else value
    return 3, to_text(value)
