"""The data of other nodes that one call of the sandbox takes along: no more than it asks for."""

import re
from collections.abc import Iterable
from typing import Any

from apps.engine.errors import FlowForgeError
from apps.engine.ports import History
from apps.expressions.errors import JavaScriptError
from apps.expressions.values import Item

MAX_NEEDS = 1_000

_STRING = r"(?P<{0}>'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\$]|\\.)*`)"
NAMED = re.compile(
    rf"\$\(\s*{_STRING.format('view')}\s*\)(?:\s*\??\.\s*(?P<member>\w+))?"
    rf"|\$node\s*(?:\??\.)?\[\s*{_STRING.format('node')}\s*\]"
    r"|\$node\s*\??\.\s*(?P<dotted>[A-Za-z_$][\w$]*)"
    rf"|\$items\(\s*{_STRING.format('items')}"
)
PAIRED_MEMBERS = frozenset({"item", "itemMatching", "pairedItem"})
LISTED_MEMBERS = frozenset({"first", "last", "all"})


class Lookup:
    """What has been loaded of the run's history, in the form that the prelude reads."""

    def __init__(self, history: History, count: int) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self._history = history
        self._count = count
        self._needs = 0

    def expect(self, sources: Iterable[str]) -> None:
        """Load what the sources name. A name that is computed is asked for later, by `supply`."""
        for source in sources:
            for name, member in _uses(source):
                self._node(name)
                if member in PAIRED_MEMBERS:
                    self._pair(name)
                elif member in LISTED_MEMBERS:
                    self._list(name, None, -1, "/-1")
                elif member == "$items":
                    self._list(name, 0, -1, "0/-1")

    def supply(self, needs: Iterable[list[Any]]) -> None:
        """Load what the code has reached for and missed."""
        for kind, name, output, run, key in needs:
            self._needs += 1
            if self._needs > MAX_NEEDS:
                raise JavaScriptError("js_error", "It asks for the data of too many nodes or runs.")
            self._node(name)
            if kind == "paired":
                self._pair(name)
            elif kind == "items":
                self._list(name, output, run, key)

    def _node(self, name: str) -> None:
        if name in self.nodes:
            return
        history = self._history
        if not history.has(name):
            self.nodes[name] = {"has": False}
            return
        self.nodes[name] = {
            "has": True,
            "runs": history.runs(name),
            "params": dict(history.params(name)),
            "context": dict(history.context(name)),
            "items": {},
        }

    def _list(self, name: str, output: Any, run: Any, key: str) -> None:
        node = self.nodes[name]
        if not node.get("runs") or key in node["items"]:
            return
        is_known = type(run) is int and (output is None or type(output) is int)
        items = self._history.items(name, output, run) if is_known else None
        node["items"][key] = None if items is None else list(items)

    def _pair(self, name: str) -> None:
        node = self.nodes[name]
        if not node.get("runs") or "paired" in node:
            return
        places: dict[int, int] = {}
        sources: list[Item] = []
        paired: list[Any] = []
        for index in range(self._count):
            try:
                item = self._history.paired(name, index)
            except FlowForgeError as error:
                paired.append({"code": error.code, "message": error.message})
                continue
            place = places.setdefault(id(item), len(sources))
            if place == len(sources):
                sources.append(item)
            paired.append(place)
        node["paired"] = paired
        node["sources"] = sources


def _uses(source: str) -> Iterable[tuple[str, str]]:
    """Find each node that stands in JavaScript (`$('X')`, `$node["X"]`, `$items('X')`), and how."""
    if "$(" not in source and "$node" not in source and "$items" not in source:
        return
    for match in NAMED.finditer(source):
        if match["view"]:
            yield _unquoted(match["view"]), match["member"] or ""
        elif match["items"]:
            yield _unquoted(match["items"]), "$items"
        else:
            yield match["dotted"] or _unquoted(match["node"]), "first"


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)
