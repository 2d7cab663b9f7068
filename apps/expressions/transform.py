"""A Transform node's JavaScript: a function body, run once or once for each item."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps.expressions.answers import Failure, Place, read_failed, read_values
from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import DEFAULT_LIMITS, Limits
from apps.expressions.request import ask
from apps.expressions.sandbox import Op, Sandbox
from apps.expressions.scope import Scope
from apps.expressions.stop import Stop

Level = Literal["debug", "info", "warn", "error"]
LEVELS: dict[Any, Level] = {"debug": "debug", "info": "info", "warn": "warn", "error": "error"}
CHECK_LIMITS = Limits(wall_s=2)
CLOSED_FOR_IT = re.compile(r"unexpected token in expression: '[)}]'")
"""What stands behind a source is not its author's: see prelude/compile.js."""
MAX_LINES = 200
MAX_LINE = 2_000

Log = Callable[[Level, str], None]
"""Takes a line of console.log or its kin; at most 200 of them come, of 2,000 characters."""


@dataclass(frozen=True)
class TransformResult:
    """What the code returned, as JSON or UNDEFINED; in mode `each` a list of that, one an item, or
    the error that it failed with.

    `rounded`: the code saw an integer that a JavaScript number cannot hold exactly.
    """

    value: Any
    rounded: bool


def transform(
    code: str,
    scope: Scope,
    sandbox: Sandbox,
    *,
    mode: Literal["all", "each"],
    goes_on: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    log: Log | None = None,
    stop: Stop | None = None,
) -> TransformResult:
    """Run the code, which may await, once (`all`) or once for each of `scope.items` (`each`).

    It sees `items`, `$input` and the other names; in mode `all` `$json` is that of the first item.
    What it says to its console goes to `log`, also where it then fails. Where it `goes_on`, an item
    that it fails for has its error in the list; else the first ends it. Another thread ends it by
    `stop`.

    Raises JavaScriptError (with line and column, and `item_index` in mode `each`), and
    ExpressionError where `$('X')` leads nowhere.
    """
    count = len(scope.items) if mode == "each" else 1
    question = {"code": code, "count": count, "goesOn": goes_on and mode == "each"}
    answer = ask(Op.TRANSFORM, question, [code], scope, sandbox, limits, stop)
    if log is not None:
        _tell(answer.told.get("logs"), log)
    if failure := Failure.read(answer.told):
        raise failure.error(code, limits, failure.index if mode == "each" else None)
    values = read_values(answer.told, count)
    for index, error in read_failed(answer.told, code, limits, count).items():
        values[index] = error
    return TransformResult(values if mode == "each" else values[0], answer.rounded)


def check_code(codes: Sequence[str], sandbox: Sandbox) -> list[JavaScriptError | None]:
    """Compile only: for each code what is wrong with its syntax, or None. One call for all."""
    return [
        fault and JavaScriptError("js_syntax", fault[0], line=fault[1].line, column=fault[1].column)
        for fault in syntax_faults([("code", code) for code in codes], sandbox)
    ]


def syntax_faults(
    sources: Sequence[tuple[Literal["code", "expression"], str]], sandbox: Sandbox
) -> list[tuple[str, Place] | None]:
    """Compile sources without running them: for each the message and the place, or None."""
    if not sources:
        return []
    told = sandbox.call(Op.CHECK, json.dumps(sources).encode("ascii"), CHECK_LIMITS)
    if failure := Failure.read(told):
        raise failure.error("", CHECK_LIMITS, None)
    return [
        fault and _read_fault(fault[0], fault[1], source)
        for fault, (_, source) in zip(told, sources, strict=True)
    ]


def _read_fault(message: str, stack: str, source: str) -> tuple[str, Place]:
    place = Place.in_stack(stack, source) or Place(1, 1)
    if CLOSED_FOR_IT.fullmatch(message) and place.offset_in(source) >= len(source.rstrip()):
        return "it ends too soon", place
    return message, place


def _tell(lines: Any, log: Log) -> None:
    for line in lines[:MAX_LINES] if isinstance(lines, list) else ():
        if isinstance(line, dict):
            log(LEVELS.get(line.get("level"), "info"), str(line.get("text"))[:MAX_LINE])
