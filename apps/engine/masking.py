"""Secrets hidden by value before anything is kept, told or cut: texts, JSON, files, errors."""

import re
from collections.abc import Iterable, Iterator
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
            self._forms = tuple(form for each in longest_first for form in forms_of(each.strip()))
            self._beginnings = tuple(
                each for secret in longest_first for each in beginnings_of(secret.strip())
            )
            self._secrets = dict.fromkeys(known)
        if self._beside is not None:
            self._beside.hide(new)

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
        folded = Folded(content)
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
    folded = Folded(text.encode("utf-8", "surrogatepass"))
    for form in forms:
        text = form.hide_in(text, folded)
    return text


def _hidden_token(token: bytes, forms: Iterable[Form]) -> bytes:
    text: str = decode(token) if token.startswith(b'"') else token.decode()
    hidden = _hidden(text, forms)
    return token if hidden == text else encode(hidden)


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
