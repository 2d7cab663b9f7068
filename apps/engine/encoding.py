"""The one encoder of stored JSON: what is passed on is exactly what is written.

Integers of any size stay exact, NUL stays (as `\\u0000`), a lone surrogate becomes U+FFFD, NaN and
Infinity are no JSON.
"""

import json
import math
import re
from codecs import BOM_UTF8
from typing import Any

import orjson

from apps.engine.errors import FlowForgeError

MAX_DEPTH = 200
_PLAIN = frozenset({str, int, bool, type(None)})
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_ORJSON_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


class NotJsonError(FlowForgeError):
    """A value that JSON cannot carry, or text that is no JSON."""

    def __init__(self, message: str, code: str = "not_json") -> None:
        super().__init__(code, message)


def encode(value: Any) -> bytes:
    """Write a JSON value as UTF-8. Raises NotJsonError for what JSON cannot carry."""
    try:
        return orjson.dumps(value, option=_ORJSON_OPTIONS)
    except TypeError:
        # Integers over 64 bits, lone surrogates, depth over 254: rare, so they may be slower.
        cleaned = _cleaned(value)
    try:
        return json.dumps(cleaned, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        raise NotJsonError("The value holds an integer of more than 4,300 digits.") from None


def normalise(value: Any) -> tuple[bytes, Any]:
    """Encode a value and give back, beside the bytes, exactly the value that they stand for: the
    same object, if it would be read back as it is."""
    try:
        written = orjson.dumps(value, option=_ORJSON_OPTIONS)
    except TypeError:
        written = encode(value)
        return written, json.loads(written)
    # orjson wrote it, so no integer is over 64 bits, and reading it back loses nothing.
    return written, value if _is_plain(value) else orjson.loads(written)


def _is_plain(value: Any) -> bool:
    """Whether something that orjson wrote is made of nothing but what JSON is read into."""
    waiting = [value]
    for each in waiting:
        kind = type(each)
        if kind is dict:
            waiting.extend(each.values())
        elif kind is list:
            waiting.extend(each)
        elif kind is float:
            if not math.isfinite(each):
                return False
        elif kind not in _PLAIN:
            return False
    return True


def decode(written: bytes | str) -> Any:
    """Read what `encode` wrote."""
    return json.loads(written)


def storable(text: str) -> str:
    """Text as a column of text can hold it: NUL and lone surrogates become U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text).replace("\x00", "\ufffd")


def read_json(body: bytes) -> Any:
    """Read JSON from outside, with one exact error for each way of not being JSON.

    NaN and Infinity, bytes that are no UTF-8 and nesting deeper than 200 are refused; of duplicate
    keys the last counts.
    """
    try:
        text = body.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise NotJsonError(
            f"The body is not UTF-8: byte {error.start} cannot be read.", "not_utf8"
        ) from None
    if _is_deeper(text, MAX_DEPTH):
        raise NotJsonError(f"The body is nested deeper than {MAX_DEPTH} levels.", "too_deep")
    try:
        return _strict.decode(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(
            f"The body is not JSON: {error.msg} at line {error.lineno} column {error.colno}."
        ) from None
    except ValueError as error:
        if isinstance(error, NotJsonError):
            raise
        raise NotJsonError("The body holds an integer of more than 4,300 digits.") from None


# Possessive: else the search keeps a place to come back to for each character of a string.
_BRACKETS_OR_STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


def _is_deeper(text: str, limit: int) -> bool:
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for match in _BRACKETS_OR_STRINGS.finditer(text):
        mark = match.group()
        if mark in "[{":
            depth += 1
            if depth > limit:
                return True
        elif mark in "]}":
            depth -= 1
    return False


def _refuse_constant(name: str) -> Any:
    raise NotJsonError(f"The body holds {name}, which is no JSON.")


def _finite(text: str) -> float:
    # 1e999 is JSON by its grammar, but no number that any of our readers could keep.
    number = float(text)
    if math.isinf(number):
        raise NotJsonError(f"The number {text[:40]} is too large for a floating-point number.")
    return number


_strict = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _cleaned(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH + 10:
        raise NotJsonError(f"The value is nested deeper than {MAX_DEPTH} levels.", "too_deep")
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise NotJsonError("An object's keys must be text.")
        return {_cleaned(key): _cleaned(member, depth + 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(member, depth + 1) for member in value]
    raise NotJsonError(f"A value of type {type(value).__name__} is no JSON value.")
