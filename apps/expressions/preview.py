"""One template for one item, as an editor shows it while it is written: value, type, faults."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from apps.engine.errors import FlowForgeError, NodeError
from apps.expressions.answers import EXPRESSION_FRAME, Failure, Place, read_values
from apps.expressions.evaluate import looks_at_rounded
from apps.expressions.limits import Limits
from apps.expressions.request import ask
from apps.expressions.rewrite import origin
from apps.expressions.sandbox import Op, Sandbox
from apps.expressions.scan import Part
from apps.expressions.scope import Scope
from apps.expressions.template import Compiled, Template, check, compile_params
from apps.expressions.text import Room
from apps.expressions.values import UNDEFINED

ValueType = Literal["undefined", "null", "boolean", "number", "string", "array", "object", "date"]

PATH: Final = "expression"
TYPES: Final[dict[type, ValueType]] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True)
class Position:
    """A place in a template: characters (code points) from 0, line and column from 1."""

    character: int
    line: int
    column: int

    @classmethod
    def in_text(cls, text: str, character: int) -> "Position":
        before = text[:character]
        return cls(character, before.count("\n") + 1, character - (before.rfind("\n") + 1) + 1)

    def as_json(self) -> dict[str, int]:
        return {"character": self.character, "line": self.line, "column": self.column}


@dataclass(frozen=True)
class PreviewFault:
    """What is wrong with a template, and where, if that is known."""

    code: str
    message: str
    position: Position | None


class PreviewError(NodeError):
    """The template has no value; with every fault of it."""

    def __init__(self, faults: list[PreviewFault]) -> None:
        super().__init__(faults[0].code, faults[0].message)
        self.faults = faults


@dataclass(frozen=True)
class Preview:
    """What a step would be given.

    `rounded`: JavaScript saw an integer that a JavaScript number cannot hold exactly. `swallowed`:
    the first error that gave undefined, or nothing in a text.
    """

    value: Any
    type: ValueType
    rounded: bool = False
    swallowed: PreviewFault | None = None


def preview(text: str, scope: Scope, sandbox: Sandbox, limits: Limits, index: int = 0) -> Preview:
    """Resolve a parameter's text for one item of the scope.

    Raises PreviewError; JavaScriptError at a limit, or where the sandbox failed.
    """
    compiled = compile_params({PATH: text})
    if not compiled.templates:
        return _of_json(compiled.params[PATH])
    [template] = compiled.templates
    if not all(code.is_closed for code in template.codes):
        raise PreviewError(_syntax_faults(text, compiled, sandbox))
    if template.is_plain:
        return _plain(text, template, scope, index, Room(limits.memory_mb))
    question = {
        "templates": [template.script.as_json()],
        "count": 1,
        "first": index,
        "isPreview": True,
    }
    answer = ask(Op.EVALUATE, question, template.script.codes, scope, sandbox, limits)
    if failure := Failure.read(answer.told):
        if limit := failure.limit(limits):
            raise limit
        if failure.code == "js_syntax":
            raise PreviewError(_syntax_faults(text, compiled, sandbox))
        raise PreviewError([_fault(failure, text, template)])
    [value] = read_values(answer.told, 1)
    swallowed = Failure.read(answer.told.get("swallowed"))
    return _of_json(
        value,
        is_date=answer.told.get("isDate") is True,
        rounded=answer.rounded
        and looks_at_rounded(template.script.codes, scope.items[index : index + 1]),
        swallowed=_fault(swallowed, text, template) if swallowed else None,
    )


def _plain(text: str, template: Template, scope: Scope, index: int, room: Room) -> Preview:
    try:
        return _of_json(template.values(scope, [index], room)[0])
    except FlowForgeError as error:
        where = Position.in_text(text, _begin(template.codes[0]))
        raise PreviewError([PreviewFault(error.code, error.message, where)]) from None


def _of_json(
    value: Any,
    *,
    is_date: bool = False,
    rounded: bool = False,
    swallowed: PreviewFault | None = None,
) -> Preview:
    if value is UNDEFINED:
        return Preview(None, "undefined", rounded, swallowed)
    is_read_as_date = is_date and isinstance(value, str)
    return Preview(value, "date" if is_read_as_date else TYPES[type(value)], rounded, swallowed)


def _syntax_faults(text: str, compiled: Compiled, sandbox: Sandbox) -> list[PreviewFault]:
    [faults] = check([compiled], sandbox)
    return [
        PreviewFault("expression_syntax", fault.message, Position.in_text(text, fault.position))
        for fault in faults
    ] or [PreviewFault("expression_syntax", "The expression does not parse.", None)]


def _fault(failure: Failure, text: str, template: Template) -> PreviewFault:
    """What failed while it was evaluated, at the place that called it in the template."""
    codes = [code for code in template.codes if code.source.strip()]
    index = min(max(failure.part - 1, 0) // 2, len(codes) - 1)
    code, evaluated = codes[index], template.script.codes[index]
    place = Place.in_stack(failure.stack, evaluated, EXPRESSION_FRAME)
    at = _begin(code)
    if place:
        at = code.start + origin(code.source, place.offset_in(evaluated))
    is_own = failure.code.startswith("expression_") or failure.name in ("", "Thrown")
    message = failure.message if is_own else f"{failure.name}: {failure.message}"
    own_code = failure.code if failure.code.startswith("expression_") else "expression_failed"
    return PreviewFault(own_code, message, Position.in_text(text, at))


def _begin(code: Part) -> int:
    return code.start + len(code.source) - len(code.source.lstrip())
