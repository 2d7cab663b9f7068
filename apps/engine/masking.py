"""Secrets hidden by their values, in whatever spelling they come back, before anything is cut.

What a text goes through on its way (JSON, URLs, HTML, a repr) respells its special characters and
leaves its letters and digits alone. So the longest run of those is searched for first, which is
fast, and only where it is found does a pattern look for the whole. What respells all (base64, hex,
UTF-16, reversing) has a run and a pattern of its own.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import takewhile
from threading import Lock
from urllib.parse import quote

from apps.engine.encoding import decode, encode
from apps.engine.errors import FlowForgeError, NodeError
from apps.engine.spellings import NUL, base64_digits, common_spellings, spelled

MASK = "••••••"
SHORTEST = 8
"""Shorter secrets are not masked: too much that is none would be hidden with them."""
KEPT_SECRETS = 500

_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[-+.\w]++')
_OF_NUMBERS = frozenset(b"0123456789+-.abcdefghijklmnopqrstuvwxyz")
_AFTER_A_CUT = re.compile(r"$|…|\.\.\.|[\"'”’»]")
_BREAKS = (b"\\\\r", b"\\\\n", b"\\r", b"\\n", b"\r", b"\n")
_BREAK = r"(?:\r|\n|\\{1,8}[rn])*+"
_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_URL = re.compile(r"\w+://[^/?#\s]+(/[^?#\s]*)?(\?\S*)?")
_RULED_LINE = re.compile(r"-----[A-Z ]+-----")


@dataclass(frozen=True)
class Form:
    """One form in which a secret may come back."""

    runs: tuple[bytes, ...]
    """In small letters: one of them stands in it for sure. One that is empty stands everywhere."""
    pieces: Callable[[], tuple[str, ...]]
    """Gives the patterns of its characters: asked only once the run was found."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("".join(self.pieces()), re.IGNORECASE)

    @cached_property
    def _broken_pattern(self) -> re.Pattern[str]:
        """The same, with line breaks wherever it was wrapped."""
        return re.compile(_BREAK.join(self.pieces()), re.IGNORECASE)

    def is_in(self, text: "_Folded") -> bool:
        return any(run in text.plain or run in text.joined for run in self.runs)

    def hide_in(self, text: str, folded: "_Folded") -> str:
        for run in self.runs:
            if run in folded.plain:
                text = self._pattern.sub(MASK, text)
            if folded.joined is not folded.plain and run in folded.joined:
                text = self._broken_pattern.sub(MASK, text)
        return text


class _Folded:
    """A text in small letters; and so without its line breaks, be they escaped or not."""

    def __init__(self, text: bytes) -> None:
        self.plain = self.joined = text.lower()
        for each in _BREAKS:
            if each in self.joined:
                self.joined = self.joined.replace(each, b"")

    def has_broken(self, run: bytes) -> bool:
        """Whether the run stands somewhere on two lines."""
        return self.joined is not self.plain and self.joined.count(run) != self.plain.count(run)


