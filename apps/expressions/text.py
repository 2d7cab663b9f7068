"""What a template puts into text without the engine: JavaScript's String(value), and how much."""

import math
import re
from io import StringIO
from typing import Any

from apps.expressions.errors import ExpressionError
from apps.expressions.values import UNDEFINED


class Room:
    """How much a step's templates may make for all its items: of little data they can make much."""

    def __init__(self, most_mb: int) -> None:
        self._most_mb = most_mb
        self._left = most_mb << 20

    def take(self, size: int) -> None:
        """Count characters that were made. Raises ExpressionError where all are too many."""
        self._left -= size
        if self._left < 0:
            message = f"What is made for all items is over {self._most_mb} MB."
            raise ExpressionError("expression_failed", message)


def as_text(value: Any) -> str:
    """Give the text that JavaScript would, and nothing for null and undefined.

    Integers that a JavaScript number cannot hold keep all their digits.
    """
    if isinstance(value, str):
        return value
    if value is None or value is UNDEFINED:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, list):
        return ",".join(as_text(entry) for entry in value)
    return "[object Object]"


def number_text(value: float) -> str:
    """Write a number as JavaScript does: the same shortest digits as Python, laid out its way."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = digits.partition(".")
    fraction = "" if fraction == "0" else fraction
    significant = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(significant))
    significant = significant.rstrip("0")
    return sign + _laid_out(significant, point)


def json_numbers(text: str) -> str:
    """The JSON text with its numbers as JavaScript writes them: `2` for `2.0`, `1e-7` for `1e-07`.

    Integers keep all their digits.
    """
    if not _UNLIKE.search(text):
        return text
    written, end = StringIO(), 0
    for token in _TOKEN.finditer(text):
        if token[1]:  # a fraction or an exponent
            written.write(text[end : token.start()])
            written.write(number_text(float(token[0])))
            end = token.end()
    written.write(text[end:])
    return written.getvalue()


_UNLIKE = re.compile(r"[0-9](?:\.0(?![0-9])|[eE])")
_TOKEN = re.compile(
    r'"(?:[^"\\]++|\\.)*+"?+|-?[0-9]++((?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+)', re.DOTALL
)


def _laid_out(digits: str, point: int) -> str:
    """Put the decimal point after `point` digits, which may be outside of them."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = point - 1
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"
