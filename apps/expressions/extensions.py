"""The methods that expressions have beside JavaScript's own: `$json.name.toTitleCase()`.

Their calls are written with a wide first letter (`ｔoTitleCase`), a name that all objects of the
sandbox answer to (prelude/extend.js).
"""

import re
from typing import Final

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
WIDE_NAME = re.compile(
    "|".join(sorted((chr(ord(name[0]) + WIDE) + name[1:] for name in NAMES), reverse=True))
)


def wide(letter: str) -> str:
    """The wide form of a name's first letter."""
    return chr(ord(letter) + WIDE)


def narrow(text: str) -> str:
    """Write the names as their author did: for messages."""
    return WIDE_NAME.sub(lambda name: chr(ord(name[0][0]) - WIDE) + name[0][1:], text)
