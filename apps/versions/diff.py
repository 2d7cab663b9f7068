"""What changed from one graph to another.

The web app compares with a draft that nobody has saved by the same rules, in
`frontend/src/graph/diff.ts`: `diffCases.json` beside it holds both to them.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from apps.engine.graph import Node
from apps.engine.items import Json

NODE_DEFAULTS: Mapping[str, Json] = {
    member.name: member.default
    for member in fields(Node)
    if member.default is not MISSING and member.name not in ("position", "retry")
}
"""What says nothing where it is left out."""
_NOTHING = object()

Object = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """Nodes are the same when their ids are; a changed node names the members that differ.

    Where a node lies is no change of it: `nodes_moved` has the ids of those that lie elsewhere.
    Sticky notes and groups are the same by their ids, too.
    """

    nodes_added: list[Object]
    nodes_removed: list[Object]
    nodes_changed: list[dict[str, Json]]
    nodes_moved: list[Json]
    edges_added: list[Object]
    edges_removed: list[Object]
    settings_changed: list[dict[str, Json]]
    notes: dict[str, Json]
    groups: dict[str, Json]

    def as_json(self) -> dict[str, Any]:
        return {
            "nodes": {
                "added": self.nodes_added,
                "removed": self.nodes_removed,
                "changed": self.nodes_changed,
                "moved": self.nodes_moved,
            },
            "edges": {"added": self.edges_added, "removed": self.edges_removed},
            "settings": self.settings_changed,
            "sticky_notes": self.notes,
            "groups": self.groups,
        }


def diff_graphs(before: Object, after: Object) -> GraphDiff:
    """Compare two graphs in the form in which they are stored."""
    old_nodes, new_nodes = _by_id(before["nodes"]), _by_id(after["nodes"])
    old_edges, new_edges = _by_ends(before["edges"]), _by_ends(after["edges"])
    return GraphDiff(
        nodes_added=_missing(new_nodes, old_nodes),
        nodes_removed=_missing(old_nodes, new_nodes),
        nodes_changed=_changed(_meant(old_nodes), _meant(new_nodes)),
        nodes_moved=[
            id
            for id, node in new_nodes.items()
            if id in old_nodes and not _is_same(_place(old_nodes[id]), _place(node))
        ],
        edges_added=_missing(new_edges, old_edges),
        edges_removed=_missing(old_edges, new_edges),
        settings_changed=members_changed(before.get("settings") or {}, after.get("settings") or {}),
        notes=_differences(before, after, "sticky_notes"),
        groups=_differences(before, after, "groups"),
    )


def _differences(before: Object, after: Object, key: str) -> dict[str, Json]:
    old, new = _by_id(before.get(key) or []), _by_id(after.get(key) or [])
    return {
        "added": _missing(new, old),
        "removed": _missing(old, new),
        "changed": _changed(old, new),
    }


def _changed(old: dict[Any, Object], new: dict[Any, Object]) -> list[dict[str, Json]]:
    return [
        {"id": id, "name": row.get("name", ""), "members": members}
        for id, row in new.items()
        if id in old and (members := members_changed(old[id], row))
    ]


def members_changed(before: Object, after: Object) -> list[dict[str, Json]]:
    """The members that differ; None where there is none. Their order means nothing."""
    names = [*before, *(name for name in after if name not in before)]
    return [
        {"name": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if not _is_same(before.get(name, _NOTHING), after.get(name, _NOTHING))
    ]


def _is_same(before: Any, after: Any) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(
            _is_same(value, after[name]) for name, value in before.items()
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_is_same, before, after))
    # To Python 1 and True are equal.
    return isinstance(before, bool) is isinstance(after, bool) and bool(before == after)


def _meant(nodes: dict[Any, Object]) -> dict[Any, Object]:
    """What nodes are told to do: all but where they lie, and nothing that is as by default."""
    return {
        id: {
            name: value
            for name, value in node.items()
            if name != "position" and not _is_same(value, NODE_DEFAULTS.get(name, _NOTHING))
        }
        for id, node in nodes.items()
    }


def _place(node: Object) -> Json:
    return node.get("position", [0, 0])


def _by_id(nodes: list[Object]) -> dict[Any, Object]:
    return {node["id"]: node for node in nodes}


def _by_ends(edges: list[Object]) -> dict[Any, Object]:
    names = ("source", "source_output", "target", "target_input")
    return {tuple(edge[name] for name in names): edge for edge in edges}


def _missing(these: dict[Any, Object], those: dict[Any, Object]) -> list[Object]:
    return [row for key, row in these.items() if key not in those]
