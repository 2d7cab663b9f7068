"""Resolve expressions as a step would: `python -m tests.conformance.expressions`.

Reads JSON lines `{"id", "in": {"expression", "json" | "items" | "input", "nodes"?, "timezone"?}}`
and writes `{"id", "got"}` or `{"id", "error"}`.
"""

import json
import sys
from typing import Any

from apps.engine.errors import FlowForgeError
from apps.expressions.history import MemoryHistory
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve


def answer(given: dict[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    """Resolve one expression for the first of its items."""
    items = [{"json": entry} for entry in given.get("input", [])] or given.get("items") or []
    if not items:
        items = [{"json": given.get("json", {})}]
    items = [{**item, "pairedItem": {"item": index}} for index, item in enumerate(items)]
    nodes = {
        name: [{"json": data, "pairedItem": {"item": 0}}]
        for name, data in (given.get("nodes") or {}).items()
    }
    scope = Scope(
        items=items, history=MemoryHistory(nodes), timezone=given.get("timezone") or "UTC"
    )
    try:
        resolved = resolve(compile_params({"value": given["expression"]}), scope, sandbox)
    except FlowForgeError as error:
        return {"error": f"{error.code}: {error.message}"}
    return {"got": resolved.params[0].get("value", {"$t": "undefined"})}


def main() -> None:
    sandbox = Sandbox()
    for line in sys.stdin:
        if line.strip():
            case = json.loads(line)
            print(json.dumps({"id": case["id"], **answer(case["in"], sandbox)}), flush=True)
    sandbox.close()


if __name__ == "__main__":
    main()
