"""Values as they travel between Python and JavaScript."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final, Literal

Item = Mapping[str, Any]

MAX_DEPTH: Final = 200
MAX_SAFE_INTEGER: Final = 2**53 - 1


class Undefined(Enum):
    """JavaScript's undefined, which JSON lacks: falsy, and never part of a JSON value."""

    UNDEFINED = "undefined"

    def __bool__(self) -> Literal[False]:
        return False


UNDEFINED: Final = Undefined.UNDEFINED


def _children(values: Iterable[Any]) -> list[Any]:
    children: list[Any] = []
    for value in values:
        if type(value) is dict:
            children.extend(value.values())
        elif type(value) is list:
            children.extend(value)
    return children


def is_deeper_than(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether lists and objects are nested deeper than `limit`; never recurses."""
    level = [value]
    for _ in range(limit + 1):
        level = [child for child in level if type(child) in (dict, list)]
        if not level:
            return False
        level = _children(level)
    return True


def has_unsafe_integer(value: Any) -> bool:
    """Whether there is an integer in it that a JavaScript number cannot hold exactly."""
    level = [value]
    while level:
        for entry in level:
            if type(entry) is int and not -MAX_SAFE_INTEGER <= entry <= MAX_SAFE_INTEGER:
                try:
                    if int(float(entry)) != entry:
                        return True
                except OverflowError:
                    return True
        level = _children(level)
    return False


def size_of(values: Iterable[Any]) -> int:
    """About how many characters JSON would need for them; never recurses."""
    size = 0
    level = list(values)
    while level:
        size += len(level)
        for entry in level:
            if type(entry) is str:
                size += len(entry)
            elif type(entry) is dict:
                size += sum(map(len, entry))
        level = _children(level)
    return size
