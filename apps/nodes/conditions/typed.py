"""Conditions in n8n's filter form: what builders own can be pasted, and means the same."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, tzinfo
from itertools import count
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.conditions.operations import OPERATIONS, operation_named
from apps.nodes.params import ParamsModel
from apps.nodes.values.field_types import (
    WrongTypeError,
    is_of,
    to_array,
    to_boolean,
    to_datetime,
    to_number,
    to_object,
    to_text,
)

ValueType = Literal["string", "number", "boolean", "dateTime", "array", "object", "any"]
Match = bool | str | NodeError
"""Whether a regular expression is found in a text, what is wrong with it, or why it was stopped."""
Matcher = Callable[[Sequence[tuple[str, str]]], Sequence[Match]]
"""For pairs of (regular expression, text)."""


class _Pasted(ParamsModel):
    """What other tools write beside what we read (`id`, `singleValue`) is left alone."""

    model_config = ConfigDict(extra="ignore")


class Operator(_Pasted):
    model_config = ConfigDict(
        # Lists: the order of an object's members is not kept.
        json_schema_extra={
            "x-operations": [
                {
                    "type": type,
                    "operations": [
                        {"name": name, "meaning": each.meaning} for name, each in known.items()
                    ],
                }
                for type, known in OPERATIONS.items()
            ]
        }
    )

    type: ValueType
    operation: str = Field(description="Which there are depends on the type.")
    rightType: ValueType | None = Field(  # noqa: N815  # the form that is pasted
        None, description="Of the right side, where it is another than the left one's."
    )

    @model_validator(mode="after")
    def _known(self) -> "Operator":
        try:
            operation_named(self.type, self.operation)
        except ValueError as error:
            raise ValueError(f"operation: {error}") from None
        return self


class Condition(_Pasted):
    leftValue: Any = None  # noqa: N815
    operator: Operator
    rightValue: Any = None  # noqa: N815


class Options(_Pasted):
    caseSensitive: bool = True  # noqa: N815
    typeValidation: Literal["strict", "loose"] = "strict"  # noqa: N815
    version: int = 2


class Conditions(_Pasted):
    combinator: Literal["and", "or"] = "and"
    conditions: list[Condition] = Field(max_length=1_000)
    options: Options = Options()


Verdict = bool | NodeError
"""Whether conditions hold, or why that cannot be told: type_mismatch, invalid_regex."""


def hold(
    filters: Sequence[Conditions],
    match: Matcher,
    zone: tzinfo = UTC,
    places: Iterable[int] | None = None,
) -> list[Verdict]:
    """Whether the conditions hold, for each of many (one an item).

    Dates that say no offset are in `zone`. `places` are those of the items, for the errors.
    """
    pairs = dict.fromkeys(
        _pair(condition, filter.options)
        for filter in filters
        for condition in filter.conditions
        if condition.operator.operation in ("regex", "notRegex")
    )
    found = dict(zip(pairs, match(list(pairs)), strict=True)) if pairs else {}
    return [
        _holds(filter, place, found, zone)
        for place, filter in zip(count() if places is None else places, filters, strict=False)
    ]


Found = dict[tuple[str, str], Match]


def _holds(filter: Conditions, item: int, found: Found, zone: tzinfo) -> Verdict:
    verdicts = (
        _evaluated(condition, filter.options, f"condition {number} of item {item}", found, zone)
        for number, condition in enumerate(filter.conditions)
    )
    try:
        return all(verdicts) if filter.combinator == "and" else any(verdicts)
    except NodeError as error:
        return error


def _evaluated(
    condition: Condition,
    options: Options,
    where: str,
    found: Found,
    zone: tzinfo,
) -> bool:
    operator = condition.operator
    operation = OPERATIONS[operator.type][operator.operation]
    try:
        left = _read(condition.leftValue, operator.type, options, zone)
        right = (
            _read(condition.rightValue, _right_type(operator), options, zone)
            if operation.takes_right
            else None  # builders write "" where an operation takes nothing
        )
    except WrongTypeError as error:
        raise NodeError(
            "type_mismatch",
            f"In {where}: {error}.",
            hint="Set typeValidation to loose to convert values, or change the operator's type.",
        ) from None
    if operator.operation in ("regex", "notRegex"):
        verdict = found[_pair(condition, options)]
        if isinstance(verdict, NodeError):
            raise NodeError(verdict.code, f"In {where}: The regular expression: {verdict.message}")
        if isinstance(verdict, str):
            raise NodeError("invalid_regex", f"In {where}: {verdict}")
        return verdict == (operator.operation == "regex")
    if not options.caseSensitive:
        left, right = _folded(left), _folded(right)
    return bool(operation.holds(left, right))


def _right_type(operator: Operator) -> ValueType:
    if operator.rightType is not None:
        return operator.rightType
    if operator.type == "array":
        return "number" if operator.operation.startswith("length") else "any"
    return operator.type


def _read(value: Json, type: ValueType, options: Options, zone: tzinfo) -> Any:
    """The value as the operator's type. Strict: it is of the type already; null passes always."""
    if value is None or type == "any":
        return value
    if type == "boolean" and options.typeValidation == "loose":
        return _loose_boolean(value, options.version)
    if options.typeValidation == "strict" and not is_of(value, type):
        raise WrongTypeError(value, type)
    return to_datetime(value, zone) if type == "dateTime" else _READERS[type](value)


def _loose_boolean(value: Json, version: int) -> bool:
    if version >= 2:
        try:
            return to_boolean(value)
        except WrongTypeError:
            pass
    return value not in ("", 0, False) or isinstance(value, list | dict)


_READERS: dict[str, Callable[[Json], Any]] = {
    "string": to_text,
    "number": to_number,
    "boolean": to_boolean,
    "array": to_array,
    "object": to_object,
}


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list):
        return [_folded(entry) if isinstance(entry, str) else entry for entry in value]
    return value


def _pair(condition: Condition, options: Options) -> tuple[str, str]:
    text = to_text(condition.leftValue if condition.leftValue is not None else "")
    pattern = condition.rightValue if condition.rightValue is not None else ""
    return to_text(pattern), text if options.caseSensitive else text.lower()
