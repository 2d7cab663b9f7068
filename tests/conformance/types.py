"""Read values as types: `python -m tests.conformance.types`.

Reads JSON lines `{"id", "in": {"fn": "validateFieldType" | "getValueDescription" |
"tryToParseDateTime", "args"}}` and writes `{"id", "got"}` or `{"id", "error"}`. What they mean is
in `apps/nodes/values/field_types.py`; the sentence of a refusal is ours.
"""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.nodes.values.field_types import (
    InputType,
    WrongTypeError,
    is_of,
    read_as,
    to_datetime,
    to_text,
)

TYPES: dict[str, InputType] = {
    "string": "string",
    "string-alphanumeric": "string-alphanumeric",
    "number": "number",
    "boolean": "boolean",
    "datetime": "dateTime",
    "time": "time",
    "object": "object",
    "array": "array",
    "url": "url",
    "jwt": "jwt",
}
UNDEFINED = {"$t": "undefined"}
STRICT = frozenset({"string", "number", "boolean", "object", "array"})


def validate(value: Any, type: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Read a value as a type, or say in our words that it is none."""
    if value is None:
        return {"valid": True}
    if type == "options":
        return one_of(value, [option["value"] for option in options["valueOptions"]])
    known = TYPES.get(type.lower())
    if known is None or (known == "string" and not options.get("parseStrings")):
        return {"valid": True, "newValue": value}
    try:
        if options.get("strict") and known in STRICT and not is_of(value, known):
            raise WrongTypeError(value, type)
        read = read_as(value, known)
    except WrongTypeError as error:
        return {"valid": False, "errorMessage": str(error)}
    return {"valid": True, "newValue": dated(read) if known == "dateTime" else read}


def one_of(value: Any, options: list[Any]) -> dict[str, Any]:
    if value in options:
        return {"valid": True, "newValue": value}
    return {
        "valid": False,
        "errorMessage": f"It must be one of {', '.join(map(to_text, options))}.",
    }


def description(value: Any) -> str:
    if isinstance(value, list):
        return "array"
    return (
        "object"
        if isinstance(value, dict)
        else f"'{to_text(value) if value is not None else 'null'}'"
    )


def dated(iso: str) -> dict[str, str]:
    return {"$t": "DateTime", "v": iso}


def plain(value: Any) -> Any:
    """Dates reach a node as text, and undefined as null."""
    if isinstance(value, dict) and "$t" in value:
        return value["v"] if value["$t"] in ("Date", "DateTime") else None
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    return [plain(member) for member in value] if isinstance(value, list) else value


def answer(fn: str, args: list[Any]) -> Any:
    if fn == "getValueDescription":
        return description(args[0] if args else UNDEFINED)
    args = plain(args)
    match fn:
        case "validateFieldType":
            return validate(args[1], args[2], args[3] if len(args) > 3 else {})
        case "tryToParseDateTime":
            zone = ZoneInfo(args[1] if len(args) > 1 and args[1] else "UTC")
            moment: datetime = to_datetime(args[0], zone)
            return dated(moment.isoformat(timespec="milliseconds"))
    raise ValueError(f"There is no function {fn}.")


def main() -> None:
    for line in sys.stdin:
        case = json.loads(line)
        try:
            told = {"got": answer(case["in"]["fn"], case["in"]["args"])}
        except ValueError as error:
            told = {"error": str(error)}
        print(json.dumps({"id": case["id"], **told}), flush=True)


if __name__ == "__main__":
    main()
