"""A node's params made ready once: templates parsed, literals read, kept for its later steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.engine.errors import Fault, FlowForgeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Kind
from apps.engine.ports import StepCall
from apps.expressions import template
from apps.expressions.sandbox import Sandbox
from apps.expressions.transform import check_code
from apps.nodes.context import scope_of, services
from apps.nodes.params import ParamsModel, literal_faults, read_params

if TYPE_CHECKING:
    from apps.nodes.contract import NodeType

MAX_KEPT = 20_000


@dataclass(frozen=True)
class CompiledParams:
    """The params of one node: read already where they are static, else one set an item."""

    type: NodeType
    templates: template.Compiled
    static: tuple[ParamsModel] | None

    def resolve(self, call: StepCall) -> tuple[Sequence[ParamsModel], bool]:
        """The params for each item of the step's first input, and whether JavaScript rounded.

        Where `each` wants one set of params, only the first counts. Raises ExpressionError,
        NodeError `invalid_params`.
        """
        if self.static is not None:
            return self.static, False
        items = next(iter(call.inputs.values()), [])
        scope = scope_of(call, items or [Item({})])
        bound = services()
        resolved = template.resolve(self.templates, scope, bound.sandbox, bound.expression_limits)
        wanted = resolved.params if self.type.each in ("item", "route") else resolved.params[:1]
        return [read_params(self.type.model, params) for params in wanted], resolved.rounded


_kept: dict[tuple[str, int], tuple[Mapping[str, Json], CompiledParams]] = {}


def compiled_of(type: NodeType, params: Mapping[str, Json]) -> CompiledParams:
    """The compiled params of a node. Params of a version never change, so they are kept by identity
    (the entry holds them, so that no other object can take that identity)."""
    key = (type.type, id(params))
    kept = _kept.get(key)
    if kept is not None:
        return kept[1]
    templates = template.compile_params(params, type.code_fields)
    is_static = templates.is_static or type.kind is Kind.TRIGGER
    static: tuple[ParamsModel] | None = None
    if is_static:
        static = (read_params(type.model, params),)
    compiled = CompiledParams(type, templates, static)
    while len(_kept) >= MAX_KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept[key] = (params, compiled)
    return compiled


def check_types(
    nodes: Sequence[tuple[NodeType, Mapping[str, Json]]], sandbox: Sandbox
) -> list[list[Fault]]:
    """Everything wrong with the params of many nodes; what needs JavaScript goes over at once."""
    faults = [literal_faults(type.model, params, type.code_fields) for type, params in nodes]
    _check_templates(nodes, faults, sandbox)
    _check_code(nodes, faults, sandbox)
    return faults


def _check_templates(
    nodes: Sequence[tuple[NodeType, Mapping[str, Json]]],
    faults: list[list[Fault]],
    sandbox: Sandbox,
) -> None:
    compiled: list[template.Compiled] = []
    places: list[int] = []
    for place, (type, params) in enumerate(nodes):
        if type.kind is Kind.TRIGGER:
            continue
        try:
            templates = template.compile_params(params, type.code_fields)
        except FlowForgeError as error:
            faults[place].append(Fault("", error.code, error.message))
            continue
        if not templates.is_static:
            compiled.append(templates)
            places.append(place)
    if not compiled:
        return
    for place, found in zip(places, template.check(compiled, sandbox), strict=True):
        for fault in found:
            message = f"{fault.message} (at character {fault.position})"
            faults[place].append(Fault(fault.path, "expression_syntax", message))


def _check_code(
    nodes: Sequence[tuple[NodeType, Mapping[str, Json]]],
    faults: list[list[Fault]],
    sandbox: Sandbox,
) -> None:
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
