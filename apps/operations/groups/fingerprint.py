"""Which failures are the same: by error code, by the type of the node that failed, and by the
message without what varies.

Of the message's words these become `…`: what stands in quotes; what has a digit (numbers, times,
ids, hashes, addresses of hosts); addresses with `://` or `@`; and what follows `=`. A status of
three digits stays where the word before says that it is one (`answered 503`): 404 and 503 are two
things.
"""

import re
from hashlib import sha256

READ_CHARS = 2_000
COMPARED_CHARS = 300
"""Of what is left. Messages that go on with what a server said differ in that."""

_QUOTED = re.compile(
    r""" "[^"\n]*" | “[^”\n]*” | „[^“”\n]*[“”] | «[^»\n]*» | `[^`\n]*` | (?<!\w)'[^'\n]*'(?!\w) """,
    re.VERBOSE,
)
_WORD = re.compile(r"(?P<before>[(\[{<,;:!?.]*)(?P<core>.*?)(?P<behind>[)\]}>,;:!?.…]*)", re.DOTALL)
_STATUS = re.compile(r"[1-5][0-9][0-9]")
_DIGIT = re.compile(r"\d")


def fingerprint(code: str, node_type: str, message: str) -> str:
    """The same for failures of the same kind, in whichever workflow."""
    told = "\0".join((code, node_type, outline(message)))
    return sha256(told.encode(errors="replace")).hexdigest()


def outline(message: str) -> str:
    """The beginning of a message, without what varies from one failure to the next."""
    words: list[str] = []
    before = ""
    for word in _QUOTED.sub("…", message[:READ_CHARS]).split():
        words.append(_without_values(word, before))
        before = word.lower()
    return " ".join(words)[:COMPARED_CHARS]


def _without_values(word: str, before: str) -> str:
    parts = _WORD.fullmatch(word)
    assert parts is not None
    core = parts["core"]
    if _STATUS.fullmatch(core) and _says_status(before):
        return word
    name, equals, _ = core.partition("=")
    if _varies(name):
        core = "…"
    elif equals:
        core = f"{name}=…"
    return f"{parts['before']}{core}{parts['behind']}"


def _varies(text: str) -> bool:
    return "://" in text or "@" in text or _DIGIT.search(text) is not None


def _says_status(word: str) -> bool:
    return word in {"answered", "status", "code", "http"} or word.startswith("http/")
