"""What the jshost says went wrong, made into errors. It ran strangers' code: nothing is trusted."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from apps.engine.errors import FlowForgeError
from apps.expressions.errors import ExpressionError, JavaScriptError
from apps.expressions.extensions import NAMES, narrow
from apps.expressions.limits import Limits
from apps.expressions.values import MAX_DEPTH, UNDEFINED, is_deeper_than

FRAME = re.compile(r"<input>:(\d{1,9}):(\d{1,9})")
EXPRESSION_FRAME = re.compile(r"at (?:\$expression|<eval>) \(<input>:(\d{1,9}):(\d{1,9})\)")
CALLED = re.compile(r"[\w$]{1,100}(?=\()")
LINES_BEFORE_SOURCE: Final = 1  # the prelude opens a bracket on the line above
MAX_MESSAGE: Final = 2_000
NO_FUNCTION: Final = "not a function"
ONLY_EXPRESSIONS: Final = "Expressions have this method; code has those of JavaScript."
LIMIT_CODES: Final = ("js_timeout", "js_memory", "js_output_too_large")


@dataclass(frozen=True)
class Place:
    """Line and column in a source, counted from 1; columns are characters, not bytes."""

    line: int
    column: int

    @classmethod
    def in_stack(cls, stack: str, source: str, frame: re.Pattern[str] = FRAME) -> Self | None:
        """Read the innermost place of a stack trace; None if it lies outside of the source."""
        match = frame.search(stack)
        if match is None:
            return None
        line, column = int(match[1]) - LINES_BEFORE_SOURCE, int(match[2])
        lines = source.split("\n")
        if line > len(lines):
            return cls(len(lines), len(lines[-1]) + 1)
        return cls(line, _characters(lines[line - 1], column - 1) + 1) if line >= 1 else None

    def offset_in(self, source: str) -> int:
        """The same place, as characters from the source's beginning."""
        before = sum(len(line) + 1 for line in source.split("\n")[: self.line - 1])
        return min(before + self.column - 1, len(source))


@dataclass(frozen=True)
class Failure:
    """An answer `{"error": {…}}`, read with care."""

    code: str
    name: str
    message: str
    stack: str
    index: int | None
    is_internal: bool
    part: int = 0  # of an expression's text: the piece that failed

    @classmethod
    def read(cls, told: Any) -> Self | None:
        """None if the answer tells of no error."""
        if not isinstance(told, dict) or not isinstance(told.get("error"), dict):
            return None
        error = told["error"]
        index, part = error.get("item"), told.get("part")
        return cls(
            code=_text(error.get("code")),
            name=_text(error.get("name")),
            message=narrow(_text(error.get("message"))),
            stack=_text(error.get("stack")),
            index=index if type(index) is int and index >= 0 else None,
            is_internal=error.get("internal") is True,
            part=part if type(part) is int and part >= 0 else 0,
        )

    def limit(self, limits: Limits) -> JavaScriptError | None:
        """The limit that was reached, or what the sandbox lacks, if that is what happened."""
        code = self.code
        if code == "js_library":
            return JavaScriptError(
                "js_library",
                f"The library {self.message} is not installed, which dates or $jmespath need.",
                hint="Whoever runs FlowForge installs it: `make libraries`.",
            )
        if self.is_internal and self.message in ("interrupted", "out of memory"):
            code = "js_timeout" if self.message == "interrupted" else "js_memory"
        if code == "js_timeout" and self.message != "interrupted" and not self.is_internal:
            return JavaScriptError("js_timeout", self.message)
        return limits.exceeded(_limit_code(code)) if code in LIMIT_CODES else None

    def error(self, source: str, limits: Limits, item_index: int | None) -> FlowForgeError:
        """The error to raise for code that failed in this way."""
        if limit := self.limit(limits):
            return limit
        if self.code.startswith("expression_"):
            return ExpressionError(self.code, self.message, item_index=item_index)
        place = Place.in_stack(self.stack, source)
        called = self._called(source, place)
        message = f"{called} is {NO_FUNCTION}" if called else self.message
        if self.name not in ("Thrown", ""):
            message = f"{self.name}: {message}"
        return JavaScriptError(
            "js_syntax" if self.code == "js_syntax" else "js_error",
            f"{message} (line {place.line})" if place else message,
            line=place.line if place else None,
            column=place.column if place else None,
            item_index=item_index,
            hint=ONLY_EXPRESSIONS if called in NAMES else None,
        )

    def _called(self, source: str, place: Place | None) -> str:
        """What the source calls that is no function; empty where that is something else."""
        innermost = self.stack.partition("\n")[0]
        if self.message != NO_FUNCTION or place is None or not FRAME.search(innermost):
            return ""
        called = CALLED.match(source, place.offset_in(source))
        return called[0] if called else ""


def read_values(told: Any, expected: int) -> list[Any]:
    """Read the values of an answer, with UNDEFINED where JavaScript had none."""
    values, missing = told.get("values"), told.get("undefined")
    if not (isinstance(values, list) and len(values) == expected and _are_in(values, missing)):
        raise JavaScriptError("js_error", "The result cannot be read.")
    if is_deeper_than(values, MAX_DEPTH + 1):
        message = f"The result is nested over {MAX_DEPTH} levels deep."
        raise JavaScriptError("js_output_too_large", message)
    for index in missing:
        values[index] = UNDEFINED
    return values


def read_failed(told: Any, source: str, limits: Limits, expected: int) -> dict[int, FlowForgeError]:
    """Read for which items code failed by itself, and how."""
    return {
        failure.index: failure.error(source, limits, failure.index)
        for failure in read_failures(told, expected)
        if failure.index is not None
    }


def read_failures(told: Any, expected: int) -> list[Failure]:
    """Read what failed by itself, each with the place of its value among so many."""
    listed = told.get("failed")
    failures = []
    for error in listed if isinstance(listed, list) else [None]:
        failure = Failure.read({"error": error})
        if failure is None or failure.index is None or failure.index >= expected:
            raise JavaScriptError("js_error", "The result cannot be read.")
        failures.append(failure)
    return failures


def _are_in(values: list[Any], places: Any) -> bool:
    return isinstance(places, list) and all(
        type(place) is int and 0 <= place < len(values) for place in places
    )


def _characters(line: str, byte_count: int) -> int:
    """How many characters the engine means: it counts bytes of UTF-8."""
    if line.isascii():
        return byte_count
    before = line.encode("utf-8", "surrogatepass")[: max(byte_count, 0)]
    return len(before.decode("utf-8", "ignore"))


def _limit_code(code: str) -> Literal["js_timeout", "js_memory", "js_output_too_large"]:
    return code  # type: ignore[return-value]  # one of LIMIT_CODES: the caller has looked


def _text(value: Any) -> str:
    return value[:MAX_MESSAGE] if isinstance(value, str) else ""
