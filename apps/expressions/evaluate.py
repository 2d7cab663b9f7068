"""JavaScript templates evaluated for all items of a step in one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.expressions.answers import Failure, read_values
from apps.expressions.errors import ExpressionError
from apps.expressions.limits import Limits
from apps.expressions.request import ask
from apps.expressions.sandbox import Op, Sandbox
from apps.expressions.scope import Scope


@dataclass(frozen=True)
class Script:
    """What a template asks of JavaScript: one expression, or text and expressions by turns."""

    path: str  # of the parameter, for messages
    parts: tuple[str, ...]  # one expression alone; else text, code, text, …, text
    is_lone: bool

    @property
    def codes(self) -> tuple[str, ...]:
        return self.parts if self.is_lone else self.parts[1::2]

    def as_json(self) -> str | list[str]:
        return self.parts[0] if self.is_lone else list(self.parts)


@dataclass(frozen=True)
class Evaluation:
    """For each script its value for every item (UNDEFINED where JavaScript had none)."""

    columns: list[list[Any]]
    rounded: bool


def evaluate(
    scripts: Sequence[Script], scope: Scope, sandbox: Sandbox, limits: Limits
) -> Evaluation:
    """Evaluate every script for every item of the scope.

    Raises ExpressionError with the parameter and the item, JavaScriptError at a limit.
    """
    sources = [code for script in scripts for code in script.codes]
    count = len(scope.items)
    question = {"templates": [script.as_json() for script in scripts], "count": count}
    answer = ask(Op.EVALUATE, question, sources, scope, sandbox, limits)
    if failure := Failure.read(answer.told):
        raise _error(failure, scripts, limits)
    values = read_values(answer.told, count * len(scripts))
    width = len(scripts)
    return Evaluation([values[column::width] for column in range(width)], answer.rounded)


def _error(failure: Failure, scripts: Sequence[Script], limits: Limits) -> Exception:
    if limit := failure.limit(limits):
        return limit
    item, index = divmod(failure.index or 0, len(scripts))
    script = scripts[index]
    if failure.code == "js_syntax":
        return ExpressionError(
            "expression_syntax",
            f"{script.path}: invalid syntax: {failure.message}",
            path=script.path,
        )
    return ExpressionError(
        failure.code if failure.code.startswith("expression_") else "expression_failed",
        f"{script.path}, item {item}: {failure.message}",
        path=script.path,
        item_index=item,
    )
