"""The forms in which a secret may come back, and how each is found in a text.

What a text goes through on its way (JSON, URLs, HTML, a repr) respells its special characters and
leaves its letters and digits alone. So the longest run of those is searched for first, which is
fast, and only where it is found does a pattern look for the whole. What respells all (base64, hex,
UTF-16, reversing) has a run and a pattern of its own.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import chain, takewhile
from urllib.parse import quote, unquote

from apps.engine.encoding import encode
from apps.engine.spellings import NUL, base64_digits, common_spellings, spelled

MASK = "••••••"
SHORTEST = 8
"""Shorter secrets are not masked: too much that is none would be hidden with them."""
MOST_IN_ONE = 128
"""Longer secrets are searched for piece by piece."""
KEPT = 1_000
"""Secrets whose forms are remembered."""
PART = 1024 * 1024
"""Bytes of a text whose words are held at once."""

_WORDS_APART = bytes(code if bytes([code]).isalnum() else ord(" ") for code in range(256))
_AFTER_A_CUT = re.compile(r"$|…|\.\.\.|[\"'”’»]")
_NO_DIGIT_BEFORE = r"(?:(?<![0-9])|(?<=[%=][0-9a-f]{2})|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4}))"
"""The code of a character is none either."""
_BREAKS = (b"\\\\r", b"\\\\n", b"\\r", b"\\n", b"\r", b"\n")
_NULS = (b"\0", b"\\u0000")
_BREAK = r"(?:\r|\n|\\{1,8}[rn])*+"
_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_URL = re.compile(r"\w+://(?:([^/?#@\s]*)@)?[^/?#@\s]+(/[^?#\s]*)?(\?\S*)?")
_TOKEN_OF_URL = re.compile(r"(?=.*\d).{12,}")
_RULED_LINE = re.compile(r"-----[A-Z ]+-----")


@dataclass(frozen=True)
class Form:
    """One form in which a secret may come back."""

    runs: tuple[bytes, ...]
    """In small letters: one of them stands in it for sure. One that is empty stands everywhere."""
    pieces: Callable[[], tuple[str, ...]]
    """Gives the patterns of its characters: asked only once the run was found."""
    exact: str = ""
    """How it is written where nothing respells it."""
    is_number: bool = False
    """Of digits alone: it is no part of a longer number."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return self._compiled("")

    @cached_property
    def _broken_pattern(self) -> re.Pattern[str]:
        """The same, with line breaks wherever it was wrapped."""
        return self._compiled(_BREAK)

    def _compiled(self, between: str) -> re.Pattern[str]:
        exact = f"{re.escape(self.exact)}|" if self.exact else ""
        pattern = exact + between.join(self.pieces())
        if self.is_number:
            pattern = f"{_NO_DIGIT_BEFORE}(?:{pattern})(?![0-9])"
        return re.compile(pattern, re.IGNORECASE)

    def is_all_of(self, text: str) -> bool:
        return self._pattern.fullmatch(text) is not None

    def hide_in(self, text: str, folded: "Folded") -> str:
        for run in self.runs:
            if run in folded.plain:
                text = self._pattern.sub(MASK, text)
            if folded.joined is not folded.plain and run in folded.joined:
                text = self._broken_pattern.sub(MASK, text)
        return text


class Folded:
    """A text in small letters; and so without its line breaks, be they escaped or not."""

    def __init__(self, text: bytes) -> None:
        self.plain = self.joined = text.lower()
        for each in _BREAKS:
            if each in self.joined:
                self.joined = self.joined.replace(each, b"")

    def holding(self, forms: Iterable[Form]) -> list[Form]:
        """Those of the forms that may stand in it.

        Most texts say few words again and again: each is looked through once.
        """
        forms = list(forms)
        runs = {run for form in forms for run in form.runs}
        texts = [self.plain] if self.joined is self.plain else [self.plain, self.joined]
        missing = {run for run in runs if run.isalnum()}
        found = {b""}
        if any(nul in self.joined for nul in _NULS):
            found |= {run for run in runs - missing for text in texts if run in text}
        for words in chain.from_iterable(map(_words, texts)):
            found |= {run for run in missing if run in words}
            missing -= found
        return [form for form in forms if not found.isdisjoint(form.runs)]

    def has_broken(self, run: bytes) -> bool:
        """Whether the run stands somewhere on two lines."""
        return self.joined is not self.plain and self.joined.count(run) != self.plain.count(run)


