"""What a value that does not fit its schema is told: a code, and a sentence for people."""

from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import ValidationError

from apps.engine.faults import quoted, shown
from apps.engine.items import Json
from apps.engine.suggest import did_you_mean

MOST_NAMED = 12
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_GIVEN = {type(None): "null", bool: "true or false", int: "a number", float: "a number"}
_FORMATS = {
    "date": "a date like 2026-03-01",
    "date-time": "a moment with its offset, like 2026-03-01T08:00:00+01:00",
    "email": "an email address like ada@example.org",
    "uri": "an address like https://example.org/page",
    "uuid": "a UUID like 0190b5a4-7e3c-7000-8000-000000000001",
}
_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "enum": lambda values: f"It must be {_one_of(values)}.",
    "const": lambda value: f"It must be {shown(value)}.",
    "minimum": lambda least: f"It must be at least {shown(least)}.",
    "maximum": lambda most: f"It must be at most {shown(most)}.",
    "exclusiveMinimum": lambda limit: f"It must be over {shown(limit)}.",
    "exclusiveMaximum": lambda limit: f"It must be under {shown(limit)}.",
    "multipleOf": lambda step: f"It must be a multiple of {shown(step)}.",
    "minLength": lambda least: f"It must {_at_least(least, 'character')}.",
    "maxLength": lambda most: f"It must have at most {_counted(most, 'character')}.",
    "minItems": lambda least: f"It must {_at_least(least, 'entry', 'entries')}.",
    "maxItems": lambda most: f"It must have at most {_counted(most, 'entry', 'entries')}.",
    "minProperties": lambda least: f"It must {_at_least(least, 'field')}.",
    "maxProperties": lambda most: f"It must have at most {_counted(most, 'field')}.",
    "uniqueItems": lambda _: "No entry may be there twice.",
    "pattern": lambda pattern: f"It must be of the form {quoted(pattern)}.",
    "format": lambda name: f"It must be {_FORMATS.get(name, name)}.",
    "required": lambda _: "This is missing.",
    "items": lambda _: "It has too many entries.",
    "anyOf": lambda _: "It is of none of the forms that it may have.",
    "oneOf": lambda _: "It is of several of the forms of which it may have one only.",
    "not": lambda _: "It is of a form that it may not have.",
}
_CODES = {
    "required": "missing",
    "type": "wrong_type",
    "enum": "not_one_of",
    "const": "not_one_of",
    "additionalProperties": "unknown",
}


def told(error: ValidationError) -> tuple[str, str]:
    """Code and sentence."""
    keyword, expected = str(error.validator), error.validator_value
    return _CODES.get(keyword, "invalid_value"), _sentence(keyword, expected, error)


def _sentence(keyword: str, expected: Json, error: ValidationError) -> str:
    if keyword == "type":
        return f"It must be {_types(expected)}, not {_given(error.instance)}."
    if keyword == "additionalProperties":
        name = str(error.path[-1])
        schema: Any = error.schema
        near = did_you_mean(name, schema.get("properties", {}))
        return f"There is no field {quoted(name)} here.{near}"
    return _SENTENCES[keyword](expected)


def _types(expected: Json) -> str:
    names = expected if isinstance(expected, list) else [expected]
    return " or ".join(_TYPES.get(name, str(name)) for name in names)


def _given(value: Json) -> str:
    """What was given, as the type faults name it: never the value, which may be a secret."""
    if isinstance(value, float) and not value.is_integer():
        return "a fraction"
    if isinstance(value, str):
        return "text"
    return _GIVEN.get(type(value)) or shown(value)


def _one_of(values: list[Json]) -> str:
    named = ", ".join(shown(value) for value in values[:MOST_NAMED])
    more = f" or one of {len(values) - MOST_NAMED:,} others" if len(values) > MOST_NAMED else ""
    return f"{'one of ' if len(values) > 1 else ''}{named}{more}"


def _at_least(least: int, one: str, many: str = "") -> str:
    return "not be empty" if least == 1 else f"have {_counted(least, one, many)} or more"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
