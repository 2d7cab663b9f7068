"""How characters of a text are written by those that it goes through, as patterns and as texts."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html.entities import codepoint2name
from urllib.parse import quote, quote_plus

_ESCAPES = r"\\{1,8}+"
"""Each escaping doubles the backslashes of the one before, and adds one."""
_ESCAPED = r"\\{0,8}+"
_AMPERSAND = "&(?:amp;){0,3}"
_PERCENT = "%(?:25){0,3}"
_PIECES = re.compile(
    r"""
    (?P<gap> [ \t-\r+]* [ \t-\r] [ \t-\r+]* )
  | (?P<quotes> "+ | '+ )
  | (?P<backslashes> \\+ )
  | .
    """,
    re.VERBOSE | re.DOTALL,
)
_GAP = "|".join(
    (
        rf"{_ESCAPES}(?:[nrtfv\s]|(?:u00|x)(?:0[9a-d]|20))",
        r"\s",
        rf"{_ESCAPED}\+",
        f"{_PERCENT}(?:20|2b|0[9a-d])",
        f"{_AMPERSAND}#(?:9|1[0-3]|32|43|x0*[9a-d]|x20|x2b);",
    )
)
NUL = rf"(?:\0|\ufffd|{_ESCAPES}(?:u0000|x00|0)|{_PERCENT}00|&#0;)"


def spelled(text: str, also: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """A pattern for each character, and for each run of those that are often doubled: however it
    may be written. `also` has characters that may stand for others.

    To be compiled without regard to case. There is never much to choose between two ways to match,
    so that no text takes long.
    """
    found = list(_PIECES.finditer(text))
    behind = [*(match.group() for match in found[1:]), ""]
    pieces = [_piece(match, next, also or {}) for match, next in zip(found, behind, strict=True)]
    for place, match in enumerate(found[:-1], 1):
        if match["backslashes"]:
            # It has taken those that escape what comes next.
            pieces[place] = pieces[place].replace(_ESCAPES, _ESCAPED)
    return tuple(pieces)


def _piece(match: re.Match[str], next: str, also: Mapping[str, str]) -> str:
    written = match.group()
    count = len(written)
    if match["gap"]:
        # Else a backslash that comes next could be taken for one that escapes a line break.
        times = f"{{1,{count}}}" if next.startswith("\\") else "+"
        return f"(?>(?:{_GAP}){times})"
    if match["quotes"]:
        most = 2 * count if next else count
        return f"(?>{_spelled(written[0], '')}{{{count},{most}}})"
    if match["backslashes"]:
        others = "|".join(_other_spellings("\\"))
        return rf"(?>(?:{others}){{{count}}}|\\{{{count},{8 * count}}})"
    return _spelled(written, also.get(written, ""))


@lru_cache(1_000)
def _spelled(char: str, also: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    return f"(?:{'|'.join(_spellings(char, also))})"


def _spellings(char: str, also: str) -> Iterator[str]:
    for each in char + also:
        yield _ESCAPED + re.escape(each)
    if also:
        yield "".join(f"{_PERCENT}{byte:02x}" for byte in _utf8(also))
    yield from _other_spellings(char)


def _other_spellings(char: str) -> Iterator[str]:
    """Those in which the character itself does not stand."""
    code, utf8 = ord(char), _utf8(char)
    yield "".join(f"{_PERCENT}{byte:02x}" for byte in utf8)
    yield "".join(f"={byte:02x}" for byte in utf8)
    yield "".join(rf"{_ESCAPES}x{byte:02x}" for byte in utf8)
    yield "".join(f"{_ESCAPES}u{unit}" for unit in _utf16(char))
    yield rf"{_ESCAPES}u(?:0*{code:x}|\{{0*{code:x}\}})"
    yield f"{_AMPERSAND}(?:{'|'.join(_entities(char))});"
    if char == "\b":
        yield f"{_ESCAPES}b"
    if not char.isascii():
        yield f"{_ESCAPES}x{code:02x}"
        yield re.escape(utf8.decode("latin-1"))


def _entities(char: str) -> Iterator[str]:
    code = ord(char)
    yield f"#0*{code}"
    yield f"#x0*{code:x}"
    if code in codepoint2name:
        yield codepoint2name[code]
    if char == "'":
        yield "apos"


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _utf16(char: str) -> Iterator[str]:
    units = char.encode("utf-16-be", "surrogatepass")
    for at in range(0, len(units), 2):
        yield units[at : at + 2].hex()


def base64_digits(content: bytes, ahead: int) -> str:
    """The digits that content decides alone where so many bytes (of each three) stand ahead."""
    digits = b64encode(bytes(ahead) + content).decode()
    return digits[(8 * ahead + 5) // 6 : 8 * (ahead + len(content)) // 6]


def common_spellings(text: str) -> set[str]:
    """The text as the encoders that one meets most write it."""
    escaped = json.dumps(text)[1:-1]
    digits = {base64_digits(_utf8(text), ahead) for ahead in range(3)}
    return {
        text,
        escaped,
        json.dumps(escaped)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        repr(text)[1:-1],
        html.escape(text),
        quote(text, safe="", errors="replace"),
        quote(text, errors="replace"),
        quote_plus(text, errors="replace"),
        *digits,
        *(each.replace("+", "-").replace("/", "_") for each in digits),
    }
