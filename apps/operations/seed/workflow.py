"""The workflow whose runs a database is seeded with: it goes as the item of its trigger says."""

from itertools import pairwise
from typing import Any

from apps.engine.parse_node import DAY_S

Document = dict[str, Any]

WAYS = {"through": 85, "stopped": 4, "wrong": 2, "short": 5, "waits": 1, "cancelled": 2, "bulky": 1}
"""How a run goes, and of a hundred runs how many do so."""
APART = ("short", "stopped", "wrong", "waits", "cancelled")
"""The ways that leave the chain."""
LINES = {"bulky": 60}
"""Of the order that a run is about; 3 otherwise."""


def order(way: str, number: int) -> Document:
    """What a run is about."""
    line = {"sku": "FF-2040", "title": "Desk lamp, brass", "quantity": 2, "price": "49.90"}
    address = {"street": "Linienstraße 12", "city": "Berlin", "country": "DE"}
    customer = {"name": "Ada Lovelace", "email": "ada@example.com", "address": address}
    return {"way": way, "n": number, "customer": customer, "lines": [line] * LINES.get(way, 3)}


def workflow_graph(length: int) -> Document:
    """A chain of so many steps after the one that decides the way."""
    chain = [f"step{n}" for n in range(length)]
    nodes = [
        _node("start", "manual"),
        _node("way", "switch", rules=[_rule(way) for way in APART], fallback="output"),
        _node("short", "no_operation"),
        _node("stopped", "stop_and_error", message="=No stock for order {{ $json.n }}"),
        _node("wrong", "date_time", operation="format", date="={{ $json.way }}"),
        # Beyond all that is asked of a database that is seeded: no worker is to take it up.
        _node("waits", "delay", seconds=400 * DAY_S),
        _node("cancelled", "delay", seconds=400 * DAY_S),
        *(_node(id, "set_fields", mode="assign", assignments=[_number()]) for id in chain),
    ]
    edges = [
        _edge("start", "way"),
        *(_edge("way", way, way) for way in APART),
        _edge("way", chain[0], "fallback"),
        *(_edge(a, b) for a, b in pairwise(chain)),
    ]
    return {"schema": 1, "nodes": nodes, "edges": edges, "settings": {}}


def _node(id: str, type: str, **params: Any) -> Document:
    return {"id": id, "type": type, "name": id, "params": params}


def _edge(source: str, target: str, output: str = "main") -> Document:
    return {
        "source": source,
        "source_output": output,
        "target": target,
        "target_input": "main",
    }


def _number() -> Document:
    return {"name": "n", "type": "number", "value": "={{ $json.n }}"}


def _rule(way: str) -> Document:
    operator = {"type": "string", "operation": "equals"}
    condition = {"leftValue": "={{ $json.way }}", "operator": operator, "rightValue": way}
    return {"name": way, "conditions": {"conditions": [condition]}}
