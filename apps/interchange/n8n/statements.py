"""A statement of SQL with expressions in it, as one whose values are bound."""

import re

from apps.engine.items import Json
from apps.expressions.scan import split
from apps.interchange.n8n.given import UnsupportedError

_CODE = "\0"
_TYPES = "date|time|timestamp|timestamptz|interval|json|jsonb|uuid|numeric|int|b|n|x|u&"
# A value stands where the whole literal is an expression, or nothing touches its braces. In
# any other literal, name or comment `$1` would be text, and nothing be bound.
_PARTS = re.compile(
    rf"""
    (?<!\w) e '(?: [^'\\] | \\. | '' )*+ '?
    | (?<!\w) (?:{_TYPES}) \s* '(?: [^'] | '' )*+ '?
    | (?P<value> '{_CODE}' (?!') | (?<![\w$.'"{_CODE}]) {_CODE} (?![\w$.'"{_CODE}]) )
    | '(?: [^'] | '' )*+ '?
    | "[^"]*+ "?
    | --[^\n]*+
    | /\* .*? (?: \*/ | \Z )
    | \$(?P<tag> \w*+ )\$ .*? (?: \$(?P=tag)\$ | \Z )
    | {_CODE}
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def bound(text: str) -> dict[str, Json]:
    """The statement with `$1`, `$2` … for `'{{ x }}'` and `{{ x }}`, and their values.

    Raises UnsupportedError where an expression is only a part of a literal or a name.
    """
    parts = split(text)
    codes = iter([part.source.strip() for part in parts if part.is_code])
    if any(_CODE in part.source for part in parts if not part.is_code):
        raise UnsupportedError("Its statement holds the character NUL.")
    values: list[Json] = []

    def placed(found: re.Match[str]) -> str:
        if found["value"]:
            values.append(f"={{{{ {next(codes)} }}}}")
            return f"${len(values)}"
        if _CODE in found[0]:
            told = f"“{{{{ {next(codes)[:80]} }}}}” is only a part of a literal or a name."
            raise UnsupportedError(f"Write its statement with $1, $2 … by hand: {told}")
        return found[0]

    written = "".join(_CODE if part.is_code else part.source for part in parts)
    return {"sql": _PARTS.sub(placed, written), "values": values}
