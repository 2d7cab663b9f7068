"""The text of a file's bytes: in the encoding that is named, or found."""

import codecs
import re

from apps.engine.errors import NodeError
from apps.nodes.values.field_types import describe

AUTO = "auto"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
# Python's other codecs are none of texts, and punycode takes hours for some megabytes.
_OF_TEXT = re.compile(
    r"ascii|utf-8-sig|utf-(8|16|32)(-[bl]e)?|iso8859-\d+|cp\d+|mac-\w+|koi8-\w|kz1048|ptcp154"
    r"|hp-roman8|tis-620|shift_jis\w*|euc_\w+|iso2022_\w+|gb\w+|hz|big5\w*|johab"
)


def encoding_named(name: str) -> str:
    """The encoding by its own name. Raises ValueError where it is none of text."""
    try:
        encoding = codecs.lookup(name).name
    except (LookupError, ValueError):
        encoding = ""
    if not _OF_TEXT.fullmatch(encoding):
        raise ValueError(f"{describe(name)} is no encoding of text, such as utf-8.")
    return encoding


def decode(content: bytes, encoding: str) -> str:
    """The text, without a byte order mark. `auto` goes by that mark, else takes UTF-8, else what
    the text itself says of its encoding at its beginning, else Windows-1252.

    Raises NodeError `not_in_encoding`.
    """
    if encoding == AUTO:
        return _found(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NodeError(
            "not_in_encoding", f"The file is not in {encoding}: byte {error.start} cannot be read."
        ) from None


def _found(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        declared = _DECLARED.search(content[:2_048])
        for name in (declared[1].decode() if declared else "", "windows-1252"):
            try:
                return content.decode(encoding_named(name))
            except ValueError:
                continue
    return content.decode("latin-1")
