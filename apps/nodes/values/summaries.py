"""What many values come to: their sum, their average, how many they are."""

import math
from collections.abc import Callable, Sequence
from typing import Literal

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.values.comparing import identity, order_key
from apps.nodes.values.field_types import WrongTypeError, to_number, to_text

Aggregation = Literal[
    "append", "average", "concatenate", "count", "count_unique", "max", "min", "sum"
]
Values = Sequence[Json]
MAX_BITS = 14_284
"""Of a whole number of 4,300 digits, the longest that JSON may hold here."""


def total(values: Values) -> int | float:
    """The sum of what is a number: whole numbers exactly, others as near as can be."""
    return _sum(_numbers(values))


def average(values: Values) -> int | float | None:
    """The average of what is a number; null of none."""
    numbers = _numbers(values)
    if not numbers:
        return None
    try:
        return _whole(_sum(numbers) / len(numbers))
    except OverflowError:
        raise _too_large() from None


def _sum(numbers: Sequence[int | float]) -> int | float:
    whole = [number for number in numbers if isinstance(number, int)]
    if len(whole) == len(numbers):
        if sum(whole).bit_length() > MAX_BITS:
            raise _too_large()
        return sum(whole)
    try:
        return _whole(math.fsum(numbers))
    except OverflowError:
        raise _too_large() from None


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _too_large() -> NodeError:
    return NodeError("number_too_large", "The sum of the values is too large for a number.")


def _numbers(values: Values) -> list[int | float]:
    numbers: list[int | float] = []
    for value in values:
        if isinstance(value, str) and value.strip():
            try:
                numbers.append(to_number(value))
            except WrongTypeError:
                continue
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers.append(value)
    return numbers


def _text(value: Json) -> str:
    return "" if value is None else to_text(value)


def _present(values: Values) -> list[Json]:
    return [value for value in values if value is not None and value != ""]


AGGREGATIONS: dict[Aggregation, tuple[str, Callable[[Values, str], Json]]] = {
    "append": ("appended", lambda values, _: list(values)),
    "average": ("average", lambda values, _: average(values)),
    "concatenate": ("concatenated", lambda values, separator: separator.join(map(_text, values))),
    "count": ("count", lambda values, _: len(values)),
    "count_unique": ("unique_count", lambda values, _: len(set(map(identity, values)))),
    "max": ("max", lambda values, _: max(_present(values), key=order_key, default=None)),
    "min": ("min", lambda values, _: min(_present(values), key=order_key, default=None)),
    "sum": ("sum", lambda values, _: total(values)),
}
"""How the name of a result begins, and how it is made of the values and a separator."""
