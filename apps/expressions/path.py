"""Plain paths, four of five expressions, resolved without JavaScript: `$json.user.names[0]`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.expressions.errors import ExpressionError
from apps.expressions.scope import Scope
from apps.expressions.values import UNDEFINED, Item

Segment = str | int
Root = Callable[[Scope, Sequence[int]], list[Any]]
"""Where a path starts, for each of these places in the items."""

_NAME: Final = r"[A-Za-z_$][A-Za-z0-9_$]*"
_STRING: Final = r"'[^'\\\n]*'|\"[^\"\\\n]*\""
_SEGMENT: Final = rf"\??\.{_NAME}|(?:\?\.)?\[\s*(?:0|[1-9][0-9]{{0,8}}|{_STRING})\s*\]"

SEGMENTS = re.compile(
    rf"\??\.(?P<name>{_NAME})|(?:\?\.)?\[\s*(?:(?P<index>[0-9]+)|(?P<key>{_STRING}))\s*\]"
)
PLAIN = re.compile(
    rf"""
    (?: \$\(\s*(?P<node>{_STRING})\s*\)\.(?P<pick>item|first\(\)|last\(\))
      | \$node (?: \[\s*(?P<short>{_STRING})\s*\] | \.(?P<dotted>{_NAME}) )
      | \$input\.(?P<input>item|first\(\)|last\(\))
      | \$(?P<own>json|binary|itemIndex|runIndex|workflow|execution|parameter
          |response|request|pageCount)
    )
    (?P<rest> (?:{_SEGMENT})* ) \Z
    """,
    re.VERBOSE,
)

# Every object has these, whatever its keys: their meaning is left to JavaScript.
INHERITED: Final = frozenset(
    {"constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString"}
    | {"toString", "valueOf", "__proto__", "__defineGetter__", "__defineSetter__"}
    | {"__lookupGetter__", "__lookupSetter__"}
)


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed plain path: where it starts and what is looked up from there."""

    root: Root
    segments: tuple[Segment, ...]

    def values(self, scope: Scope, places: Sequence[int]) -> list[Any]:
        """Look it up for the items at these places; UNDEFINED where there is nothing."""
        segments = self.segments
        return [look_up(start, segments) for start in self.root(scope, places)]


def parse_path(source: str) -> Path | None:
    """Read a plain path; None if the expression is anything else."""
    match = PLAIN.match(source.strip())
    if match is None:
        return None
    segments = tuple(_segments(match["rest"]))
    if INHERITED.intersection(segments):
        return None
    if match["own"]:
        return Path(_OWN[match["own"]], segments)
    is_short = not (match["input"] or match["node"])
    if is_short and segments[:1] == ("data",):
        segments = ("json", *segments[1:])
    if not segments or segments[0] not in ("json", "binary"):
        return None
    if match["input"]:
        return Path(_INPUT[match["input"]], segments)
    if match["node"]:
        return Path(_node_root(match["node"][1:-1], match["pick"]), segments)
    name = match["dotted"] or match["short"][1:-1]
    return None if name in INHERITED else Path(_node_root(name, "same index"), segments)


def look_up(value: Any, segments: Sequence[Segment]) -> Any:
    """Follow the segments through lists, objects and strings as JavaScript's own properties."""
    for segment in segments:
        if type(value) is dict:
            value = value.get(segment if type(segment) is str else str(segment), UNDEFINED)
        elif type(value) is list:
            value = _of_list(value, segment)
        elif type(value) is str:
            value = _of_string(value, segment)
        else:
            return UNDEFINED
    return value


def _of_list(values: list[Any], segment: Segment) -> Any:
    if segment == "length":
        return len(values)
    if type(segment) is str:
        if not re.fullmatch(r"0|[1-9][0-9]{0,8}", segment):
            return UNDEFINED
        segment = int(segment)
    assert type(segment) is int
    return values[segment] if segment < len(values) else UNDEFINED


def _of_string(text: str, segment: Segment) -> Any:
    """Strings are counted in UTF-16 units, of which half a pair may be asked for."""
    if segment == "length":
        return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
    if type(segment) is not int:
        return UNDEFINED
    units = text.encode("utf-16-le", "surrogatepass")[segment * 2 : segment * 2 + 2]
    return units.decode("utf-16-le", "surrogatepass") if units else UNDEFINED


def _segments(source: str) -> list[Segment]:
    return [
        int(match["index"]) if match["index"] else match["name"] or match["key"][1:-1]
        for match in SEGMENTS.finditer(source)
    ]


def _every(value: Any, places: Sequence[int]) -> list[Any]:
    return [value] * len(places)


def _items_at(scope: Scope, places: Sequence[int]) -> list[Item]:
    items = scope.items
    return [items[place] for place in places]


def _named(name: str) -> Root:
    return lambda scope, places: _every(scope.names.get(name, UNDEFINED), places)


_OWN: Final[dict[str, Root]] = {
    "json": lambda scope, places: [item["json"] for item in _items_at(scope, places)],
    "binary": lambda scope, places: [item.get("binary", {}) for item in _items_at(scope, places)],
    "itemIndex": lambda scope, places: list(places),
    "runIndex": lambda scope, places: _every(scope.run_index, places),
    "workflow": lambda scope, places: _every(dict(scope.workflow), places),
    "execution": lambda scope, places: _every(dict(scope.execution), places),
    "parameter": lambda scope, places: _every(dict(scope.params), places),
    "response": _named("response"),
    "request": _named("request"),
    "pageCount": _named("pageCount"),
}
_INPUT: Final[dict[str, Root]] = {
    "item": lambda scope, places: _items_at(scope, places),
    "first()": lambda scope, places: _every(scope.items[0], places) if scope.items else [],
    "last()": lambda scope, places: _every(scope.items[-1], places) if scope.items else [],
}


def _node_root(name: str, pick: str) -> Root:
    def root(scope: Scope, places: Sequence[int]) -> list[Any]:
        require_run(name, scope)
        if pick == "item":
            return [scope.history.paired(name, place) for place in places]
        items = _items(name, scope)
        if pick == "same index":
            return [_at(items, place, name) for place in places]
        chosen = UNDEFINED if not items else items[0 if pick == "first()" else -1]
        return _every(chosen, places)

    return root


def require_run(name: str, scope: Scope) -> None:
    """Fail with a sentence if there is no node of that name, or it has not run yet."""
    if not scope.history.has(name):
        raise ExpressionError("expression_unknown_node", f"There is no node named '{name}'.")
    if not scope.history.runs(name):
        raise ExpressionError("expression_no_data", f"The node '{name}' has not run yet.")


def _items(name: str, scope: Scope) -> Sequence[Item]:
    items = scope.history.items(name, None, -1)
    if items is None:
        raise ExpressionError("expression_no_data", f"The node '{name}' gave nothing there.")
    return items


def _at(items: Sequence[Item], index: int, name: str) -> Item:
    if index < len(items):
        return items[index]
    raise ExpressionError(
        "expression_no_data",
        f"The node '{name}' has no item {index}; it gave {len(items)}.",
        item_index=index,
    )
