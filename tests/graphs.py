"""Small builders of graph documents."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Document = dict[str, Any]


def node(id: str, type: str = "no_operation", **members: Any) -> Document:
    """A node document; its name is its id, its params are empty unless given."""
    return {"id": id, "type": type, "name": id, "params": {}, **members}


def edge(line: str) -> Document:
    """An edge document from `a -> b`, `a.error -> b` or `a -> b.input_2`."""
    source, target = line.split(" -> ")
    source, _, source_output = source.partition(".")
    target, _, target_input = target.partition(".")
    return {
        "source": source,
        "source_output": source_output or "main",
        "target": target,
        "target_input": target_input or "main",
    }


def graph(nodes: Sequence[Document], edges: Sequence[str] = (), **settings: Any) -> Document:
    """A graph document; edges as `edge` reads them."""
    return {
        "schema": 1,
        "nodes": list(nodes),
        "edges": [edge(line) for line in edges],
        "settings": settings,
    }


def chain(*ids: str, **settings: Any) -> Document:
    """A manual trigger (the first id) and then one node after another."""
    nodes = [node(ids[0], "manual"), *(node(id) for id in ids[1:])]
    return graph(nodes, [f"{a} -> {b}" for a, b in pairwise(ids)], **settings)
