"""JavaScript templates evaluated for all items of a step in one call."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from apps.engine.encoding import encode
from apps.engine.lineage import LINEAGE_HINT
from apps.expressions.answers import Failure, read_failures, read_values
from apps.expressions.errors import ExpressionError
from apps.expressions.limits import Limits
from apps.expressions.request import Answer, ask
from apps.expressions.sandbox import Op, Sandbox
from apps.expressions.scope import Scope
from apps.expressions.text import Room
from apps.expressions.values import Item, has_unsafe_integer, size_of

PART_VALUES: Final = 3_000
PART_BYTES: Final = 4 << 20
NAMES: Final = re.compile(r"\$(?!\{)\w*|\b(?:this|globalThis|eval|Function)\b")
FIELD: Final = re.compile(r"\$json\s*\??\.\s*([A-Za-z_]\w*+)(?!\s*(?:\?\.)?\s*\()")
WITHOUT_DATA: Final = frozenset(
    {"$now", "$today", "$if", "$ifEmpty", "$min", "$max", "$not", "$jmespath"}
    | {"$workflow", "$execution", "$runIndex", "$vars", "$env"}
)
OF_ONE_ITEM: Final = WITHOUT_DATA | {"$json", "$binary"}


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
class Swallowed:
    """An error of JavaScript that stopped nothing: of which parameter, for which item."""

    path: str
    item: int
    message: str


@dataclass(frozen=True)
class Evaluation:
    """For each script its value for every item (UNDEFINED where JavaScript had none).

    `swallowed`: the first error that gave undefined, or nothing in a text. `failed`: why items have
    no values, where the others went on.
    """

    columns: list[list[Any]]
    rounded: bool
    swallowed: Swallowed | None
    failed: Mapping[int, ExpressionError] = field(default_factory=dict)


def evaluate(
    scripts: Sequence[Script],
    scope: Scope,
    sandbox: Sandbox,
    limits: Limits,
    room: Room,
    *,
    goes_on: bool = False,
) -> Evaluation:
    """Evaluate every script for every item of the scope.

    What looks at its own item alone goes over in parts, since one call has but so much time and
    memory for all. Raises JavaScriptError at a limit, ExpressionError with the parameter and the
    item; where it `goes_on`, an error of an item is told in `failed`.
    """
    columns: list[list[Any]] = [[] for _ in scripts]
    rounded = False
    swallowed: Swallowed | None = None
    failed: dict[int, ExpressionError] = {}
    for start, stop in _parts(scripts, scope.items):
        items = scope.items[start:stop]
        answer = _ask(scripts, replace(scope, items=items), sandbox, limits, goes_on)
        if failure := Failure.read(answer.told):
            raise _error(failure, scripts, limits, start)
        for failure in read_failures(answer.told, len(items) * len(scripts)):
            error = _error(failure, scripts, limits, start)
            if not isinstance(error, ExpressionError) or error.item_index is None:
                raise error
            failed[error.item_index] = error
        values = read_values(answer.told, len(items) * len(scripts))
        room.take(size_of(values))
        for number, column in enumerate(columns):
            column += values[number :: len(scripts)]
        rounded = rounded or answer.rounded
        swallowed = swallowed or _swallowed(answer, scripts, start)
    rounded = rounded and looks_at_rounded(_codes(scripts), scope.items)
    return Evaluation(columns, rounded, swallowed, failed)


def looks_at_rounded(codes: Sequence[str], items: Sequence[Item]) -> bool:
    """Whether code that runs for these items may look at an integer that JavaScript rounds."""
    if not all(WITHOUT_DATA.issuperset(NAMES.findall(FIELD.sub("", code))) for code in codes):
        return True
    fields = {name for code in codes for name in FIELD.findall(code)}
    return any(has_unsafe_integer([item["json"].get(name) for name in fields]) for item in items)


def _codes(scripts: Sequence[Script]) -> list[str]:
    return [code for script in scripts for code in script.codes]


def _ask(
    scripts: Sequence[Script], scope: Scope, sandbox: Sandbox, limits: Limits, goes_on: bool
) -> Answer:
    templates = [script.as_json() for script in scripts]
    question = {"templates": templates, "count": len(scope.items), "goesOn": goes_on}
    return ask(Op.EVALUATE, question, _codes(scripts), scope, sandbox, limits)


def _parts(scripts: Sequence[Script], items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """From where to where items go over together."""
    if not all(map(_is_of_one_item, _codes(scripts))):
        yield 0, len(items)
        return
    start = size = 0
    for place, item in enumerate(items):
        bytes_of_item = len(encode(item))
        size += bytes_of_item
        is_full = size > PART_BYTES or (place - start) * len(scripts) >= PART_VALUES
        if is_full and place > start:
            yield start, place
            start, size = place, bytes_of_item
    yield start, len(items)


def _is_of_one_item(code: str) -> bool:
    """Whether code surely looks at no other item than its own, and not at its place."""
    return OF_ONE_ITEM.issuperset(NAMES.findall(code))


def _swallowed(answer: Answer, scripts: Sequence[Script], first_item: int) -> Swallowed | None:
    failure = Failure.read(answer.told.get("swallowed"))
    if failure is None:
        return None
    item, index = divmod(failure.index or 0, len(scripts))
    return Swallowed(scripts[index].path, first_item + item, failure.message[:300])


def _error(
    failure: Failure, scripts: Sequence[Script], limits: Limits, first_item: int
) -> Exception:
    if limit := failure.limit(limits):
        return limit
    item, index = divmod(failure.index or 0, len(scripts))
    item += first_item
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
        hint=LINEAGE_HINT if failure.code == "expression_no_lineage" else None,
    )
