"""Objects and arrays as people write them: JSON, or the literals of JavaScript without its code."""

import re

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.items import Json

MAX_DEPTH = 200
TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>[{}\[\],:])
      | (?P<string>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')
      | (?P<word>[A-Za-z_$][\w$]*)
      | (?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    )\s*""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
WORDS = {"true": True, "false": False, "null": None, "undefined": None}


class NotLiteralError(ValueError):
    """Text that is neither JSON nor a literal."""


def read_literal(text: str) -> Json:
    """Read JSON, or a literal with names and strings as JavaScript has them: `{a: 'b',}`.

    Raises NotLiteralError.
    """
    try:
        return read_json(text.encode("utf-8", "replace"))
    except NotJsonError:
        return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self) -> Json:
        value = self._value(*self._next(), depth=0)
        if self._at != len(self._text):
            raise NotLiteralError
        return value

    def _next(self) -> tuple[str, str]:
        """The next token: what it is, and its text."""
        match = TOKEN.match(self._text, self._at)
        if match is None:
            raise NotLiteralError
        self._at = match.end()
        kind = str(match.lastgroup)
        return kind, match[kind]

    def _value(self, kind: str, written: str, depth: int) -> Json:
        if depth > MAX_DEPTH:
            raise NotLiteralError
        if written == "{":
            return self._object(depth)
        if written == "[":
            return self._array(depth)
        if kind == "string":
            return _unescaped(written[1:-1])
        if kind == "word" and written in WORDS:
            return WORDS[written]
        if kind == "number" and len(written) < 300:
            return _number(written)
        raise NotLiteralError

    def _object(self, depth: int) -> dict[str, Json]:
        members: dict[str, Json] = {}
        while (given := self._next())[1] != "}":
            kind, key = given
            if kind == "mark" or self._next()[1] != ":":
                raise NotLiteralError
            value = self._value(*self._next(), depth + 1)
            members[_unescaped(key[1:-1]) if kind == "string" else key] = value
            if self._is_last("}"):
                break
        return members

    def _array(self, depth: int) -> list[Json]:
        entries: list[Json] = []
        while (given := self._next())[1] != "]":
            entries.append(self._value(*given, depth + 1))
            if self._is_last("]"):
                break
        return entries

    def _is_last(self, end: str) -> bool:
        mark = self._next()[1]
        if mark not in (",", end):
            raise NotLiteralError
        return mark == end


def _number(written: str) -> int | float:
    if re.fullmatch(r"[+-]?[0-9]+", written):
        return int(written)
    number = float(written)
    if number - number != 0:
        raise NotLiteralError
    return number


def _unescaped(text: str) -> str:
    def char(match: re.Match[str]) -> str:
        escape = match[1]
        if len(escape) > 1:
            return chr(int(escape[1:], 16))
        return ESCAPED.get(escape, escape)

    whole = ESCAPE.sub(char, text)
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
