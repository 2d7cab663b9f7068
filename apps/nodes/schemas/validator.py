"""JSON Schema 2020-12 as it is checked here: linear patterns, exact multiples, faults by place."""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from pydantic_core import SchemaError, SchemaValidator, core_schema

from apps.engine.items import Json

Errors = Iterator[ValidationError]
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


class TooManyChecksError(Exception):
    """The values and their schema are too large for each other."""


_left: ContextVar[list[int]] = ContextVar("checks_left")


@contextmanager
def at_most(checks: int) -> Iterator[None]:
    """Within it, all validators together check so many keywords, then TooManyChecksError.

    One that lists much counts more than once.
    """
    token = _left.set([checks])
    try:
        yield
    finally:
        _left.reset(token)


def _count(checks: int) -> None:
    left = _left.get()
    left[0] -= checks
    if left[0] < 0:
        raise TooManyChecksError()


@lru_cache(maxsize=1024)
def compiled_pattern(pattern: str) -> SchemaValidator:
    """The pattern, by an engine whose time is linear in the text. Raises ValueError."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError as error:
        reason = str(error).strip().rpartition("\n")[2]
        raise ValueError(reason.strip().removeprefix("error: ").rstrip(".")) from None


# --- Keywords that are checked otherwise than by the library --------------------------------------


def _pattern(validator: Any, pattern: str, value: Json, schema: Json) -> Errors:
    if isinstance(value, str) and not compiled_pattern(pattern).isinstance_python(value):
        yield ValidationError("")


def _required(validator: Any, names: Sequence[str], value: Json, schema: Json) -> Errors:
    """Of each name that is missing, at its own place."""
    if isinstance(value, dict):
        for name in names:
            if name not in value:
                yield ValidationError("", path=[name])


def _additional(validator: Any, others: Json, value: Json, schema: Json) -> Errors:
    if not isinstance(value, dict):
        return
    known = schema.get("properties", {})
    for name in value:
        if name in known:
            continue
        if others is False:
            yield ValidationError("", path=[name])
        else:
            yield from validator.descend(value[name], others, path=name)


def _unique(validator: Any, wanted: bool, value: Json, schema: Json) -> Errors:
    if wanted and isinstance(value, list):
        _count(len(value))
        if len({_key(entry) for entry in value}) < len(value):
            yield ValidationError("")


def _key(value: Json) -> Hashable:
    """The same for values that are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict):
        return ("object", frozenset((name, _key(each)) for name, each in value.items()))
    if isinstance(value, list):
        return ("list", tuple(map(_key, value)))
    return ("bool", value) if isinstance(value, bool) else value


def _multiple(validator: Any, step: int | float, value: Json, schema: Json) -> Errors:
    """Exactly, as the numbers are written: 0.07 is a multiple of 0.01."""
    if validator.is_type(value, "number") and (
        Fraction(str(value)) / Fraction(str(step))
    ).denominator > 1:  # fmt: skip
        yield ValidationError("")


def _any_of(validator: Any, forms: Sequence[Json], value: Json, schema: Json) -> Errors:
    if not any(_is_valid(validator, form, value) for form in forms):
        yield from _of_forms(validator, forms, value)


def _one_of(validator: Any, forms: Sequence[Json], value: Json, schema: Json) -> Errors:
    fitting = sum(_is_valid(validator, form, value) for form in forms)
    if fitting == 0:
        yield from _of_forms(validator, forms, value)
    elif fitting > 1:
        yield ValidationError("")


def _is_valid(validator: Any, form: Json, value: Json) -> bool:
    return bool(validator.evolve(schema=form).is_valid(value))


def _of_forms(validator: Any, forms: Sequence[Json], value: Json) -> Errors:
    """What is wrong with the value as the one form that is of its type; else that none fits."""
    of_type = [
        form
        for form in forms
        if isinstance(form, dict) and _is_valid(validator, _type_alone(form), value)
    ]
    if len(of_type) == 1:
        yield from validator.descend(value, of_type[0])
    else:
        yield ValidationError("", validator="anyOf")


def _type_alone(form: Mapping[str, Json]) -> dict[str, Json]:
    return {"type": form["type"]} if "type" in form else {}


# --- Formats --------------------------------------------------------------------------------------


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and date.fromisoformat(text) is not None


def _is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None and datetime.fromisoformat(text.upper()) is not None


def _is_uri(text: str) -> bool:
    return _URI.fullmatch(text) is not None and bool(urlsplit(text).scheme)


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_date,
    "date-time": _is_moment,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "uri": _is_uri,
    "uuid": lambda text: len(text) == 36 and UUID(text) is not None,
}


def _format_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, is_of_format in FORMATS.items():
        checker.checks(name, raises=ValueError)(_of_text(is_of_format))
    return checker


def _of_text(is_of_format: Callable[[str], bool]) -> Callable[[object], bool]:
    """What is no text has no format."""
    return lambda value: not isinstance(value, str) or is_of_format(value)


# --- The validator --------------------------------------------------------------------------------


_LISTED_AT_ONCE = 8
"""How many values of an `enum`, or names of `properties`, take as long as another keyword does."""


def _counted(check: Callable[..., Any]) -> Callable[..., Errors]:
    def counted(validator: Any, expected: Json, value: Json, schema: Json) -> Errors:
        listed = len(expected) if isinstance(expected, list | dict) else 0
        _count(1 + listed // _LISTED_AT_ONCE)
        yield from check(validator, expected, value, schema) or ()

    return counted


_OWN = {
    "pattern": _pattern,
    "required": _required,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
    "multipleOf": _multiple,
    "anyOf": _any_of,
    "oneOf": _one_of,
}
# The library has no types of it.
_Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {name: _counted(check) for name, check in {**Draft202012Validator.VALIDATORS, **_OWN}.items()},
)
_FORMAT_CHECKER = _format_checker()


def errors_of(schema: Mapping[str, Json], value: Json, part: Json = None) -> Errors:
    """What is wrong with a value, by the schema or a part of it. Only within `at_most`.

    The messages of the errors say nothing: `words.told` has them. Raises TooManyChecksError.
    """
    validator: Any = _Validator(schema, format_checker=_FORMAT_CHECKER)
    if part is not None:
        validator = validator.evolve(schema=part)
    # The library writes each value into its messages, which are not read here.
    yield from validator.iter_errors(_quiet(value))


class _Object(dict[str, Json]):
    def __repr__(self) -> str:
        return "{}"


class _List(list[Json]):
    def __repr__(self) -> str:
        return "[]"


class _Text(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return "''"


def _quiet(value: Json) -> Json:
    """The same value, which no message can show."""
    if isinstance(value, dict):
        return _Object((name, _quiet(each)) for name, each in value.items())
    if isinstance(value, list):
        return _List(map(_quiet, value))
    return _Text(value) if isinstance(value, str) else value
