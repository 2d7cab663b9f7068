"""An expression evaluated for the editor, with data that the editor sends along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from apps.engine.errors import Fault, FaultsError
from apps.engine.faults import Faults, quoted, shown
from apps.engine.items import Json
from apps.engine.parse import timezones
from apps.engine.ports import Previous
from apps.expressions.errors import JavaScriptError
from apps.expressions.history import MemoryHistory
from apps.expressions.preview import Position, Preview, PreviewError, PreviewFault, preview
from apps.expressions.scope import Scope
from apps.nodes.context import services
from apps.versions.turns import Turns
from apps.workspaces.variables import variables_of

_turns = Turns()
_MEMBERS = {"json", "binary", "pairedItem"}


@dataclass(frozen=True, slots=True)
class PlacedFault(Fault):
    """A fault of an expression, with its place in it."""

    position: Position | None = None

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = super(PlacedFault, self).as_dict()
        return told | ({"position": self.position.as_json()} if self.position else {})


@dataclass(frozen=True)
class AskedHistory(MemoryHistory):
    """What the request says of other nodes: items by their place, or one that all come from."""

    lone: Mapping[str, Json] = field(default_factory=dict)
    index: int = 0
    """The item that is evaluated; where the others come from, nobody asks."""

    def paired(self, node: str, index: int) -> Json:
        if node in self.lone:
            return self.lone[node]
        return super().paired(node, index) if index == self.index else {"json": {}}


def evaluate_expression(asked: Mapping[str, Any], workspace: UUID, *, by: Any) -> Preview:
    """Evaluate `expression` for one of the items; `asked` is as the API describes it.

    Of the workspace it sees the variables.

    Raises FaultsError with what is wrong with the data, or with the expression and where;
    JavaScriptError `js_host` where the sandbox is busy or failed; Throttled.
    """
    scope, index = _scope_of(asked)
    if "$vars" in asked["expression"]:
        scope = replace(scope, variables=variables_of(workspace))
    with _turns.turn(by):
        try:
            bound = services()
            sandbox, limits = bound.editor_sandbox, bound.expression_limits
            return preview(asked["expression"], scope, sandbox, limits, index)
        except PreviewError as error:
            raise FaultsError([placed(fault) for fault in error.faults]) from None
        except JavaScriptError as error:
            if error.code == "js_host":
                raise
            raise FaultsError([Fault("expression", error.code, error.message)]) from None


def placed(fault: PreviewFault) -> PlacedFault:
    return PlacedFault("expression", fault.code, fault.message, fault.position)


def _scope_of(asked: Mapping[str, Any]) -> tuple[Scope, int]:
    faults = Faults()
    context = asked["context"]
    items = _items_of(asked, faults)
    index = asked["index"]
    if index >= len(items) and not faults:
        told = f"There is no item {index}: {len(items)} were sent."
        faults.add("index", "out_of_range", told)
    history = _history_of(context, index, faults)
    timezone = context.get("timezone", "UTC")
    if timezone not in timezones():
        told = f"There is no time zone {quoted(timezone)}."
        faults.add("context.timezone", "unknown_timezone", told)
    values = {
        name: _object(context.get(name), f"context.{name}", faults)
        for name in ("parameter", "workflow", "execution")
    }
    if faults:
        raise FaultsError(faults.told())
    return (
        Scope(
            items=items,
            history=history,
            run_index=context.get("run_index", 0),
            params=values["parameter"],
            workflow=values["workflow"],
            execution=values["execution"],
            timezone=timezone,
        ),
        index,
    )


def _items_of(asked: Mapping[str, Any], faults: Faults) -> list[Json]:
    if asked["items"] is None:
        return [_item(asked["item"], "item", faults)] if asked["item"] is not None else [_EMPTY]
    if asked["item"] is not None:
        faults.add("items", "one_of_two", "Send “item” or “items”, not both.")
        return []
    return _list(asked["items"], "items", faults)


def _history_of(context: Mapping[str, Any], index: int, faults: Faults) -> AskedHistory:
    nodes: dict[str, Sequence[Json]] = {}
    lone: dict[str, Json] = {}
    not_run = set()
    for name, data in _object(context.get("nodes"), "context.nodes", faults).items():
        path = f"context.nodes.{name}"
        if data is None:
            not_run.add(name)
        elif isinstance(data, list):
            nodes[name] = _list(data, path, faults)
        else:
            lone[name] = _item(data, path, faults)
            nodes[name] = [lone[name]]
    previous = context.get("previous")
    came_from = Previous(**previous) if previous else None
    return AskedHistory(nodes, frozenset(not_run), came_from, lone=lone, index=index)


_EMPTY: Json = {"json": {}}


def _list(given: Json, path: str, faults: Faults) -> list[Json]:
    if not isinstance(given, list):
        faults.add(path, "wrong_type", f"This is a list of items, not {shown(given)}.")
        return []
    return [_item(each, f"{path}[{place}]", faults) for place, each in enumerate(given)]


def _item(given: Json, path: str, faults: Faults) -> Json:
    """An item, or the json of one."""
    if not isinstance(given, dict):
        faults.add(path, "wrong_type", f"An item is an object, not {shown(given)}.")
        return _EMPTY
    if "json" not in given or not given.keys() <= _MEMBERS:
        return {"json": given}
    for member in ("json", "binary"):
        if not isinstance(given.get(member, {}), dict):
            told = f"This is an object, not {shown(given[member])}."
            faults.add(f"{path}.{member}", "wrong_type", told)
    return given


def _object(given: Json, path: str, faults: Faults) -> dict[str, Json]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        faults.add(path, "wrong_type", f"This is an object, not {shown(given)}.")
        return {}
    return given
