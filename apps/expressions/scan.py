"""Where the code begins and ends in a template: `text {{ code }} text`."""

import re
from dataclasses import dataclass
from enum import Enum

OPEN, CLOSE = "{{", "}}"

# One step through JavaScript; what is not listed passes one character at a time.
TOKEN = re.compile(
    r"(?P<space> \s+ | //[^\n]* ) | (?P<value> [\w$]+ | [)\]] ) | (?P<other> . )",
    re.VERBOSE | re.DOTALL,
)
INSIDE = {
    '"': re.compile(r'(?:[^"\\\n]|\\.)*+', re.DOTALL),
    "'": re.compile(r"(?:[^'\\\n]|\\.)*+", re.DOTALL),
    "`": re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*+", re.DOTALL),
    "/": re.compile(r"(?:[^/\\\[\n]|\\.)*+"),  # up to a class of characters
    "[": re.compile(r"(?:[^\]\\\n]|\\.)*+"),
}
FLAGS = re.compile(r"[a-z]*")
# After these words a slash begins a regular expression, after all others it divides.
OPERATOR_WORDS = frozenset(
    {"return", "typeof", "instanceof", "in", "of", "new", "delete", "void", "throw", "case"}
    | {"do", "else", "yield", "await"}
)
MAX_LOST = 100_000
"""Characters read in vain, in search of an end, before a text's codes end at the first braces."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template, and where it begins in it."""

    source: str
    start: int
    is_code: bool
    is_closed: bool = True


def split(text: str, start: int = 0) -> list[Part]:
    """Split at the outer braces; empty texts are left out. `\\{{` stands for two plain braces."""
    parts: list[Part] = []
    reader = _Reader(text)
    literal = ""
    begin = at = start
    while (opened := text.find(OPEN, at)) >= 0:
        if opened > start and text[opened - 1] == "\\":
            literal += text[at : opened - 1] + OPEN
            at = opened + len(OPEN)
            continue
        literal += text[at:opened]
        if literal:
            # As n8n has it: two backslashes are one, but for what stands behind all code.
            literal = literal.replace("\\\\", "\\")
            parts.append(Part(literal, begin, is_code=False))
            literal = ""
        inside = opened + len(OPEN)
        closed = reader.close(inside)
        if closed is None:
            closed = text.find(CLOSE, inside)
        if closed < 0:
            parts.append(Part(text[inside:], inside, is_code=True, is_closed=False))
            return parts
        parts.append(Part(text[inside:closed], inside, is_code=True))
        begin = at = closed + len(CLOSE)
    literal += text[at:]
    if literal:
        parts.append(Part(literal, begin, is_code=False))
    return parts


class Kind(Enum):
    """What a token of JavaScript is."""

    WORD = "word"  # a name, a keyword or a number
    TEXT = "text"  # a string, a pattern, or a template literal without code in it
    OPEN = "open"  # a bracket, or a template literal up to its `${`
    MIDDLE = "middle"  # a template literal between two of its codes
    CLOSE = "close"
    SIGN = "sign"  # any other character


BRACKETS = {"(": Kind.OPEN, "[": Kind.OPEN, ")": Kind.CLOSE, "]": Kind.CLOSE}
KINDS = {"value": Kind.WORD, "other": Kind.SIGN}


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    start: int
    end: int


def tokens_of(code: str) -> list[Token]:
    """Read JavaScript without spaces and comments, until it closes what it never opened."""
    reader = _Reader(code)
    reader.tokens = []
    reader.close(0)
    return reader.tokens


