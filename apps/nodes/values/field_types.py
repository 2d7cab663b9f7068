"""Values read as a type, as n8n reads them: for assignments and for conditions."""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Literal

from apps.engine.items import Json
from apps.expressions.text import json_numbers
from apps.nodes.params import scalar_text
from apps.nodes.values.date_texts import read_moment
from apps.nodes.values.literals import NotLiteralError, read_literal

FieldType = Literal["string", "number", "boolean", "array", "object"]
"""What a field of an item can be set to."""
InputType = FieldType | Literal["dateTime", "time", "url", "jwt", "string-alphanumeric"]
"""What a value from outside can be asked to be."""


_HALF_A_SIGN = re.compile("[\ud800-\udfff]")


class WrongTypeError(ValueError):
    """A value that cannot be read as the type that is wanted."""

    def __init__(self, value: Json, wanted: str) -> None:
        super().__init__(f"{describe(value)} is no {wanted}")


def describe(value: Json) -> str:
    """How a sentence names a value: text in quotes, arrays and objects by their type.

    Half a character, which no sentence can be written down with, becomes U+FFFD.
    """
    if isinstance(value, list):
        return "an array"
    if isinstance(value, dict):
        return "an object"
    if value is None:
        return "null"
    text = _HALF_A_SIGN.sub("\ufffd", scalar_text(value))
    text = f"{text[:80]}…" if len(text) > 80 else text
    return f"'{text}'" if isinstance(value, str) else text


def is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def to_text(value: Json) -> str:
    """Text as JavaScript makes it; objects and arrays as JSON."""
    if isinstance(value, list | dict):
        return json_numbers(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return value if isinstance(value, str) else scalar_text(value)


_HEX = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_DECIMAL = re.compile(r"[+-]?(\d++(\.\d*+)?|\.\d++)([eE][+-]?\d+)?", re.ASCII)


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
    """A moment from text (see `date_texts.py`); without an offset it is in `zone`."""
    moment = read_moment(value, zone) if isinstance(value, str) else None
    if moment is None:
        raise WrongTypeError(value, "date")
    return moment


def to_array(value: Json) -> list[Json]:
    """An array from itself, or from text as JSON or JavaScript have it."""
    parsed = _parsed(value)
    if not isinstance(parsed, list):
        raise WrongTypeError(value, "array")
    return parsed


def to_object(value: Json) -> dict[str, Json]:
    """An object from itself, or from text as JSON or JavaScript have it."""
    parsed = _parsed(value)
    if not isinstance(parsed, dict):
        raise WrongTypeError(value, "object")
    return parsed


def _parsed(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        return read_literal(value)
    except NotLiteralError:
        return None


def to_name(value: Json) -> str:
    """Text of letters, digits and underscores that begins with no digit."""
    return _matching(_NAME, to_text(value), value, "name of letters, digits and underscores")


def to_time(value: Json) -> str:
    """A time of day, `hh:mm` or `hh:mm:ss`, perhaps with an offset."""
    return _matching(_TIME, value, value, "time (hh:mm or hh:mm:ss)")


def to_url(value: Json) -> str:
    """An address with its scheme; without one it is taken for `http`."""
    url = f"http://{value}" if isinstance(value, str) and "://" not in value else value
    return _matching(_URL, url, value, "URL")


def to_jwt(value: Json) -> str:
    """A JSON Web Token by its form: nothing is checked of what it says."""
    return _matching(_JWT, value, value, "JSON Web Token")


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TIME = re.compile(r"([01]\d|2[0-3])(:[0-5]\d){1,2}([+-](\d{4}|\d\d?(:\d\d)?))?", re.ASCII)
_URL = re.compile(r"(?:https?|ftp|file)://\S+")
_JWT = re.compile(r"[\w-]++\.[\w-][\w.+/=-]*+", re.ASCII)


def _matching(pattern: re.Pattern[str], text: Json, value: Json, wanted: str) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise WrongTypeError(value, wanted)
    return text


def to_date_text(value: Json, zone: tzinfo = UTC) -> str:
    """A moment as items hold it: ISO 8601 with milliseconds and its offset."""
    return to_datetime(value, zone).isoformat(timespec="milliseconds")


_READERS: dict[InputType, Callable[[Json], Json]] = {
    "string": to_text,
    "number": to_number,
    "boolean": to_boolean,
    "array": to_array,
    "object": to_object,
    "string-alphanumeric": to_name,
    "time": to_time,
    "url": to_url,
    "jwt": to_jwt,
}


def read_as(value: Json, type: InputType, zone: tzinfo = UTC) -> Json:
    """The value as the type; null is of every type. Raises WrongTypeError.

    A date without an offset is in `zone`.
    """
    if value is None:
        return None
    return to_date_text(value, zone) if type == "dateTime" else _READERS[type](value)


def is_of(value: Json, type: InputType) -> bool:
    """Whether the value is of the type as it is, without being read."""
    if type == "number":
        return is_number(value)
    python = {"boolean": bool, "array": list, "object": dict}
    return isinstance(value, python.get(type, str))
