"""Values read as a type, as n8n reads them: for assignments and for conditions."""

import email.utils
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Literal

from apps.engine.items import Json
from apps.nodes.params import scalar_text

FieldType = Literal["string", "number", "boolean", "array", "object"]


class WrongTypeError(ValueError):
    """A value that cannot be read as the type that is wanted."""

    def __init__(self, value: Json, wanted: str) -> None:
        super().__init__(f"{describe(value)} is no {wanted}")


def describe(value: Json) -> str:
    """How a sentence names a value: text in quotes, the rest by its type."""
    if isinstance(value, list):
        return "an array"
    if isinstance(value, dict):
        return "an object"
    if value is None:
        return "null"
    text = scalar_text(value)
    return f"'{text[:80]}…'" if len(text) > 80 else f"'{text}'"


def is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def to_text(value: Json) -> str:
    """Text as JavaScript makes it; objects and arrays as JSON."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value if isinstance(value, str) else scalar_text(value)


_HEX = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def to_number(value: Json) -> int | float:
    """A number from a number, a boolean or text; whole numbers of any size stay exact."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return 0
        # Python makes no text of integers over 4,300 digits, which 3,500 in base 16 stay below.
        if len(text) <= 3_500 and _HEX.fullmatch(text):
            return int(text, 0)
        if len(text) <= 4_300 and _DECIMAL.fullmatch(text):
            if re.fullmatch(r"[+-]?\d+", text):
                return int(text)
            number = float(text)
            if math.isfinite(number):
                return number
    raise WrongTypeError(value, "number")


def to_boolean(value: Json) -> bool:
    """A boolean from itself, `true` and `false` in any case, or what is 1 or 0 as a number."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if is_number(value) or (isinstance(value, str) and value.strip()):
        try:
            number = to_number(value)
        except WrongTypeError:
            pass
        else:
            if number in (0, 1):
                return number == 1
    raise WrongTypeError(value, "boolean")


def to_datetime(value: Json, zone: tzinfo = UTC) -> datetime:
    """A moment from ISO 8601, SQL, RFC 2822 or HTTP text; without an offset it is in `zone`."""
    if isinstance(value, str):
        text = value.strip()
        for read in (datetime.fromisoformat, email.utils.parsedate_to_datetime):
            try:
                moment = read(text)
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
            return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    raise WrongTypeError(value, "date")


def to_array(value: Json) -> list[Json]:
    """An array from itself or from JSON text, which may use single quotes."""
    parsed = _parsed(value) if isinstance(value, str) else value
    if not isinstance(parsed, list):
        raise WrongTypeError(value, "array")
    return parsed


def to_object(value: Json) -> dict[str, Json]:
    """An object from itself or from JSON text, which may use single quotes."""
    parsed = _parsed(value) if isinstance(value, str) else value
    if not isinstance(parsed, dict):
        raise WrongTypeError(value, "object")
    return parsed


def _parsed(text: str) -> Json:
    for attempt in (text, text.replace("'", '"')):
        try:
            return json.loads(attempt)
        except (ValueError, RecursionError):
            continue
    return None


_READERS: dict[FieldType, Callable[[Json], Json]] = {
    "string": to_text,
    "number": to_number,
    "boolean": to_boolean,
    "array": to_array,
    "object": to_object,
}


def read_as(value: Json, type: FieldType) -> Json:
    """The value as the type; null is of every type. Raises WrongTypeError."""
    return None if value is None else _READERS[type](value)
