"""A Transform node's JavaScript. Signatures agreed; the bodies are being written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps.expressions.errors import JavaScriptError
from apps.expressions.sandbox import Limits, Sandbox
from apps.expressions.scope import Scope


@dataclass(frozen=True)
class LogLine:
    """One call of console.log and its kin."""

    level: Literal["debug", "info", "warning", "error"]
    text: str


@dataclass(frozen=True)
class TransformResult:
    """What the code returned, as JSON or UNDEFINED; in mode `each` a list with one value an item."""

    value: Any
    logs: list[LogLine]
    rounded: bool


def transform(
    code: str,
    scope: Scope,
    sandbox: Sandbox,
    *,
    mode: Literal["all", "each"],
    limits: Limits | None = None,
) -> TransformResult:
    """Run the code (a function body, which may await) once, or once for each of `scope.items`.

    Raises JavaScriptError, with `item_index` in mode `each`; ExpressionError for `$('X')`."""
    raise NotImplementedError


def check_code(codes: Sequence[str], sandbox: Sandbox) -> list[JavaScriptError | None]:
    """Compile only: for each code what is wrong with its syntax, or None."""
    raise NotImplementedError
