"""Where the code begins and ends in a template: `text {{ code }} text`."""

import re
from dataclasses import dataclass

OPEN, CLOSE = "{{", "}}"

# One step through JavaScript; what is not listed passes one character at a time.
TOKEN = re.compile(
    r"""
      (?P<space> \s+ | //[^\n]* | /\*.*?\*/ )
    | (?P<value> "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | [\w$]+ | [)\]] )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
IN_BACKTICKS = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
# After these words a slash begins a regular expression, after all others it divides.
OPERATOR_WORDS = frozenset(
    {"return", "typeof", "instanceof", "in", "of", "new", "delete", "void", "throw", "case"}
    | {"do", "else", "yield", "await"}
)


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
    literal = ""
    begin = at = start
    while (opened := text.find(OPEN, at)) >= 0:
        if opened > start and text[opened - 1] == "\\":
            literal += text[at : opened - 1] + OPEN
            at = opened + len(OPEN)
            continue
        literal += text[at:opened]
        if literal:
            parts.append(Part(literal, begin, is_code=False))
            literal = ""
        inside = opened + len(OPEN)
        closed = _close(text, inside)
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


def _close(text: str, at: int) -> int | None:
    """Find the braces that end the code: outside its strings, comments, objects and patterns."""
    open_brackets: list[str] = []  # "{" and "${"
    after_value = False
    end = len(text)
    while at < end:
        character = text[at]
        if character == "}":
            if not open_brackets:
                if text.startswith(CLOSE, at):
                    return at
                at += 1
            elif open_brackets.pop() == "${":
                at = _skip_backticks(text, at + 1, open_brackets)
            else:
                at += 1
            after_value = True
        elif character == "{":
            open_brackets.append("{")
            at += 1
            after_value = False
        elif character == "`":
            at = _skip_backticks(text, at + 1, open_brackets)
            after_value = True
        elif character == "/" and not after_value and (regex := _regex(text, at)):
            at = regex.end()
            after_value = True
        else:
            token = TOKEN.match(text, at)
            assert token is not None
            at = token.end()
            if token.lastgroup != "space":
                after_value = token.lastgroup == "value" and token.group() not in OPERATOR_WORDS
    return None


def _regex(text: str, at: int) -> re.Match[str] | None:
    return None if text.startswith(("//", "/*"), at) else REGEX.match(text, at)


def _skip_backticks(text: str, at: int, open_brackets: list[str]) -> int:
    """Go to the end of a template literal, or into its next `${`."""
    literal = IN_BACKTICKS.match(text, at)
    assert literal is not None
    if text.startswith("${", literal.end()):
        open_brackets.append("${")
        return literal.end() + 2
    return literal.end() + 1
