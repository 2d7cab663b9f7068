"""Calls of methods that expressions have beside JavaScript's own: `$json.name.toTitleCase()`.

They are written with a wide first letter (`ｔoTitleCase`), a name that all objects of the sandbox
answer to (prelude/extend.js). The source keeps its length, so places in it stay what they are.
"""

import re
from typing import Final

from apps.expressions.scan import calls_of

NAMES: Final = frozenset(
    {"abs", "append", "average", "base64Decode", "base64Encode", "beginningOf", "ceil", "chunk"}
    | {"compact", "diffTo", "diffToNow", "difference", "endOfMonth", "extract", "extractDomain"}
    | {"extractEmail", "extractUrl", "extractUrlPath", "first", "floor", "format", "hasField"}
    | {"hash", "inBetween", "intersection", "isBetween", "isDomain", "isDst", "isEmail"}
    | {"isEmpty", "isEven", "isInLast", "isInteger", "isNotEmpty", "isNumeric", "isOdd", "isUrl"}
    | {"isWeekend", "keepFieldsContaining", "keys", "last", "length", "max", "merge", "min"}
    | {"minus", "parseJson", "pluck", "plus", "quote", "randomItem", "removeDuplicates"}
    | {"removeField", "removeFieldsContaining", "removeMarkdown", "removeTags", "renameKeys"}
    | {"replaceSpecialChars", "round", "smartJoin", "sum", "toBoolean", "toDate", "toDateTime"}
    | {"toDecimalNumber", "toFloat", "toInt", "toJsonString", "toNumber", "toSentenceCase"}
    | {"toSnakeCase", "toTitleCase", "toWholeNumber", "union", "unique", "urlDecode"}
    | {"urlEncode", "values"}
)
WIDE: Final = 0xFF41 - ord("a")
ANY = re.compile(rf"\b(?:{'|'.join(sorted(NAMES))})\s*(?:\?\.\s*)?\(")
# What has such methods itself. To look there is enough: a name that is wide without need is
# understood all the same.
OWN = re.compile(
    r"(?:\b(?:Math|Object|JSON|Array|Number)|\$input|\$\(\s*(?:'[^'\n]*'|\"[^\"\n]*\")\s*\))\s*\Z"
)
BEFORE: Final = 200
WIDE_NAME = re.compile(
    "|".join(sorted({chr(ord(name[0]) + WIDE) + name[1:] for name in NAMES}, reverse=True))
)


def widen(source: str) -> str:
    """Write the calls of these methods so that the sandbox knows them."""
    if not ANY.search(source):
        return source
    letters = list(source)
    for dot, start, name in calls_of(source):
        if name in NAMES and not OWN.search(source[max(0, dot - BEFORE) : dot]):
            letters[start] = chr(ord(letters[start]) + WIDE)
    return "".join(letters)


def narrow(text: str) -> str:
    """Write the names as their author did: for messages."""
    return WIDE_NAME.sub(lambda name: chr(ord(name[0][0]) - WIDE) + name[0][1:], text)
