"""Templates in parameters: a string that begins with `=` holds `{{ JavaScript }}`.

Exactly one `{{ }}` with nothing around it keeps its value's type; anything else gives text.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from apps.engine.errors import FlowForgeError
from apps.expressions.errors import ExpressionError
from apps.expressions.evaluate import Evaluation, Script, Swallowed, evaluate
from apps.expressions.limits import DEFAULT_LIMITS, Limits
from apps.expressions.made import Made
from apps.expressions.path import Path, parse_path
from apps.expressions.rewrite import rewrite
from apps.expressions.sandbox import Sandbox
from apps.expressions.scan import Part, split
from apps.expressions.scope import Scope
from apps.expressions.slots import Slots, find_slots
from apps.expressions.text import Room, as_text
from apps.expressions.transform import syntax_faults
from apps.expressions.values import UNDEFINED

ROOM_FOR_ALL: Final = 4
"""What is made for all items may be so many times what one call of JavaScript may hold."""


@dataclass(frozen=True)
class TemplateFault:
    """A template that does not parse: in which parameter, at which character of it, and why."""

    path: str
    position: int
    message: str


@dataclass(frozen=True)
class Template:
    """One parsed template. `plain` has the path of each code that is one, else None."""

    path: str
    parts: tuple[Part, ...]
    plain: tuple[Path | None, ...]

    @cached_property
    def codes(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.is_code)

    @cached_property
    def is_lone(self) -> bool:
        return len(self.parts) == 1 and self.parts[0].is_code

    @cached_property
    def is_plain(self) -> bool:
        """Whether Python alone can resolve it."""
        return all(
            path is not None or not code.source.strip()
            for path, code in zip(self.plain, self.codes, strict=True)
        )

    @cached_property
    def script(self) -> Script:
        if self.is_lone:
            return Script(self.path, (rewrite(self.parts[0].source),), is_lone=True)
        pieces = [""]
        for part in self.parts:
            if not part.is_code:
                pieces[-1] += part.source
            elif part.source.strip():
                pieces += [rewrite(part.source), ""]
        return Script(self.path, tuple(pieces), is_lone=False)

    def values(self, scope: Scope, places: Sequence[int], room: Room) -> list[Any]:
        """Resolve for the items at these places in Python; only for a plain template."""
        columns = [path.values(scope, places) if path else None for path in self.plain]
        if self.is_lone:
            return columns[0] or [UNDEFINED] * len(places)
        code = iter(columns)
        pieces = [next(code) if part.is_code else part.source for part in self.parts]
        return [_joined(pieces, number, room) for number in range(len(places))]


def _joined(pieces: Sequence[str | list[Any] | None], number: int, room: Room) -> str:
    """The text for one item, of pieces that are the same for all or have a value for each."""
    texts = []
    for piece in pieces:
        if piece is not None:
            texts.append(piece if isinstance(piece, str) else as_text(piece[number]))
            room.take(len(texts[-1]))
    return "".join(texts)


@dataclass(frozen=True)
class Compiled:
    """Parameters with their templates parsed: made once for a version, used for every step."""

    slots: Slots
    templates: tuple[Template, ...]

    @property
    def params(self) -> dict[str, Any]:
        """The parameters, those without a template final."""
        return self.slots.params

    @property
    def is_static(self) -> bool:
        """Whether there is nothing to resolve: every item has the same parameters."""
        return not self.templates


@dataclass(frozen=True)
class Resolved:
    """One dict of parameters for each item; read-only, they share parts with each other and data.
    They are made when they are asked for, since all of them may be many times the items.

    A template that gives undefined leaves its key out of an object, and null in a list, as JSON
    does. `rounded`: JavaScript saw an integer that a JavaScript number cannot hold exactly.
    `swallowed`: the first error that gave undefined. `failed`: why items have no parameters, where
    the others went on; what stands in their place is none.
    """

    params: Sequence[dict[str, Any]]
    rounded: bool
    swallowed: Swallowed | None = None
    failed: Mapping[int, ExpressionError] = field(default_factory=dict)


def compile_params(params: Mapping[str, Any], code_fields: Collection[str] = ()) -> Compiled:
    """Parse the templates of parameters; what stands under `code_fields` (top level) is none.

    Raises ExpressionError if they are nested over 100 levels deep.
    """
    slots, found = find_slots(params, is_template, skip=code_fields)
    templates = []
    for keys, path, text in found:
        parts = split(text, start=1)
        if any(part.is_code for part in parts):
            codes = [part.source for part in parts if part.is_code]
            templates.append(Template(path, tuple(parts), tuple(map(parse_path, codes))))
            slots.open(keys)
        else:
            slots.put(keys, "".join(part.source for part in parts))
    return Compiled(slots.closed(), tuple(templates))


def resolve(
    compiled: Compiled,
    scope: Scope,
    sandbox: Sandbox,
    limits: Limits = DEFAULT_LIMITS,
    *,
    goes_on: bool = False,
) -> Resolved:
    """Resolve for each of `scope.items`: plain paths in Python, the rest in one sandbox call.

    Raises ExpressionError, which names the parameter, or JavaScriptError at a limit. Where it
    `goes_on`, an error of an item alone is told in `failed`.
    """
    if compiled.is_static:
        return Resolved([compiled.params] * len(scope.items), rounded=False)
    scripts = [template.script for template in compiled.templates if not template.is_plain]
    evaluation = Evaluation([], rounded=False, swallowed=None)
    room = Room(ROOM_FOR_ALL * limits.memory_mb)
    if scripts and scope.items:
        evaluation = evaluate(scripts, scope, sandbox, limits, room, goes_on=goes_on)
    evaluated = iter(evaluation.columns)
    failed = dict(evaluation.failed)
    columns = []
    for template in compiled.templates:
        if not template.is_plain:
            columns.append(next(evaluated, []))
        elif goes_on:
            columns.append(_values_or_failed(template, scope, room, failed))
        else:
            columns.append(_plain_values(template, scope, range(len(scope.items)), room))

    def filled(place: int) -> dict[str, Any]:
        return compiled.slots.filled([column[place] for column in columns])

    params = Made(filled, range(len(scope.items)))
    return Resolved(params, evaluation.rounded, evaluation.swallowed, failed)


def check(compiled: Sequence[Compiled], sandbox: Sandbox) -> list[list[TemplateFault]]:
    """Find the templates that do not parse; one call of the sandbox for many nodes at once."""
    faults: list[list[TemplateFault]] = [[] for _ in compiled]
    suspects: list[tuple[int, Template, Part]] = []
    for index, params in enumerate(compiled):
        for template in params.templates:
            for code, path in zip(template.codes, template.plain, strict=True):
                if not code.is_closed:
                    message = "The braces `{{` are never closed."
                    faults[index].append(TemplateFault(template.path, code.start - 2, message))
                elif path is None and code.source.strip():
                    suspects.append((index, template, code))
    found = syntax_faults([("expression", code.source) for _, _, code in suspects], sandbox)
    for (index, template, code), fault in zip(suspects, found, strict=True):
        if fault is not None:
            message, place = fault
            position = code.start + place.offset_in(code.source)
            faults[index].append(TemplateFault(template.path, position, message))
    return faults


def is_template(value: Any) -> bool:
    """Whether a parameter's value is a template and not a literal."""
    return isinstance(value, str) and value.startswith("=")


def _values_or_failed(
    template: Template, scope: Scope, room: Room, failed: dict[int, ExpressionError]
) -> list[Any]:
    """The values for all items; where there is an error among them, tried item by item."""
    places = range(len(scope.items))
    try:
        return _plain_values(template, scope, places, room)
    except ExpressionError:
        values: list[Any] = []
        for place in places:
            try:
                values += _plain_values(template, scope, [place], room)
            except ExpressionError as error:
                failed.setdefault(place, error)
                values.append(UNDEFINED)
        return values


def _plain_values(template: Template, scope: Scope, places: Sequence[int], room: Room) -> list[Any]:
    try:
        return template.values(scope, places, room)
    except FlowForgeError as error:
        raise ExpressionError(
            error.code,
            f"{template.path}: {error.message}",
            path=template.path,
            item_index=getattr(error, "item_index", None),
            hint=error.hint,
        ) from error
