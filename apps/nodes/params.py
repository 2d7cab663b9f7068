"""Parameters of a node type: the model that its schema, its faults and its values come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError, core_schema

from apps.engine.encoding import encode
from apps.engine.errors import Fault, NodeError
from apps.engine.items import Json
from apps.expressions.template import is_template
from apps.expressions.text import json_numbers, number_text
from apps.nodes.param_faults import LITERAL_ONLY, SURE, faults_of


class ParamsModel(BaseModel):
    """Base of all params. Numbers that a template gave where text is wanted become text.

    A validator of the whole model says which field is at fault by how its message begins:
    `ValueError("rules[1].name: it is taken.")` is a fault at that path.
    """

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, frozen=True)


class NoParams(ParamsModel):
    """Of a type without parameters."""


P = TypeVar("P", bound=ParamsModel)
HALF_A_SIGN = "A text holds half of a character, which cannot be written down."


def sure_fault(told: str) -> PydanticCustomError:
    """The error of a rule over fields that holds whatever the templates in them give.

    A ValueError is for rules that may hold of what they give: it waits until they are resolved.
    """
    return PydanticCustomError(SURE, "{told}", {"told": told})


def _refuse_template(value: Json) -> Json:
    if is_template(value):
        raise PydanticCustomError(LITERAL_ONLY, "This parameter cannot hold an expression.")
    return value


@dataclass(frozen=True)
class Literally:
    """Marks a parameter that is needed before any item is there: no template may stand in it."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_refuse_template, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "x-literal": True}


LiteralText = Annotated[str, Literally()]
Scalar = str | int | float | bool | None
"""A value that stands in a header, a query or a form."""


def when(**siblings: Json | tuple[Json, ...]) -> dict[str, Any]:
    """Mark a field, by its `json_schema_extra`, as one that matters with these values of siblings.

    Siblings are named as in the schema; all must fit. Forms do not ask for the field elsewhere,
    unless it has a value: its default must have no effect there.
    """
    return {
        "x-when": {
            name: list(values) if isinstance(values, tuple) else [values]
            for name, values in siblings.items()
        }
    }


def scalar_text(value: Scalar) -> str:
    """The text of a scalar, as JavaScript and JSON would write it; integers stay exact."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return "" if value is None else str(value)


def json_text(value: Json) -> str:
    """A value as JSON for others to read, its numbers as JavaScript writes them.

    Raises NotJsonError for what JSON cannot carry.
    """
    return json_numbers(encode(value).decode())


def literal_faults(
    model: type[ParamsModel],
    params: Mapping[str, Json],
    *,
    code_fields: frozenset[str],
    allow_templates: bool,
) -> list[Fault]:
    """What is wrong with the literals of params: templates are left for when they are resolved."""
    try:
        model.model_validate(dict(params), strict=True)
    except ValidationError as error:
        details = [
            detail
            for detail in error.errors(include_url=False)
            if not (allow_templates and _concerns_template(detail, params, code_fields))
        ]
        return faults_of(model, params, details, written={})
    except UnicodeEncodeError:
        return [Fault("", "invalid_value", HALF_A_SIGN)]
    return []


def read_params(model: type[P], params: Mapping[str, Json], written: Mapping[str, Json]) -> P:
    """Build the model from resolved params, of which `written` holds the templates.

    Raises NodeError `invalid_params`, naming fields.
    """
    try:
        return model.model_validate(params)
    except ValidationError as error:
        faults = faults_of(model, params, error.errors(include_url=False), written)
        told = " ".join(f"{fault.path}: {fault.message}" for fault in faults[:5])
        raise NodeError("invalid_params", told) from None
    except UnicodeEncodeError:
        raise NodeError("invalid_params", HALF_A_SIGN) from None


def _concerns_template(
    detail: ErrorDetails, params: Mapping[str, Json], code_fields: frozenset[str]
) -> bool:
    if detail["type"] == LITERAL_ONLY or (detail["loc"] and detail["loc"][0] in code_fields):
        return False
    value: Json = params
    for step in detail["loc"]:
        if not _has(value, step):
            continue  # a mark of pydantic's for a union, or what is missing
        value = value[step]
        if is_template(value):
            return True
    # A rule over several fields cannot be judged while one of them is a template.
    return detail["type"] == "value_error" and _holds_template(value)


def _has(value: Json, step: int | str) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _holds_template(value: Json) -> bool:
    waiting = [value]
    for entry in waiting:
        if is_template(entry):
            return True
        if isinstance(entry, dict):
            waiting.extend(entry.values())
        elif isinstance(entry, list):
            waiting.extend(entry)
    return False