class _Reader:
    """Reads the code in one text in time that grows with the text, however broken it is.

    What opens and is never closed is no string, pattern or comment. What opens in the same way
    behind it is not closed either, up to where the search gave up: that stretch is remembered.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._unclosed = dict.fromkeys(('"', "'", "/", "[", "/*"), (0, 0))
        self._class = (0, 0)
        """The last class of characters: `[` behind its beginning and before its end ends there."""
        self._no_pattern: set[int] = set()
        """Ends of classes behind which a pattern is not closed."""
        self._lost = 0
        self.tokens: list[Token] | None = None
        """What was passed, where somebody wants to know it."""

    def close(self, begin: int) -> int | None:
        """Find the braces that end the code: outside its strings, comments, objects, patterns."""
        if self._lost > MAX_LOST:
            return None
        closed = self._close(begin)
        if closed is None:
            self._lost += len(self._text) - begin
        return closed

    def _close(self, at: int) -> int | None:
        text = self._text
        open_brackets: list[str] = []  # "{" and "${"
        after_value = False
        while (start := at) < len(text):
            character = text[at]
            if character == "}":
                if not open_brackets:
                    if text.startswith(CLOSE, at):
                        return at
                    at += 1
                    kind = Kind.CLOSE
                elif open_brackets.pop() == "${":
                    at = self._skip_backticks(at + 1, open_brackets)
                    kind = Kind.MIDDLE if text.startswith("${", at - 2) else Kind.CLOSE
                else:
                    at += 1
                    kind = Kind.CLOSE
                after_value = kind is Kind.CLOSE
            elif character == "{":
                open_brackets.append("{")
                at += 1
                kind = Kind.OPEN
                after_value = False
            elif character == "`":
                at = self._skip_backticks(at + 1, open_brackets)
                kind = Kind.OPEN if text.startswith("${", at - 2) else Kind.TEXT
                after_value = kind is Kind.TEXT
            elif character in "\"'" and (end := self._string(at)):
                at = end
                kind = Kind.TEXT
                after_value = True
            elif character == "/" and (end := self._comment(at)):
                at = end
                continue
            elif character == "/" and not after_value and (end := self._pattern(at)):
                at = end
                kind = Kind.TEXT
                after_value = True
            else:
                token = TOKEN.match(text, at)
                assert token is not None
                at = token.end()
                if token.lastgroup == "space":
                    continue
                after_value = token.lastgroup == "value" and token.group() not in OPERATOR_WORDS
                kind = BRACKETS.get(character) or KINDS[token.lastgroup or "other"]
            if self.tokens is not None:
                self.tokens.append(Token(kind, start, at))
        return None

    def _skip_backticks(self, at: int, open_brackets: list[str]) -> int:
        """Go to the end of a template literal, or into its next `${`."""
        end = self._inside("`", at)
        if self._text.startswith("${", end):
            open_brackets.append("${")
            return end + 2
        return end + 1

    def _string(self, at: int) -> int | None:
        quote = self._text[at]
        if self._is_unclosed(quote, at):
            return None
        end = self._inside(quote, at + 1)
        if not self._text.startswith(quote, end):
            self._unclosed[quote] = (at, end)
            return None
        return end + 1

    def _comment(self, at: int) -> int | None:
        if not self._text.startswith("/*", at) or self._is_unclosed("/*", at):
            return None
        end = self._text.find("*/", at + 2)
        if end < 0:
            self._unclosed["/*"] = (at, len(self._text))
            return None
        return end + 2

    def _pattern(self, at: int) -> int | None:
        if self._text.startswith(("//", "/*"), at) or self._is_unclosed("/", at):
            return None
        passed: list[int] = []
        begin = at + 1
        end = self._inside("/", begin)
        while self._text.startswith("[", end):
            closed = self._class_end(end)
            if closed is None or closed in self._no_pattern:
                self._no_pattern.update(passed)
                return None
            passed.append(closed)
            begin, end = closed, self._inside("/", closed)
        if not self._text.startswith("/", end):
            self._no_pattern.update(passed)
            self._unclosed["/"] = (begin, end)
            return None
        flags = FLAGS.match(self._text, end + 1)
        assert flags is not None
        return flags.end()

    def _class_end(self, at: int) -> int | None:
        begin, end = self._class
        if begin <= at < end:
            return end
        if self._is_unclosed("[", at):
            return None
        end = self._inside("[", at + 1)
        if not self._text.startswith("]", end):
            self._unclosed["["] = (at, end)
            return None
        self._class = (at, end + 1)
        return end + 1

    def _is_unclosed(self, opener: str, at: int) -> bool:
        begin, end = self._unclosed[opener]
        return begin <= at < end

    def _inside(self, opener: str, at: int) -> int:
        """Where that which the opener opened ends, closed or not."""
        inside = INSIDE[opener].match(self._text, at)
        assert inside is not None
        return inside.end()
