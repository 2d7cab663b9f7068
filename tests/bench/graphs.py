"""The workflows that are measured."""

from typing import Any

from tests.graphs import edge, graph, node

Document = dict[str, Any]


def set_node(id: str, value: Any = "={{ $json.body ? $json.body.n : $json.n }}") -> Document:
    assignments = [{"name": "n", "type": "number", "value": value}]
    return node(id, "set_fields", params={"mode": "assign", "assignments": assignments})


def is_positive(id: str) -> Document:
    condition = {
        "leftValue": "={{ $json.n }}",
        "operator": {"type": "number", "operation": "gt"},
        "rightValue": 0,
    }
    conditions = {"combinator": "and", "conditions": [condition], "options": {}}
    return node(id, "condition", params={"conditions": conditions})


def hook(path: str) -> Document:
    return node("hook", "webhook", params={"path": path})


def webhook_run(path: str) -> Document:
    """webhook -> set -> condition"""
    nodes = [hook(path), set_node("set", "={{ $json.body.n }}"), is_positive("if")]
    return graph(nodes, ["hook -> set", "set -> if"])


def chain(path: str, length: int) -> Document:
    """A chain of Set nodes, each with a plain expression."""
    sets = [
        set_node(f"s{n}", "={{ $json.body.n }}" if n == 0 else "={{ $json.n }}")
        for n in range(length)
    ]
    edges = ["hook -> s0", *(f"s{n} -> s{n + 1}" for n in range(length - 1))]
    return graph([hook(path), *sets], edges)


def thousand_items(path: str) -> Document:
    """1,000 items through one Set node with an expression."""
    code = "return Array.from({length: 1000}, (_, n) => ({n}))"
    nodes = [
        hook(path),
        node("make", "transform", params={"code": code}),
        set_node("set", "={{ $json.n }}"),
    ]
    return graph(nodes, ["hook -> make", "make -> set"])


def loop(path: str, times: int) -> Document:
    """A loop of so many iterations around one Set node."""
    code = f"return Array.from({{length: {times}}}, (_, n) => ({{n}}))"
    nodes = [
        hook(path),
        node("make", "transform", params={"code": code}),
        node("loop", "loop", params={"batch_size": 1}),
        set_node("set", "={{ $json.n }}"),
    ]
    document = graph(nodes, ["hook -> make", "make -> loop", "loop.loop -> set", "set -> loop"])
    assert edge("set -> loop") in document["edges"]
    return document
