"""Says what pydantic found wrong with params: where, and in our words what was expected."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from apps.engine.errors import Fault
from apps.engine.items import Json
from apps.engine.suggest import did_you_mean
from apps.expressions.template import is_template

LITERAL_ONLY = "literal_only"
SURE = "sure"
_OF_FIELD = re.compile(r"(?P<field>\w+(?:\[\d+\])?(?:\.\w+)*): (?P<message>.+)", re.DOTALL)
_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_param",
    "literal_error": "not_one_of",
    "union_tag_invalid": "not_one_of",
    "union_tag_not_found": "missing",
    LITERAL_ONLY: LITERAL_ONLY,
}
_NEEDED = {
    "string": "Text",
    "int": "A whole number",
    "float": "A number",
    "finite": "A number",
    "bool": "True or false",
    "list": "A list",
    "dict": "An object",
    "model": "An object",
}
_BOUNDS = {
    "literal_error": "It must be {expected}.",
    "greater_than": "It must be over {gt}.",
    "greater_than_equal": "It must be at least {ge}.",
    "less_than_equal": "It must be at most {le}.",
    "string_pattern_mismatch": "It must be of the form {pattern}.",
    "string_too_short": "It must have {min_length} or more characters.",
    "string_too_long": "It must have at most {max_length} characters.",
    "too_short": "It must have {min_length} or more entries.",
    "too_long": "It must have at most {max_length} entries.",
}
_KINDS = {type(None): "null", bool: "true or false", str: "text", list: "a list", dict: "an object"}


def faults_of(
    model: type[BaseModel],
    params: Mapping[str, Json],
    details: Sequence[ErrorDetails],
    written: Mapping[str, Json],
) -> list[Fault]:
    """One fault a place: where a value may be of several types, pydantic tells of each of them.

    `params` may be resolved; `written` are those with their templates.
    """
    faults: dict[tuple[str, bool], Fault] = {}
    for detail in details:
        fault = _fault(model, detail, params, written)
        faults.setdefault((fault.path, fault.code in ("missing", "unknown_param")), fault)
    return list(faults.values())


def _fault(
    model: type[BaseModel],
    detail: ErrorDetails,
    params: Mapping[str, Json],
    written: Mapping[str, Json],
) -> Fault:
    kind = detail["type"]
    code = _CODES.get(kind, "wrong_type" if kind.endswith("_type") else "invalid_value")
    path = _path(detail, params)
    told = detail["msg"].removeprefix("Value error, ")
    if kind == "missing":
        is_written = is_template(_at(written, detail["loc"]))
        told = "The expression gave nothing." if is_written else "This parameter is missing."
    elif kind == "extra_forbidden":
        name = str(detail["loc"][-1])
        known = model.model_fields if len(detail["loc"]) == 1 else {}
        told = f"There is no parameter “{name[:80]}” here.{did_you_mean(name, known)}"
    elif kind.startswith("union_tag_"):
        tag = detail["ctx"]["discriminator"].strip("'")
        path = f"{path}.{tag}" if path else tag
        told = _unknown_tag(tag, **detail["ctx"])
    elif kind == "string_pattern_mismatch" and (like := _example(model, detail["ctx"]["pattern"])):
        told = f"It must be written like “{like}”."
    elif kind in ("value_error", SURE):
        if of_field := _OF_FIELD.match(told):
            path = f"{path}.{of_field['field']}" if path else of_field["field"]
            told = of_field["message"][0].upper() + of_field["message"][1:]
    elif kind in _BOUNDS:
        told = _BOUNDS[kind].format_map(detail["ctx"])
        told = told.replace("have 1 or more characters", "not be empty")
        told = told.replace("have 1 or more entries", "not be empty")
    elif needed := _NEEDED.get(kind.partition("_")[0]):
        given = _KINDS.get(type(detail["input"]))
        told = f"{needed} is needed, not {given}." if given else f"{needed} is needed."
    return Fault(path, code, told if told.endswith((".", "?")) else f"{told}.")


def _unknown_tag(name: str, tag: str = "", expected_tags: str = "", **_: Any) -> str:
    """Of an object that says by `name` which of several kinds it is."""
    if not expected_tags:
        return "This parameter is missing."
    known = [each.strip("'") for each in expected_tags.split(", ")]
    near = did_you_mean(tag, known)
    return f"There is no {name} “{tag[:80]}”, but {', '.join(known)}.{near}"


@cache
def _example(model: type[BaseModel], pattern: str) -> Json:
    """The first example of the field of this pattern, wherever in the model; null without one."""
    return _example_in(model.model_json_schema(), pattern, None)


def _example_in(schema: Json, pattern: str, near: Json) -> Json:
    """`near` is the example of what the schema belongs to: it stands outside of `anyOf`."""
    if isinstance(schema, list):
        return next(filter(None, (_example_in(each, pattern, near) for each in schema)), None)
    if not isinstance(schema, dict):
        return None
    examples = schema.get("examples")
    near = examples[0] if isinstance(examples, list) else near
    if schema.get("pattern") == pattern:
        return near
    return _example_in(list(schema.values()), pattern, near)


def _at(params: Json, location: Sequence[int | str]) -> Json:
    """What stands at this place of params; null where there is nothing."""
    for step in location:
        if isinstance(params, dict):
            params = params.get(step)
        elif isinstance(params, list) and isinstance(step, int) and step < len(params):
            params = params[step]
        else:
            return None
    return params


def _path(detail: ErrorDetails, params: Mapping[str, Json]) -> str:
    """`assignments[0].name`: the location without the marks that pydantic puts in for unions."""
    path = ""
    value: Any = params
    last = len(detail["loc"]) - 1
    for place, step in enumerate(detail["loc"]):
        if isinstance(step, int) and isinstance(value, list):
            path += f"[{step}]"
            value = value[step] if step < len(value) else None
        elif isinstance(value, dict) and (
            step in value or (place == last and detail["type"] == "missing")
        ):
            path += f".{step}" if path else str(step)
            value = value.get(step)
    return path
