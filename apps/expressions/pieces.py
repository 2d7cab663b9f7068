"""JSON for the sandbox, written piece by piece: no more of it than one request may hold."""

import json
import re
from typing import Any

from apps.expressions.child import MAX_REQUEST_BYTES, too_much_data
from apps.expressions.errors import JavaScriptError
from apps.expressions.values import has_unsafe_integer

LONG_NUMBER = re.compile(r"\d{16}")


class Pieces:
    """Writes the pieces of one request. `rounded`: JavaScript will see an integer rounded."""

    def __init__(self) -> None:
        self.rounded = False
        self._room = MAX_REQUEST_BYTES

    def write(self, value: Any) -> str:
        """Write a value in ASCII. Raises JavaScriptError where all of them become too long."""
        try:
            text = json.dumps(value, separators=(",", ":"))
        except RecursionError:
            message = "The data are nested too deep for JavaScript."
            raise JavaScriptError("js_error", message) from None
        self._room -= len(text)
        if self._room < 0:
            raise too_much_data()
        if not self.rounded and LONG_NUMBER.search(text):
            self.rounded = has_unsafe_integer(value)
        return text
