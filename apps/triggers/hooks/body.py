"""A request's body, read by its content type, as the JSON that a webhook gives."""

from urllib.parse import parse_qsl

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.items import Json
from apps.triggers.hooks.errors import RefusedError


def read_body(body: bytes, content_type: str, encoding: str = "") -> Json:
    """JSON as it is, a form as an object, any other text as a string; nothing is an empty object.

    Raises RefusedError.
    """
    if not body:
        return {}
    kind = content_type.partition(";")[0].strip().lower()
    if encoding not in ("", "identity"):
        raise RefusedError(
            415, "unsupported_encoding", "Compressed bodies are not taken; send it as it is."
        )
    try:
        if kind == "application/json" or kind.endswith("+json") or not kind:
            return read_json(body)
        if kind == "application/x-www-form-urlencoded":
            return as_object(body.decode())
        if kind.startswith("multipart/"):
            raise RefusedError(
                415, "unsupported_content_type", "Multipart bodies are not taken yet; send JSON."
            )
        return body.decode()
    except NotJsonError as error:
        raise RefusedError(400, error.code, error.message) from None
    except UnicodeDecodeError as error:
        sentence = f"The body is not UTF-8: byte {error.start} cannot be read."
        raise RefusedError(400, "not_utf8", sentence) from None


def as_object(encoded: str) -> dict[str, Json]:
    """A query or form: a name that occurs more than once has a list of values."""
    found: dict[str, Json] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found
