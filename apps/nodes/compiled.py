"""A node's params made ready once: templates parsed, literals read, kept for its later steps."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from apps.engine.errors import Fault, FlowForgeError, NodeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Kind
from apps.engine.ports import StepCall
from apps.expressions import template
from apps.expressions.made import Made
from apps.expressions.sandbox import Sandbox
from apps.expressions.transform import check_code
from apps.nodes.context import ROUNDED, scope_of, services
from apps.nodes.item_errors import of_item
from apps.nodes.params import ParamsModel, literal_faults, read_params

if TYPE_CHECKING:
    from apps.nodes.contract import NodeType

MAX_KEPT = 5_000
Remark = tuple[Literal["debug", "warn"], str]
"""A line of a step's log: its level and text."""
_EMPTY_TEMPLATE = re.compile(r"=\{\{\s*\}\}")


@dataclass(frozen=True)
class CompiledParams:
    """The params of one node: read already where they are static, else one set an item."""

    type: NodeType
    templates: template.Compiled
    static: tuple[ParamsModel] | None

    def resolve(self, call: StepCall) -> tuple[Sequence[ParamsModel | NodeError], Sequence[Remark]]:
        """The params for each item of the step's first input, and what its log is to say of them.

        Where `each` wants one set of params, only the first counts. Raises ExpressionError,
        NodeError `invalid_params`.
        """
        if self.static is not None:
            return self.static, ()
        items = next(iter(call.inputs.values()), [])
        if not items and self.type.each != "step":
            return [], ()
        scope = scope_of(call, items or [Item({})])
        bound = services()
        goes_on = self._goes_on(call)
        resolved = template.resolve(
            self.templates, scope, bound.sandbox, bound.expression_limits, goes_on=goes_on
        )
        wanted = resolved.params[:1] if self.type.each == "step" else resolved.params
        if goes_on:
            read: Made[Any, Any] = Made(partial(self._read_or_error, resolved), range(len(wanted)))
        else:
            read = Made(partial(self._read_of, wanted), range(len(wanted)))
        # Before an effect all are read: none of it may have happened when one cannot be.
        return read if self.type.kind is Kind.PURE else list(read), _remarks(resolved)

    def _goes_on(self, call: StepCall) -> bool:
        """Whether an item whose params cannot be read leaves the others to go on."""
        return self.type.each in ("item", "results", "route") and call.node.on_error != "stop"

    def _read(self, params: Mapping[str, Json]) -> ParamsModel:
        return read_params(self.type.model, params, self.templates.params)

    def _read_of(self, params: Sequence[Mapping[str, Json]], place: int) -> ParamsModel:
        try:
            return self._read(params[place])
        except NodeError as error:
            raise of_item(error, place, len(params)) from None

    def _read_or_error(self, resolved: template.Resolved, place: int) -> ParamsModel | NodeError:
        if error := resolved.failed.get(place):
            return error
        try:
            return self._read(resolved.params[place])
        except NodeError as error:
            return error


def _remarks(resolved: template.Resolved) -> list[Remark]:
    remarks: list[Remark] = [("warn", ROUNDED)] if resolved.rounded else []
    if error := resolved.swallowed:
        told = f"An expression gave nothing for item {error.item}: {error.path}: {error.message}"
        remarks.append(("debug", f"{told.rstrip('.')}."))
    return remarks


_lock = threading.Lock()
_kept: dict[tuple[str, int], tuple[Mapping[str, Json], CompiledParams]] = {}


def compiled_of(type: NodeType, params: Mapping[str, Json]) -> CompiledParams:
    """The compiled params of a node. Params of a version never change, so they are kept by identity
    (the entry holds them, so that no other object can take that identity)."""
    key = (type.type, id(params))
    kept = _kept.get(key)
    if kept is not None:
        return kept[1]
    templates = template.compile_params(params, type.code_fields | type.late_fields)
    static: tuple[ParamsModel] | None = None
    if type.kind is Kind.TRIGGER:
        static = (read_params(type.model, params, {}),)
    elif templates.is_static:
        static = (read_params(type.model, templates.params, {}),)
    compiled = CompiledParams(type, templates, static)
    with _lock:
        while len(_kept) >= MAX_KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = (params, compiled)
    return compiled


Checked = tuple["NodeType", Mapping[str, Json]]


def check_types(nodes: Sequence[Checked], sandbox: Sandbox) -> list[list[Fault]]:
    """Everything wrong with the params of many nodes; what needs JavaScript goes over at once."""
    faults: list[list[Fault]] = [[] for _ in nodes]
    compiled: list[template.Compiled] = []
    places: list[int] = []
    for place, (type, params) in enumerate(nodes):
        literals = params
        if type.kind is not Kind.TRIGGER:
            try:
                templates = template.compile_params(params, type.code_fields)
            except FlowForgeError:
                message = "The parameters are nested over 100 levels deep."
                faults[place].append(Fault("", "too_deep", message))
                continue
            if templates.is_static:
                literals = templates.params
            else:
                literals = {k: v for k, v in params.items() if not is_empty_template(v)}
                compiled.append(templates)
                places.append(place)
        faults[place] += literal_faults(
            type.model,
            literals,
            code_fields=type.code_fields,
            allow_templates=type.kind is not Kind.TRIGGER,
        )
    if compiled:
        for place, found in zip(places, template.check(compiled, sandbox), strict=True):
            faults[place] += [_template_fault(fault) for fault in found]
    _check_code(nodes, faults, sandbox)
    return faults


def is_empty_template(value: Json) -> bool:
    """`={{ }}` gives nothing, as if the parameter were not there."""
    return isinstance(value, str) and _EMPTY_TEMPLATE.fullmatch(value) is not None


def _template_fault(fault: template.TemplateFault) -> Fault:
    message = f"{fault.message} (at character {fault.position})"
    return Fault(fault.path, "expression_syntax", message)


def _check_code(nodes: Sequence[Checked], faults: list[list[Fault]], sandbox: Sandbox) -> None:
    codes = [
        (place, name, params[name])
        for place, (type, params) in enumerate(nodes)
        for name in sorted(type.code_fields)
        if isinstance(params.get(name), str)
    ]
    if not codes:
        return
    errors = check_code([code for _, _, code in codes], sandbox)
    for (place, name, _), error in zip(codes, errors, strict=True):
        if error is not None:
            where = f" (line {error.line}, column {error.column})" if error.line else ""
            faults[place].append(Fault(name, error.code, f"{error.message}{where}"))