def _words(text: bytes) -> Iterator[bytes]:
    """The words of a text in small letters, part by part; those of a part once."""
    text = text.translate(_WORDS_APART)
    begin = 0
    while begin < len(text):
        end = text.find(b" ", begin + PART)
        end = len(text) if end < 0 else end
        yield b" ".join(set(text[begin:end].split()))
        begin = end


@lru_cache(KEPT)
def forms_of(secret: str) -> tuple[Form, ...]:
    """Every form in which it is searched for."""
    if len(secret) < SHORTEST:
        return ()
    forms = list(_forms(secret)) if len(secret) <= MOST_IN_ONE else []
    for part in _parts(secret):
        forms += [_as_written(part), *_in_base64(part.encode("utf-8", "replace"))]
    forms += [form for part in _tokens_of_url(secret) for form in forms_of(part)]
    return tuple(forms)


def _forms(secret: str) -> Iterator[Form]:
    utf8 = secret.encode("utf-8", "replace")
    is_number = re.fullmatch("[0-9]+", secret) is not None
    yield _as_written(secret, is_number=is_number)
    yield _as_written(secret[::-1], is_number=is_number)
    yield Form((utf8.hex().encode(),), lambda: tuple(utf8.hex()))
    if few := re.search("[A-Za-z0-9]{3}", secret):
        runs = tuple(nul.join(bytes([c]) for c in few[0].lower().encode()) for nul in _NULS)
        yield Form(runs, partial(_apart, secret))
    in_json, in_url = encode(secret).decode()[1:-1], quote(secret, safe="", errors="replace")
    texts = [text.encode("utf-8", "replace") for text in (in_json, in_url)]
    utf16 = secret.encode("utf-16-le", "replace")[:-1]
    for content in dict.fromkeys([utf8, *texts, utf16]):
        yield from _in_base64(content)


def _parts(secret: str) -> list[str]:
    """What is a secret by itself: lines, of a URL all behind its host, and of what is long each
    piece; the last is no shorter than the others.

    Lines as `-----BEGIN PRIVATE KEY-----` are known to everybody.
    """
    parts = [line.strip() for line in secret.splitlines()]
    if url := _URL.fullmatch(secret):
        parts += url.groups("")
    pieces = [piece for part in parts if not _RULED_LINE.fullmatch(part) for piece in _cut(part)]
    return [piece for piece in pieces if SHORTEST <= len(piece) < len(secret)]


def _cut(part: str) -> list[str]:
    count = max(1, len(part) // (MOST_IN_ONE // 2)) if len(part) > MOST_IN_ONE else 1
    size = len(part) // count
    ends = [*(size * place for place in range(1, count)), len(part)]
    return [part[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def _tokens_of_url(secret: str) -> list[str]:
    """What of a URL looks like a secret by itself."""
    url = _URL.fullmatch(secret)
    parts = re.split("[/?&=#;:@]", "/".join(url.groups(""))) if url else []
    return [unquote(part) for part in parts if _TOKEN_OF_URL.fullmatch(part)]


def _as_written(text: str, *, is_number: bool = False) -> Form:
    return Form((_longest_run(text),), partial(spelled, text), text, is_number)


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


@lru_cache(KEPT)
def beginnings_of(secret: str) -> tuple[str, ...]:
    first, _, rest = secret.partition("\n")
    if _RULED_LINE.fullmatch(first.strip()):
        secret = rest.lstrip()
    if len(secret) < SHORTEST:
        return ()
    return tuple(lowered(each) for each in sorted(common_spellings(secret)))


def _longest_run(text: str) -> bytes:
    """Of three characters or more: fewer would be found everywhere."""
    longest = max(re.findall("[A-Za-z0-9]+", text), key=len, default="")
    return longest.lower().encode() if len(longest) >= 3 else b""


def lowered(text: str) -> str:
    """With small letters of ASCII: nothing changes its place."""
    return text.translate(_TO_LOWER)


def without_beginning(text: str, folded: str, beginning: str) -> str:
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
