"""A request's body, read by its content type, as the JSON that a webhook gives."""

import re
from collections.abc import Mapping
from email.message import Message
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.items import Json
from apps.nodes.formats.text_files import encoding_named
from apps.triggers.errors import RefusedError

Kind = Literal["json", "form", "text", "multipart", "file"]
FORM = "application/x-www-form-urlencoded"
_TEXTS = re.compile(
    r"text/.*"
    r"|application/(.*\+)?(xml|yaml|toml|jwt|graphql|sql)"
    r"|application/(x-)?(xml-dtd|yaml|ndjson|jsonl|json-seq|javascript|ecmascript|sh)"
)
_DECLARED = re.compile(rb"""<\?xml[^>]{1,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@lru_cache(maxsize=256)
def kind_of(content_type: str) -> Kind:
    """How a body of this content type is read; one without a type is taken for JSON."""
    kind = plain_type(content_type)
    if kind == "application/json" or kind.endswith("+json") or not kind:
        return "json"
    if kind == FORM:
        return "form"
    if kind == "multipart/form-data":
        return "multipart"
    return "text" if _TEXTS.fullmatch(kind) else "file"


def coding_of(headers: Mapping[str, str]) -> str:
    """How a body is packed; empty where it is not."""
    coding = headers.get("content-encoding", "").strip().lower()
    return "" if coding == "identity" else coding


def is_upload(headers: Mapping[str, str]) -> bool:
    """Whether the body may be large, or must be unpacked: it is not read in memory."""
    kind = kind_of(headers.get("content-type", ""))
    return kind in ("multipart", "file") or coding_of(headers) != ""


def read_body(body: bytes, content_type: str) -> Json:
    """JSON as it is, a form as an object, any other text as a string; nothing is an empty object.

    Raises RefusedError where it is no JSON, UnicodeDecodeError where it is not in its encoding.
    """
    if not body:
        return {}
    kind = kind_of(content_type)
    if kind == "json":
        try:
            return read_json(body)
        except NotJsonError as error:
            raise RefusedError(400, error.code, error.message) from None
    encoding = _encoding(body, content_type)
    text = body.decode(encoding).removeprefix("\ufeff")
    return as_object(text, encoding) if kind == "form" else text


def is_text(body: bytes, content_type: str) -> bool:
    """Whether a body that is to be read as text can be; what is to be JSON is not asked."""
    if kind_of(content_type) == "json":
        return True
    try:
        body.decode(_encoding(body, content_type))
    except UnicodeDecodeError:
        return False
    return True


def _encoding(body: bytes, content_type: str) -> str:
    """What the content type says, or the text itself at its beginning; else UTF-8."""
    marked = next((encoding for mark, encoding in _MARKS if body.startswith(mark)), "")
    declared = _DECLARED.match(body)
    for name in (charset(content_type), marked, declared[1].decode() if declared else ""):
        try:
            return encoding_named(name)
        except ValueError:
            continue
    return "utf-8"


def charset(content_type: str) -> str:
    """The parameter of a content type, empty where it has none."""
    if "charset" not in content_type.lower():
        return ""
    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_charset("")


def plain_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def as_object(encoded: str, encoding: str = "utf-8") -> dict[str, Json]:
    """A query or form: a name that occurs more than once has a list of values."""
    found: dict[str, Json] = {}
    if not encoded:
        return found  # parse_qsl takes a while to find that out
    for name, value in parse_qsl(encoded, keep_blank_values=True, encoding=encoding):
        add(found, name, value)
    return found


def add(found: dict[str, Json], name: str, value: str) -> None:
    """Put a field into an object: a name that is there already has a list of values."""
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]
