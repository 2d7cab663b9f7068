"""What builders write, made into what the sandbox runs: a pass over an expression's tokens.

- Calls of our methods get their wide names (extensions.py); such a letter changes no length, so
  places in the source stay what they are.
- `x.isEmpty()` and `x.isNotEmpty()` are asked of nothing too: `given(x).isEmpty()`.
- `$if(a, b, c)` evaluates what it gives and no more: `((a)?(b):(c))`.
- In `{...x}` the engine would lose a text, which is spread into its letters: `{...Object(x)}`.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from apps.expressions.extensions import NAMES, wide
from apps.expressions.scan import OPERATOR_WORDS, Kind, Token, tokens_of

CONCERNED = re.compile(rf"\.\.\.|\$if\b|\b(?:{'|'.join(sorted(NAMES))})\s*(?:\?\.\s*)?\(")
# What has such methods itself. To look there is enough: a name that is wide without need is
# understood all the same.
OWN = re.compile(
    r"(?:\b(?:Math|Object|JSON|Array|Number)|\$input|\$\(\s*(?:'[^'\n]*'|\"[^\"\n]*\")\s*\))\s*\Z"
)
BEFORE: Final = 200
ASKED_OF_NOTHING: Final = frozenset({"isEmpty", "isNotEmpty"})
GIVEN: Final = f"{wide('g')}iven("
SPREAD: Final = "..."
IF: Final = "$if"

Edit = tuple[int, int, str]
"""From where to where, and what stands there instead."""


def rewrite(source: str) -> str:
    """Rewrite one expression."""
    pieces = []
    at = 0
    for start, end, text in _edits(source):
        pieces += [source[at:start], text]
        at = end
    return "".join((*pieces, source[at:]))


def origin(source: str, offset: int) -> int:
    """Where in the source stands what is at this offset of the expression as it was rewritten."""
    shift = 0
    for start, end, text in _edits(source):
        if start + shift + len(text) > offset:
            return min(start, offset - shift)
        shift += len(text) - (end - start)
    return offset - shift


def _edits(source: str) -> list[Edit]:
    return _Pass(source).run() if CONCERNED.search(source) else []


@dataclass
class _If:
    """A call of `$if`: where it begins and its bracket ends, how deep it is, its commas."""

    start: int
    inside: int
    depth: int
    commas: list[int] = field(default_factory=list)


class _Pass:
    """Reads tokens in order. `chain` is where the value began whose members are being asked for."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokens_of(source)
        self._edits: list[Edit] = []
        self._open: list[tuple[str, int | None]] = []  # brackets, and where their chains began
        self._spread: list[tuple[int, int]] = []  # depth, and where the operand begins
        self._ifs: list[_If] = []
        self._chain: int | None = None
        self._is_new = False

    def run(self) -> list[Edit]:
        for place, token in enumerate(self._tokens):
            self._take(place, token)
        return sorted(self._edits)

    def _take(self, place: int, token: Token) -> None:
        text = self._source[token.start : token.end]
        if token.kind in (Kind.CLOSE, Kind.MIDDLE) or text == ",":
            self._end_spread(token.start)
        match token.kind:
            case Kind.WORD:
                self._word(place, token, text)
            case Kind.TEXT:
                self._value(token)
            case Kind.OPEN:
                self._begin_if(place, token, text)
                continues = text in ("(", "[") and self._chain is not None
                self._open.append((text[-1], self._chain if continues else token.start))
                self._chain = None
            case Kind.CLOSE:
                self._end_if(place, token)
                self._chain = self._open.pop()[1] if self._open else None
            case _ if text != "." and not (text == "?" and self._text(place + 1) == "."):
                self._chain = None
                if text == "," and self._in_if():
                    self._ifs[-1].commas.append(token.start)
        if text == "." and self._is_spread(place):
            self._begin_spread(place)

    def _word(self, place: int, token: Token, text: str) -> None:
        before = [self._text(place - back) for back in (1, 2, 3)]
        if before[0] != "." or before == [*SPREAD]:  # `5..round()` has a number before its dot
            if text in OPERATOR_WORDS:
                self._chain = token.start if text == "new" else None
                self._is_new = text == "new"
            else:
                self._value(token)
        elif text in NAMES and self._is_called(place):
            self._method(self._tokens[place - 1].start, token, text)

    def _value(self, token: Token) -> None:
        if not self._is_new:
            self._chain = token.start
        self._is_new = False

    def _method(self, dot: int, token: Token, name: str) -> None:
        if OWN.search(self._source[max(0, dot - BEFORE) : dot]):
            return
        self._edits.append((token.start, token.start + 1, wide(name[0])))
        is_optional = self._source[dot - 1] == "?"
        if name in ASKED_OF_NOTHING and self._chain is not None and not is_optional:
            self._edits += [(self._chain, self._chain, GIVEN), (dot, dot, ")")]

    def _is_called(self, place: int) -> bool:
        after = self._text(place + 1)
        return after == "(" or (
            after == "?" and self._text(place + 2) == "." and self._text(place + 3) == "("
        )

    def _is_spread(self, place: int) -> bool:
        """Whether the last dot of three stands here, in an object: after its brace or a comma."""
        start = self._tokens[place].end - len(SPREAD)
        return (
            self._source.startswith(SPREAD, start)
            and self._text(place - len(SPREAD)) in ("{", ",")
            and bool(self._open)
            and self._open[-1][0] == "{"
        )

    def _begin_spread(self, place: int) -> None:
        """A name alone may be what is left over (`const {a, ...rest} = x`): it stays as it is."""
        is_name = place + 1 < len(self._tokens) and self._tokens[place + 1].kind is Kind.WORD
        if is_name and self._text(place + 2) in (",", "}"):
            return
        self._spread.append((len(self._open), self._tokens[place].end))

    def _end_spread(self, at: int) -> None:
        if self._spread and self._spread[-1][0] == len(self._open):
            _, start = self._spread.pop()
            self._edits += [(start, start, "Object("), (at, at, ")")]

    def _begin_if(self, place: int, token: Token, text: str) -> None:
        if text == "(" and self._text(place - 1) == IF and self._text(place - 2) != ".":
            start = self._tokens[place - 1].start
            self._ifs.append(_If(start, token.end, depth=len(self._open) + 1))

    def _in_if(self) -> bool:
        return bool(self._ifs) and self._ifs[-1].depth == len(self._open)

    def _end_if(self, place: int, token: Token) -> None:
        if not self._in_if():
            return
        found = self._ifs.pop()
        commas = found.commas
        if self._text(place - 1) == ",":  # nothing stands behind it
            self._edits.append((commas[-1], commas[-1] + 1, ""))
            commas = commas[:-1]
        if len(commas) not in (1, 2):
            return
        self._edits.append((found.start, found.inside, "(("))
        for comma, sign in zip(commas, (")?(", "):("), strict=False):
            self._edits.append((comma, comma + 1, sign))
        self._edits.append((token.start, token.end, "))" if len(commas) == 2 else "):(false))"))

    def _text(self, place: int) -> str:
        if not 0 <= place < len(self._tokens):
            return ""
        return self._source[self._tokens[place].start : self._tokens[place].end]
