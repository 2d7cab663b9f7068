"""Which JSON Schemas are taken: those that end, are cheap to check, and have no idle word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from jsonschema import Draft202012Validator

from apps.engine.encoding import NotJsonError, decode, encode
from apps.engine.items import Json
from apps.engine.suggest import did_you_mean
from apps.nodes.schemas.validator import (
    FORMATS,
    TooManyChecksError,
    at_most,
    compiled_pattern,
    errors_of,
)
from apps.nodes.schemas.words import told

MAX_BYTES = 65_536
MAX_NESTING = 60
MAX_DEPTH = 16
MAX_PARTS = 1_000
MAX_PATTERN = 1_000
MAX_CHECKS = 100_000
MAX_TOLD = 50
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_ONE = ("items", "additionalProperties", "not", "if", "then", "else")
_LISTS = ("prefixItems", "anyOf", "oneOf", "allOf")
_NAMED = ("properties", "$defs", "definitions")
_RULES = ("type", "enum", "const", "required", "$ref", "$schema", "pattern", "format", "multipleOf")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
           "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties")  # fmt: skip
_TOLD = ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
         "$comment")  # fmt: skip
KEYWORDS = frozenset((*_ONE, *_LISTS, *_NAMED, *_RULES, *_BOUNDS, *_TOLD))
"""All that may stand in a schema, beside names that begin with `x-`."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """What is wrong with a schema: where in it, and a sentence."""

    place: Place
    message: str


def schema_faults(schema: Mapping[str, Json]) -> tuple[SchemaFault, ...]:
    """Everything wrong with a schema of objects; none, and values can be checked by it.

    A schema may refer only to its own parts: nothing is ever fetched.
    """
    try:
        written = encode(schema)
    except NotJsonError as error:
        return (SchemaFault((), error.message),)
    if len(written) > MAX_BYTES:
        return (SchemaFault((), f"A schema may have at most {MAX_BYTES // 1024} kB."),)
    return _faults_of(written)


@lru_cache(maxsize=256)
def _faults_of(written: bytes) -> tuple[SchemaFault, ...]:
    """Kept: a schema that was found right once is not looked through for each run."""
    schema = decode(written)
    if _nesting(schema) > MAX_NESTING:
        return (_too_deep(()),)
    faults = {fault.place: fault for fault in _meta_faults(schema)}
    parts = dict(_parts(schema))
    for place, part in parts.items():
        for fault in _part_faults(place, part, parts):
            faults.setdefault(fault.place, fault)
    if not faults:
        faults = {fault.place: fault for fault in _expanded_faults(parts)}
    if not faults:
        faults = {fault.place: fault for fault in _default_faults(schema, parts)}
    return tuple(faults.values())[:MAX_TOLD]


def _nesting(schema: Json) -> int:
    level, depth = [schema], 0
    while level and depth <= MAX_NESTING:
        depth += 1
        below: list[Json] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
        level = below
    return depth


def _too_deep(place: Place) -> SchemaFault:
    message = (
        f"The parts of a schema may lie {MAX_DEPTH} deep in each other, those that “$ref” leads to "
        "too: one that leads into itself has no end."
    )
    return SchemaFault(place, message)


def _meta_faults(schema: Json) -> Iterator[SchemaFault]:
    """What JSON Schema itself says is no schema."""
    found = Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema)
    for error in found:
        place = tuple(error.absolute_path)
        if error.validator == "anyOf":  # of which there is one, for `type`
            known = "string, integer, number, boolean, array, object or null, or a list of these"
            yield SchemaFault(place, f"It must be {known}.")
        elif error.validator == "type" and isinstance(error.validator_value, list):
            yield SchemaFault(place, "It must be a schema: an object.")
        else:
            yield SchemaFault(place, told(error)[1])


def _parts(schema: Json) -> Iterator[tuple[Place, Json]]:
    """The schema and all schemas in it, by their places."""
    waiting: list[tuple[Place, Json]] = [((), schema)]
    for place, part in waiting:
        yield place, part
        if isinstance(part, dict):
            waiting += [((*place, *way), inner) for way, inner in _inside(part)]


def _inside(part: Mapping[str, Json]) -> Iterator[tuple[Place, Json]]:
    """The schemas right inside one, and the ways to them."""
    for name, value in part.items():
        if name in _ONE:
            yield (name,), value
        elif name in _LISTS and isinstance(value, list):
            yield from (((name, index), each) for index, each in enumerate(value))
        elif name in _NAMED and isinstance(value, dict):
            yield from (((name, key), each) for key, each in value.items())


def _part_faults(place: Place, part: Json, parts: Mapping[Place, Json]) -> Iterator[SchemaFault]:
    if not isinstance(part, dict):
        return
    for way, inner in _inside(part):
        if inner is False and way not in (("items",), ("additionalProperties",)):
            never = "By “false” nothing could ever stand here: leave it out."
            yield SchemaFault((*place, *way), never)
    for name, value in part.items():
        message = None
        if name not in KEYWORDS and not name.startswith("x-"):
            near = did_you_mean(name, KEYWORDS)
            message = f"There is no keyword “{name[:64]}” here.{near}"
        elif name == "$schema" and (place or value != DIALECT):
            message = f"It may stand at the top only, and be “{DIALECT}”."
        elif name == "$ref" and _target(value, parts) is None:
            message = (
                "It must lead to a part of this schema, like “#/$defs/address”: nothing is fetched."
            )
        elif name == "pattern" and isinstance(value, str):
            message = _pattern_fault(value)
        elif name == "format" and value not in tuple(FORMATS):
            message = f"It must be one of {', '.join(FORMATS)}."
        if message:
            yield SchemaFault((*place, name), message)
    if not place and part.get("type", "object") != "object":
        yield SchemaFault(("type",), "It must be “object”: each item is one.")


def _pattern_fault(pattern: str) -> str | None:
    if len(pattern) > MAX_PATTERN:
        return f"It must have at most {MAX_PATTERN:,} characters."
    try:
        compiled_pattern(pattern)
    except ValueError as error:
        return f"This pattern cannot be used: {error}."
    return None


def _target(ref: Json, parts: Mapping[Place, Json]) -> Place | None:
    """The place that a reference leads to, where a schema stands there."""
    if not isinstance(ref, str) or not (ref == "#" or ref.startswith("#/")):
        return None
    place: Place = ()
    for step in unquote(ref[1:]).split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        is_index = bool(place) and place[-1] in _LISTS and name.isdecimal()
        place = (*place, int(name) if is_index else name)
    return place if place in parts else None


def _expanded_faults(parts: Mapping[Place, Json]) -> Iterator[SchemaFault]:
    """Whether it ends, each part counted as often as it is come to."""
    waiting: list[tuple[Place, int]] = [((), 1)]
    count = 0
    while waiting:
        place, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH:
            yield _too_deep(place)
            return
        if count > MAX_PARTS:
            message = f"A schema may have at most {MAX_PARTS:,} parts, each “$ref” with its own."
            yield SchemaFault((), message)
            return
        part = parts[place]
        if isinstance(part, dict):
            waiting += [((*place, *way), depth + 1) for way, _ in _inside(part)]
            if (target := _target(part.get("$ref"), parts)) is not None:
                waiting.append((target, depth + 1))


def _default_faults(schema: Json, parts: Mapping[Place, Json]) -> Iterator[SchemaFault]:
    """Defaults that would be refused."""
    with at_most(MAX_CHECKS):
        for place, part in parts.items():
            if not isinstance(part, dict) or "default" not in part:
                continue
            try:
                error = next(errors_of(schema, part["default"], part), None)
            except TooManyChecksError:
                return
            if error is not None:
                yield SchemaFault((*place, "default"), told(error)[1])
