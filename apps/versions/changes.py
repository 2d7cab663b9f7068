"""What changed from one graph to another, told so that people can read it: a diff in words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Literal

from apps.engine.items import Json
from apps.versions.diff import GraphDiff, Object, diff_graphs, members_changed

Kind = Literal["added", "removed", "changed"]
Sign = Literal["-", "+", ""]

SHOWN_LINES = 200
"""Of one param: who wants the rest reads the graph."""
_HEAD = 2
_WITHOUT_MEANING = ("id", "name", "type_version", "position")
"""Members of a node that say nothing to who reads that it came or went."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a param: `-` it was there, `+` it came, or nothing: it stands as it did."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One param or other member of a node, and what became of it."""

    name: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one thing of the graph."""

    kind: Kind
    what: str
    parts: list[Part]


def changes_between(before: Object, after: Object) -> list[Change]:
    """All changes from a graph to another: nodes first, then edges, settings, notes and groups."""
    diff = diff_graphs(before, after)
    names = {
        node["id"]: node["name"] for graph in (before, after) for node in _list(graph, "nodes")
    }
    return [
        *_nodes(diff, names),
        *(Change("added", f"Edge {_edge(edge, names)}", []) for edge in diff.edges_added),
        *(Change("removed", f"Edge {_edge(edge, names)}", []) for edge in diff.edges_removed),
        *_settings(diff),
        *_others("Sticky note", diff.notes, "text"),
        *_others("Group", diff.groups, "name"),
    ]


def _nodes(diff: GraphDiff, names: Mapping[Any, Any]) -> Iterator[Change]:
    for node in diff.nodes_added:
        yield Change("added", f"Node “{node['name']}”", list(_alone("+", node)))
    for node in diff.nodes_removed:
        yield Change("removed", f"Node “{node['name']}”", list(_alone("-", node)))
    moved = dict.fromkeys(diff.nodes_moved, Part("moved on the canvas", []))
    for changed in diff.nodes_changed:
        parts = [*_parts(changed["members"]), *filter(None, [moved.pop(changed["id"], None)])]
        yield Change("changed", f"Node “{changed['name']}”", parts)
    for id, part in moved.items():
        yield Change("changed", f"Node “{names[id]}”", [part])


def _settings(diff: GraphDiff) -> list[Change]:
    parts = list(_parts(diff.settings_changed))
    return [Change("changed", "Settings", parts)] if parts else []


def _others(what: str, differences: Mapping[str, Any], named_by: str) -> Iterator[Change]:
    for each in differences["added"]:
        yield Change("added", f"{what} “{each.get(named_by, '')}”", [])
    for each in differences["removed"]:
        yield Change("removed", f"{what} “{each.get(named_by, '')}”", [])
    for each in differences["changed"]:
        yield Change("changed", f"{what} “{each['name']}”", list(_parts(each["members"])))


def _alone(sign: Sign, node: Object) -> Iterator[Part]:
    members = [(name, value) for name, value in node.items() if name not in _WITHOUT_MEANING]
    for name, value in _flat(members):
        yield Part(name, [Line(sign, text) for text in _written(value)[:SHOWN_LINES]])


def _parts(members: Any) -> Iterator[Part]:
    """Each member that differs; of objects each of their members that does."""
    for member in members:
        name, before, after = member["name"], member["before"], member["after"]
        if isinstance(before, dict) and isinstance(after, dict):
            inner = members_changed(before, after)
            yield from _parts([each | {"name": f"{name}.{each['name']}"} for each in inner])
        elif name == "position":  # of a note
            yield Part("moved on the canvas", [])
        else:
            yield Part(name, _compared(_written(before), _written(after)))


def _compared(before: list[str], after: list[str]) -> list[Line]:
    diff = list(unified_diff(before, after, lineterm="", n=2))[_HEAD : _HEAD + SHOWN_LINES]
    return [Line(_SIGNS.get(line[0], ""), line[1:]) for line in diff if not line.startswith("@@")]


_SIGNS: dict[str, Sign] = {"-": "-", "+": "+"}


def _flat(members: list[tuple[str, Json]]) -> Iterator[tuple[str, Json]]:
    for name, value in members:
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", each) for key, each in value.items())
        else:
            yield name, value


def _written(value: Json) -> list[str]:
    """A value in lines: text as it is, all else as JSON; none where there is no value."""
    if value is None:
        return []
    if isinstance(value, str):
        return value.splitlines() or [""]
    return json.dumps(value, indent=2, ensure_ascii=False).splitlines()


def _edge(edge: Object, names: Mapping[Any, Any]) -> str:
    output, input = edge["source_output"], edge["target_input"]
    source = f"“{names.get(edge['source'], edge['source'])}”"
    target = f"“{names.get(edge['target'], edge['target'])}”"
    start = source if output == "main" else f"{source} ({output})"
    return f"{start} → {target}" if input == "main" else f"{start} → {target} ({input})"


def _list(graph: Object, key: str) -> list[Any]:
    return list(graph.get(key) or [])
