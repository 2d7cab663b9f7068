"""What changed from one graph to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.engine.items import Json

Object = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """Nodes are the same when their ids are; a changed node names the members that differ.

    So are sticky notes and groups.
    """

    nodes_added: list[Object]
    nodes_removed: list[Object]
    nodes_changed: list[dict[str, Json]]
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
        nodes_changed=_changed(old_nodes, new_nodes),
        edges_added=_missing(new_edges, old_edges),
        edges_removed=_missing(old_edges, new_edges),
        settings_changed=_changes(before.get("settings") or {}, after.get("settings") or {}),
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
        if id in old and (members := _changes(old[id], row))
    ]


def _changes(before: Object, after: Object) -> list[dict[str, Json]]:
    names = [*before, *(name for name in after if name not in before)]
    return [
        {"name": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if not _is_same(before.get(name), after.get(name))
    ]


def _is_same(before: Json, after: Json) -> bool:
    # To Python 1, 1.0 and True are equal; in a graph they are three values.
    return before == after and repr(before) == repr(after)


def _by_id(nodes: list[Object]) -> dict[Any, Object]:
    return {node["id"]: node for node in nodes}


def _by_ends(edges: list[Object]) -> dict[Any, Object]:
    names = ("source", "source_output", "target", "target_input")
    return {tuple(edge[name] for name in names): edge for edge in edges}


def _missing(these: dict[Any, Object], those: dict[Any, Object]) -> list[Object]:
    return [row for key, row in these.items() if key not in those]
