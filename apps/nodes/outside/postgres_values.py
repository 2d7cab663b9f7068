"""Values between JSON and PostgreSQL: bound as the server's own types, read back without loss."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import NoneType

from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.postgres import types as known_types
from psycopg.types.array import register_array
from psycopg.types.bool import BoolLoader
from psycopg.types.none import NoneDumper
from psycopg.types.numeric import IntLoader
from psycopg.types.string import StrDumperUnknown, TextLoader

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.params import json_text, scalar_text

_OIDS: Mapping[str, int] = {type.name: type.oid for type in known_types}
_ELEMENTS: Mapping[int, int] = {type.array_oid: type.oid for type in known_types if type.array_oid}
_JSON = {_OIDS["json"], _OIDS["jsonb"]}
_HEX = re.compile(r"\\x(?:[0-9a-fA-F]{2})*")


def bound(value: Json, oid: int) -> str | None:
    """The text that stands for a JSON value where the server takes a parameter of that type.

    Objects and lists become JSON, for an array a list becomes an array; bytes are written in
    base64. Text for JSON that is an object or a list already is taken as it is.

    Raises NodeError `invalid_value` for what no text of PostgreSQL can hold.
    """
    if value is None:
        return None
    if oid in _JSON:
        text = value if _is_json_text(value) else json_text(value)
    elif oid in _ELEMENTS and isinstance(value, list):
        text = _array(value, _ELEMENTS[oid])
    elif isinstance(value, dict | list):
        text = json_text(value)
    elif oid == _OIDS["bytea"] and isinstance(value, str):
        text = _bytes(value)
    else:
        text = scalar_text(value)
    return storable(text)


def storable(text: str) -> str:
    """The text, if PostgreSQL can store it. Raises NodeError `invalid_value`."""
    if "\x00" in text:
        raise NodeError("invalid_value", "PostgreSQL stores no text with a NUL character in it.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NodeError(
            "invalid_value", "PostgreSQL stores no text with half a character."
        ) from None
    return text


def _is_json_text(value: Json) -> bool:
    if not (isinstance(value, str) and value.lstrip()[:1] in ("{", "[")):
        return False
    try:
        read_json(value.encode())
    except (NotJsonError, UnicodeEncodeError):
        return False
    return True


def _array(values: list[Json], oid: int) -> str:
    return "{" + ",".join(_element(value, oid) for value in values) + "}"


def _element(value: Json, oid: int) -> str:
    if isinstance(value, list) and oid not in _JSON:
        return _array(value, oid)
    text = bound(value, oid)
    if text is None:
        return "NULL"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _bytes(text: str) -> str:
    if _HEX.fullmatch(text):
        return text
    try:
        return f"\\x{base64.b64decode(text, validate=True).hex()}"
    except (binascii.Error, ValueError):
        raise NodeError(
            "invalid_value", f"{text[:40]!r} is no base64, in which bytes are written."
        ) from None


class _MomentLoader(Loader):
    """A moment in UTC, as ISO 8601; what Python's calendar does not reach stays as it is told."""

    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        try:
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        except (ValueError, OverflowError):
            return text


class _TimestampLoader(Loader):
    """A date and time of no zone, as ISO 8601."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode().replace(" ", "T", 1)


class _JsonLoader(Loader):
    """JSON that items can carry; other stays text."""

    def load(self, data: Buffer) -> Json:
        try:
            return read_json(bytes(data))
        except NotJsonError:
            return bytes(data).decode()


class _FloatLoader(Loader):
    """A number; NaN and the infinities, which JSON has not, as text."""

    def load(self, data: Buffer) -> float | str:
        text = bytes(data).decode()
        return text if text.lstrip("-") in ("NaN", "Infinity") else float(text)


class _BytesLoader(Loader):
    """Bytes in base64."""

    def load(self, data: Buffer) -> str:
        return base64.b64encode(bytes.fromhex(bytes(data)[2:].decode())).decode()


@cache
def adapters() -> AdaptContext:
    """How psycopg reads results: what is not listed here, `numeric` too, is the server's text."""
    context = _Adaptation()
    map = context.adapters
    map.register_dumper(str, StrDumperUnknown)
    map.register_dumper(NoneType, NoneDumper)
    map.register_loader(0, TextLoader)
    for names, loader in (
        (("bool",), BoolLoader),
        (("int2", "int4", "int8", "oid"), IntLoader),
        (("float4", "float8"), _FloatLoader),
        (("timestamp",), _TimestampLoader),
        (("timestamptz",), _MomentLoader),
        (("json", "jsonb"), _JsonLoader),
        (("bytea",), _BytesLoader),
    ):
        for name in names:
            map.register_loader(name, loader)
    for type in known_types:
        if type.array_oid:
            register_array(type, context)
    return context


class _Adaptation:
    """Nothing but a map: psycopg's own one knows types that are no JSON."""

    def __init__(self) -> None:
        self.adapters = AdaptersMap(types=known_types)
        self.connection = None
