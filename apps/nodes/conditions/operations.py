"""The operations of conditions, by the type of the left side: what each means, when it holds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.engine.items import Json
from apps.engine.suggest import did_you_mean

Holds = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked of the left side, and whether a right side has a say in it."""

    meaning: str
    holds: Holds
    takes_right: bool = True


def operation_named(type: str, name: str) -> Operation:
    """Raises ValueError where the type has none of this name, with those that it has."""
    known = OPERATIONS[type]
    if name in known:
        return known[name]
    # Other tools' names are like our meanings: greaterThan, isNotEqual.
    words = " ".join(re.findall("[A-Z]?[a-z]+", name[:80])).lower()
    meant = {each.meaning.removeprefix("is "): key for key, each in known.items()}
    near = did_you_mean(words, meant) or did_you_mean(name, known)
    for meaning, key in meant.items():
        near = near.replace(f"“{meaning}”", f"“{key}”")
    told = f"There is no operation “{name[:80]}” for {type}, but {', '.join(known)}."
    raise ValueError(f"{told}{near}")


def _same(left: Any, right: Any) -> bool:
    """JavaScript's `===` for values of JSON: true is not 1, two objects are never the same."""
    if isinstance(left, bool) != isinstance(right, bool) or isinstance(left, list | dict):
        return False
    return bool(left == right)


def _includes(values: list[Json] | None, wanted: Json) -> bool:
    return any(_same(value, wanted) for value in values or ())


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """An order between two values: without both of them nothing holds."""
    return lambda left, right: left is not None and right is not None and compare(left, right)


def _text(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    """A comparison of texts: null is the empty text."""
    return lambda left, right: compare(left or "", right or "")


def _length(compare: Callable[[int, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: right is not None and compare(len(left or ()), right)


def _one(meaning: str, holds: Callable[[Any], bool]) -> Operation:
    """An operation of the left side alone."""
    return Operation(meaning, lambda left, _: holds(left), takes_right=False)


def _answered_by_the_matcher(left: Any, right: Any) -> bool:
    raise AssertionError("regular expressions are matched together, in the sandbox")


_THERE = {
    "exists": _one("exists: is not null", lambda left: left is not None),
    "notExists": _one("does not exist: is null", lambda left: left is None),
}
_ABSENT = {
    "empty": _one("is null", lambda left: left is None),
    "notEmpty": _one("is there", lambda left: left is not None),
}
_HOLLOW = {
    "empty": _one("is null or empty", lambda left: not left),
    "notEmpty": _one("is there and not empty", bool),
}
_EQUAL = {
    "equals": Operation("is equal to", _same),
    "notEquals": Operation("is not equal to", lambda left, right: not _same(left, right)),
}
OPERATIONS: dict[str, dict[str, Operation]] = {
    "string": {
        **_THERE,
        **_HOLLOW,
        "equals": Operation("is equal to", _text(lambda left, right: left == right)),
        "notEquals": Operation("is not equal to", _text(lambda left, right: left != right)),
        "contains": Operation("contains", _text(lambda left, right: right in left)),
        "notContains": Operation("does not contain", _text(lambda left, right: right not in left)),
        "startsWith": Operation("starts with", _text(lambda left, right: left.startswith(right))),
        "notStartsWith": Operation(
            "does not start with", _text(lambda left, right: not left.startswith(right))
        ),
        "endsWith": Operation("ends with", _text(lambda left, right: left.endswith(right))),
        "notEndsWith": Operation(
            "does not end with", _text(lambda left, right: not left.endswith(right))
        ),
        "regex": Operation("matches the regular expression", _answered_by_the_matcher),
        "notRegex": Operation("does not match the regular expression", _answered_by_the_matcher),
    },
    "number": {
        **_THERE,
        **_ABSENT,
        **_EQUAL,
        "gt": Operation("is greater than", _ordered(lambda left, right: left > right)),
        "lt": Operation("is less than", _ordered(lambda left, right: left < right)),
        "gte": Operation(
            "is greater than or equal to", _ordered(lambda left, right: left >= right)
        ),
        "lte": Operation("is less than or equal to", _ordered(lambda left, right: left <= right)),
    },
    "dateTime": {
        **_THERE,
        **_ABSENT,
        "equals": Operation("is the same moment as", _ordered(lambda left, right: left == right)),
        "notEquals": Operation(
            "is another moment than", _ordered(lambda left, right: left != right)
        ),
        "after": Operation("is after", _ordered(lambda left, right: left > right)),
        "before": Operation("is before", _ordered(lambda left, right: left < right)),
        "afterOrEquals": Operation(
            "is after or the same as", _ordered(lambda left, right: left >= right)
        ),
        "beforeOrEquals": Operation(
            "is before or the same as", _ordered(lambda left, right: left <= right)
        ),
    },
    "boolean": {
        **_THERE,
        **_ABSENT,
        **_EQUAL,
        "true": _one("is true", bool),
        "false": _one("is false or null", lambda left: not left),
    },
    "array": {
        **_THERE,
        **_HOLLOW,
        "contains": Operation("contains", _includes),
        "notContains": Operation(
            "does not contain", lambda left, right: not _includes(left, right)
        ),
        "lengthEquals": Operation(
            "has as many entries as", _length(lambda left, right: left == right)
        ),
        "lengthNotEquals": Operation(
            "has not as many entries as", _length(lambda left, right: left != right)
        ),
        "lengthGt": Operation("has more entries than", _length(lambda left, right: left > right)),
        "lengthLt": Operation("has fewer entries than", _length(lambda left, right: left < right)),
        "lengthGte": Operation(
            "has at least as many entries as", _length(lambda left, right: left >= right)
        ),
        "lengthLte": Operation(
            "has at most as many entries as", _length(lambda left, right: left <= right)
        ),
    },
    "object": {**_THERE, **_HOLLOW},
    "any": _THERE,
}
