"""The data of other nodes that one call of the sandbox takes along: no more than it asks for."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.engine.errors import FlowForgeError
from apps.engine.ports import History
from apps.expressions.pieces import Pieces
from apps.expressions.values import Item

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
    """What has been loaded of the run's history, written as the prelude reads it."""

    def __init__(self, history: History, count: int, pieces: Pieces) -> None:
        self._nodes: dict[str, _Node] = {}
        self._history = history
        self._count = count
        self._pieces = pieces

    def written(self) -> str:
        """All that is loaded, as one JSON object."""
        return _object({name: node.written() for name, node in self._nodes.items()})

    def expect(self, sources: Iterable[str]) -> None:
        """Load what the sources name. A name that is computed is asked for later, by `supply`."""
        for source in sources:
            for name, member in nodes_named(source):
                self._load(name)
                if member in PAIRED_MEMBERS:
                    self._pair(name)
                elif member in LISTED_MEMBERS:
                    self._list(name, None, -1, "/-1")
                elif member == "$items":
                    self._list(name, 0, -1, "0/-1")

    def supply(self, kind: str, name: str, output: Any, run: Any, key: str) -> None:
        """Load what the code has reached for and missed."""
        self._load(name)
        if kind == "paired":
            self._pair(name)
        elif kind == "items":
            self._list(name, output, run, key)

    def _load(self, name: str) -> None:
        if name in self._nodes:
            return
        history = self._history
        if not history.has(name):
            self._nodes[name] = _Node({"has": "false"}, has_run=False)
            return
        runs = history.runs(name)
        members = {
            "has": True,
            "runs": runs,
            "params": dict(history.params(name)),
            "context": dict(history.context(name)),
        }
        written = {key: self._pieces.write(value) for key, value in members.items()}
        self._nodes[name] = _Node(written, has_run=runs > 0)

    def _list(self, name: str, output: Any, run: Any, key: str) -> None:
        node = self._nodes[name]
        if not node.has_run or key in node.items:
            return
        is_known = type(run) is int and (output is None or type(output) is int)
        items = self._history.items(name, output, run) if is_known else None
        node.items[key] = self._pieces.write(None if items is None else list(items))

    def _pair(self, name: str) -> None:
        node = self._nodes[name]
        if not node.has_run or "paired" in node.members:
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
        node.members["paired"] = self._pieces.write(paired)
        node.members["sources"] = self._pieces.write(sources)


@dataclass(frozen=True)
class _Node:
    """What is loaded of one node: JSON by the name of a member, of its items by what was asked."""

    members: dict[str, str]
    has_run: bool
    items: dict[str, str] = field(default_factory=dict)

    def written(self) -> str:
        return _object({**self.members, "items": _object(self.items)})


def _object(members: Mapping[str, str]) -> str:
    written = (f"{json.dumps(name)}:{value}" for name, value in members.items())
    return f"{{{','.join(written)}}}"


def nodes_named(source: str) -> Iterable[tuple[str, str]]:
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
