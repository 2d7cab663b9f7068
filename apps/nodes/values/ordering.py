"""The order of values: numbers, booleans, text, then the rest, so that any two compare."""

from typing import Any

from apps.engine.items import Json
from apps.nodes.values.field_types import to_text


def order_key(value: Json, *, fold_case: bool = False) -> tuple[int, Any]:
    """A key to sort values by, as long as they are not null."""
    if isinstance(value, bool):
        return 1, value
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, str):
        return 2, value.lower() if fold_case else value
    return 3, to_text(value)
