"""Reads objects by a schema: fills in its defaults, and tells all that does not fit."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from apps.engine.errors import Fault
from apps.engine.faults import printable
from apps.engine.items import Json
from apps.nodes.schemas.accepted import schema_faults
from apps.nodes.schemas.validator import TooManyChecksError, at_most, errors_of
from apps.nodes.schemas.words import told

MAX_CHECKS = 500_000
MAX_TOLD = 50


def _checked(schema: dict[str, Json]) -> dict[str, Json]:
    if faults := schema_faults(schema):
        raise ValidationError.from_exception_data(
            "schema",
            [
                InitErrorDetails(
                    type=PydanticCustomError("schema", "{told}", {"told": fault.message}),
                    loc=fault.place,
                    input=None,
                )
                for fault in faults
            ],
        )
    return schema


ObjectSchema = Annotated[dict[str, Any], AfterValidator(_checked)]
"""A parameter that holds a JSON Schema of objects; what is wrong with it is told by its places."""


def read_objects(
    schema: Mapping[str, Json], given: Iterable[tuple[str, dict[str, Json]]]
) -> tuple[list[dict[str, Json]], list[Fault]]:
    """Objects, each with its path, as the schema completes them, and all that does not fit.

    Defaults of the schema's own properties are filled in where the object has none.
    """
    read: list[dict[str, Json]] = []
    faults: list[Fault] = []
    with at_most(MAX_CHECKS):
        for path, json in given:
            read.append(completed := _with_defaults(schema, json))
            try:
                for error in errors_of(schema, completed):
                    if len(faults) == MAX_TOLD:
                        return read, [*faults, Fault("", "more_faults", _MORE)]
                    code, sentence = told(error)
                    where = _below(path, error.absolute_path)
                    faults.append(Fault(printable(where), code, printable(sentence)))
            except TooManyChecksError:
                return read, [*faults, Fault(path, "too_large", _TOO_LARGE)]
    return read, faults


_MORE = f"Only the first {MAX_TOLD} faults are told."
_TOO_LARGE = "To check all this by the schema would take too long: give less at once."


def _with_defaults(schema: Mapping[str, Json], json: dict[str, Json]) -> dict[str, Json]:
    missing = {
        name: deepcopy(part["default"])
        for name, part in schema.get("properties", {}).items()
        if name not in json and isinstance(part, dict) and "default" in part
    }
    return {**json, **missing} if missing else json


def _below(path: str, place: Sequence[str | int]) -> str:
    """`input[2]` and `customer`, `emails`, 0: `input[2].customer.emails[0]`."""
    for step in place:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path