class Masker:
    """Hides the secrets that it knows. May be used from any thread.

    What it learns of, `beside` (another masker) learns too. Of more than `most` secrets it forgets
    the eldest.
    """

    def __init__(
        self,
        secrets: Iterable[str] = (),
        *,
        beside: "Masker | None" = None,
        most: int | None = None,
    ) -> None:
        self._lock = Lock()
        self._beside = beside
        self._most = most
        self._secrets: dict[str, None] = {}
        self._forms: tuple[Form, ...] = ()
        self._beginnings: tuple[str, ...] = ()
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these values from now on."""
        new = [each for each in secrets if each not in self._secrets]
        if not new:
            return
        with self._lock:
            known = list(self._secrets | dict.fromkeys(new))
            if self._most is not None:
                known = known[-self._most :]
            # The longest first: one may stand in another.
            longest_first = sorted(known, key=len, reverse=True)
            self._forms = tuple(form for each in longest_first for form in _forms(each.strip()))
            self._beginnings = tuple(
                each for secret in longest_first for each in _beginnings(secret.strip())
            )
            self._secrets = dict.fromkeys(known)
        if self._beside is not None:
            self._beside.hide(new)

    def text(self, text: str) -> str:
        """Hide secrets in a text that is told, and what a cut has left of one at its end."""
        if not self._forms:
            return text
        text = _hidden(text, self._forms)
        folded = text.translate(_TO_LOWER)
        for beginning in self._beginnings:
            if beginning[:SHORTEST] in folded:
                text = _without_beginning(text, folded, beginning)
                folded = text.translate(_TO_LOWER)
        return text

    def json(self, written: bytes) -> bytes:
        """Hide secrets in all texts and numbers of encoded JSON, the keys of objects included.

        Gives the same object where there are none.
        """
        if not self._forms:
            return written
        folded = _Folded(written)
        found = [form for form in self._forms if form.is_in(folded)]
        if not found:
            return written
        hidden = bytearray()
        end = 0
        for token in _tokens(written, folded, found):
            hidden += written[end : token.start] + _hidden_token(written[token], found)
            end = token.stop
        hidden += written[end:]
        return written if hidden == written else bytes(hidden)

    def content(self, content: bytes) -> bytes:
        """Hide secrets in a file, if it is text in UTF-8; what is not is left alone."""
        if not self._forms:
            return content
        folded = _Folded(content)
        if not any(form.is_in(folded) for form in self._forms):
            return content
        try:
            return _hidden(content.decode(), self._forms).encode()
        except UnicodeDecodeError:
            return content

    def error(self, error: FlowForgeError) -> FlowForgeError:
        """The error as it may be told."""
        if not self._forms:
            return error
        hint = error.hint and self.text(error.hint)
        code, message = _hidden(error.code, self._forms), self.text(error.message)
        if (code, message, hint) == (error.code, error.message, error.hint):
            return error
        return NodeError(
            code, message, hint, retryable=error.retryable, retry_after_s=error.retry_after_s
        )


revealed = Masker(most=KEPT_SECRETS)
"""What this process has revealed lately: hidden in its log."""


def _hidden(text: str, forms: Iterable[Form]) -> str:
    folded = _Folded(text.encode("utf-8", "surrogatepass"))
    for form in forms:
        text = form.hide_in(text, folded)
    return text


def _hidden_token(token: bytes, forms: Iterable[Form]) -> bytes:
    text: str = decode(token) if token.startswith(b'"') else token.decode()
    hidden = _hidden(text, forms)
    return token if hidden == text else encode(hidden)


def _tokens(written: bytes, folded: _Folded, forms: Iterable[Form]) -> Iterable[slice]:
    """Where texts and numbers stand in encoded JSON that may hold what was found."""
    runs = {run for form in forms for run in form.runs}
    if b"" in runs or any(folded.has_broken(run) for run in runs):
        return [slice(*match.span()) for match in _TOKENS.finditer(written)]
    # The quotes that are left begin and end texts.
    quotes = written.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    spans = {span for run in runs for span in _spans(quotes, folded.plain, run)}
    return [slice(*span) for span in sorted(spans)]


def _spans(quotes: bytes, folded: bytes, run: bytes) -> Iterator[tuple[int, int]]:
    end = 0
    while (at := folded.find(run, end)) >= 0:
        if quotes.count(b'"', end, at) % 2:
            begin, end = quotes.rindex(b'"', end, at), quotes.index(b'"', at) + 1
        else:
            begin, end = _bare(folded, at)
        yield begin, end


def _bare(folded: bytes, at: int) -> tuple[int, int]:
    """The number, or the word, that stands here outside of a text."""
    begin = at
    while begin and folded[begin - 1] in _OF_NUMBERS:
        begin -= 1
    while at < len(folded) and folded[at] in _OF_NUMBERS:
        at += 1
    return begin, at


def _without_beginning(text: str, folded: str, beginning: str) -> str:
    """Hide how the secret begins, where a cut stands behind it."""
    place = 0
    parts = []
    while (at := folded.find(beginning[:SHORTEST], place)) >= 0:
        same = at + _common(folded[at : at + len(beginning)], beginning)
        # The mark of the cut may be a character with which the secret would have gone on.
        ends = range(same, at + SHORTEST - 1, -1)
        end = next((end for end in ends if _AFTER_A_CUT.match(folded, end)), None)
        place, begun = end or same, place
        parts += [text[begun:at], MASK if end else text[at:same]]
    return "".join([*parts, text[place:]])


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in same)


@lru_cache(2 * KEPT_SECRETS)
def _forms(secret: str) -> tuple[Form, ...]:
    """Every form in which it is searched for."""
    if len(secret) < SHORTEST:
        return ()
    utf8 = secret.encode("utf-8", "replace")
    forms = [
        _as_written(secret),
        _as_written(secret[::-1]),
        Form((utf8.hex().encode(),), lambda: tuple(utf8.hex())),
    ]
    if few := re.search("[A-Za-z0-9]{3}", secret):
        runs = tuple(nul.join(few[0].lower()).encode() for nul in ("\0", "\\u0000"))
        forms.append(Form(runs, partial(_apart, secret)))
    in_json, in_url = encode(secret).decode()[1:-1], quote(secret, safe="", errors="replace")
    texts = [text.encode("utf-8", "replace") for text in (in_json, in_url)]
    utf16 = secret.encode("utf-16-le", "replace")[:-1]
    for content in dict.fromkeys([utf8, *texts, utf16]):
        forms += _in_base64(content)
    return (*forms, *(_as_written(part) for part in _parts(secret)))


def _parts(secret: str) -> list[str]:
    """What is told of it by itself: lines, and of a URL what is behind its host.

    Lines as `-----BEGIN PRIVATE KEY-----` are known to everybody.
    """
    parts = [line.strip() for line in secret.splitlines()]
    if url := _URL.fullmatch(secret):
        parts += [part for part in (url[1], url[2]) if part]
    return [
        part
        for part in parts
        if SHORTEST <= len(part) < len(secret) and not _RULED_LINE.fullmatch(part)
    ]


def _as_written(text: str) -> Form:
    return Form((_longest_run(text),), partial(spelled, text))


def _apart(secret: str) -> tuple[str, ...]:
    """As UTF-16 looks where it is read as if it were not."""
    pieces = [piece for char in secret for piece in (*spelled(char), NUL)]
    return tuple(pieces[:-1])


def _in_base64(content: bytes) -> Iterator[Form]:
    """It may begin at any of three places in a group."""
    for ahead in range(3):
        digits = base64_digits(content, ahead)
        ends_inside = 8 * (ahead + len(content)) % 6 != 0
        pieces = partial(_digits, digits, ahead > 0, ends_inside)
        yield Form((_longest_run(digits),), pieces)


def _digits(digits: str, begins_inside: bool, ends_inside: bool) -> tuple[str, ...]:
    """With the digits at the ends that also its neighbours decide."""
    digit = "[A-Za-z0-9+/_-]?"
    inner = spelled(digits, {"+": "-", "/": "_"})
    return (digit * begins_inside, *inner, digit * ends_inside)


@lru_cache(2 * KEPT_SECRETS)
def _beginnings(secret: str) -> tuple[str, ...]:
    first, _, rest = secret.partition("\n")
    if _RULED_LINE.fullmatch(first.strip()):
        secret = rest.lstrip()
    if len(secret) < SHORTEST:
        return ()
    return tuple(each.translate(_TO_LOWER) for each in sorted(common_spellings(secret)))


def _longest_run(text: str) -> bytes:
    """Of three characters or more: fewer would be found everywhere."""
    longest = max(re.findall("[A-Za-z0-9]+", text), key=len, default="")
    return longest.lower().encode() if len(longest) >= 3 else b""
