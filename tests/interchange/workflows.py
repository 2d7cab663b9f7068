"""Small workflows in n8n's form."""

from typing import Any

Json = Any


def n8n_node(type: str, name: str = "It", version: float = 1, **more: Json) -> dict[str, Json]:
    params = more.pop("parameters", {})
    return {
        "name": name,
        "type": f"n8n-nodes-base.{type}",
        "typeVersion": version,
        "position": [0, 0],
        "parameters": params,
    } | more


def to(*names: str) -> list[dict[str, Json]]:
    return [{"node": name, "type": "main", "index": 0} for name in names]


def n8n_workflow(*nodes: Json, connections: Json = None, **more: Json) -> dict[str, Json]:
    return {"nodes": [*nodes], "connections": connections or {}} | more
