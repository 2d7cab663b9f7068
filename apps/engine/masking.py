"""Secrets hidden by value before anything is kept, told or cut: texts, JSON, files, errors."""

import re
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock

from apps.engine.encoding import decode, encode
from apps.engine.errors import FlowForgeError, NodeError
from apps.engine.secret_forms import (
    MASK,
    SHORTEST,
    Folded,
    Form,
    beginnings_of,
    forms_of,
    lowered,
    without_beginning,
)

__all__ = ["MASK", "SHORTEST", "Masker", "revealed"]

KEPT_SECRETS = 500

_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[-+.\w]++')
_KEYS = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+"):')
_OF_NUMBERS = frozenset(b"0123456789+-.abcdefghijklmnopqrstuvwxyz")


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
        """Mask these values from now on. What was known becomes the youngest again."""
        named = dict.fromkeys(secrets)
        with self._lock:
            self._learn(named)
        if self._beside is not None:
            self._beside.hide(named)

    def _learn(self, named: Mapping[str, None]) -> None:
        known = [*(each for each in self._secrets if each not in named), *named]
        if self._most is not None:
            known = known[-self._most :]
        if known and not self._secrets.keys() >= set(known):
            # The longest first: one may stand in another.
            longest_first = sorted(known, key=len, reverse=True)
            self._forms = tuple(form for each in longest_first for form in forms_of(each.strip()))
            self._beginnings = tuple(
                each for secret in longest_first for each in beginnings_of(secret.strip())
            )
        self._secrets = dict.fromkeys(known)

    def text(self, text: str) -> str:
        """Hide secrets in a text that is told, and what a cut has left of one at its end."""
        if not self._forms:
            return text
        text = _hidden(text, self._forms)
        folded = lowered(text)
        for beginning in self._beginnings:
            if beginning[:SHORTEST] in folded:
                text = without_beginning(text, folded, beginning)
                folded = lowered(text)
        return text

    def json(self, written: bytes) -> bytes:
        """Hide secrets in all texts and numbers of encoded JSON, the keys of objects included.

        Gives the same object where there are none.
        """
        if not self._forms:
            return written
        folded = Folded(written)
        found = folded.holding(self._forms)
        if not found:
            return written
        hidden = bytearray()
        end = 0
        keys = _Keys(written)
        for token in _tokens(written, folded, found):
            is_key = written.startswith(b":", token.stop)
            masked = _hidden_token(written[token], found, keys if is_key else None)
            hidden += written[end : token.start] + masked
            end = token.stop
        hidden += written[end:]
        return written if hidden == written else bytes(hidden)

    def content(self, content: bytes, *, errors: str = "strict") -> bytes:
        """Hide secrets in a file, if it is text in UTF-8; what is not is left alone, but with
        `surrogateescape` for `errors`."""
        if not self._forms:
            return content
        found = Folded(content).holding(self._forms)
        if not found:
            return content
        try:
            return _hidden(content.decode(errors=errors), found).encode(errors=errors)
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
    folded = Folded(text.encode("utf-8", "surrogatepass"))
    for form in forms:
        text = form.hide_in(text, folded)
    return text


class _Keys:
    """Names for the keys that hold secrets: each key has one, and no two have the same."""

    def __init__(self, written: bytes) -> None:
        self._names: dict[str, str] = {}
        self._next: dict[str, int] = {}
        keys = _KEYS.findall(written) if MASK.encode() in written else []
        self._taken = {decode(key) for key in keys if MASK.encode() in key}

    def name(self, key: str, hidden: str) -> str:
        if key not in self._names:
            name = hidden
            while name in self._taken:
                self._next[hidden] = self._next.get(hidden, 1) + 1
                name = f"{hidden} {self._next[hidden]}"
            self._taken.add(name)
            self._names[key] = name
        return self._names[key]


def _hidden_token(token: bytes, forms: Iterable[Form], keys: _Keys | None) -> bytes:
    if not token.startswith(b'"'):
        is_hidden = any(form.is_all_of(_number(token)) for form in forms)
        return encode(MASK) if is_hidden else token
    text: str = decode(token)
    hidden = _hidden(text, forms)
    if hidden == text:
        return token
    return encode(keys.name(text, hidden) if keys else hidden)


def _number(token: bytes) -> str:
    """As who knows it writes it: a secret of digits may come back as `-12345678.0`."""
    return token.decode().removeprefix("-").removesuffix(".0")


def _tokens(written: bytes, folded: Folded, forms: Iterable[Form]) -> Iterable[slice]:
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
