"""Resolve expressions as a step would: `python -m tests.conformance.expressions`.

Reads JSON lines `{"id", "in": {"expression", "json" | "items" | "input", "nodes"?, "timezone"?}}`
and writes `{"id", "got"}` or `{"id", "error"}`.
"""

import json
import sys
from typing import Any

from apps.engine.errors import FlowForgeError
from apps.expressions.history import MemoryHistory
from apps.expressions.limits import Limits
from apps.expressions.preview import preview
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve
from apps.expressions.values import UNDEFINED

# The instance on which the values were recorded.
ZONE = "America/New_York"
WORKFLOW = {"id": "wf1", "name": "Test workflow", "active": False}
EXECUTION = {"id": "1", "mode": "manual", "resumeUrl": "http://localhost/r"}
LIMITS = Limits(wall_s=5)


def answer(given: dict[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    """Resolve one expression for the first of its items."""
    try:
        got = value_of(given["expression"], scope_of(given), sandbox)
    except FlowForgeError as error:
        return {"error": f"{error.code}: {error.message}"}
    return {"got": {"$t": "undefined"} if got is UNDEFINED else got}


def scope_of(given: dict[str, Any]) -> Scope:
    if "input" in given:
        items = [{"json": entry} for entry in given["input"]]
    else:
        items = given.get("items") or [{"json": given.get("json", {})}]
    nodes = {
        name: [{"json": data, "pairedItem": {"item": 0}}]
        for name, data in (given.get("nodes") or {}).items()
    }
    return Scope(
        items=[{**item, "pairedItem": {"item": index}} for index, item in enumerate(items)],
        history=MemoryHistory(nodes),
        timezone=given.get("timezone") or ZONE,
        workflow=WORKFLOW,
        execution=EXECUTION,
    )


def value_of(expression: str, scope: Scope, sandbox: Sandbox) -> Any:
    """The value for the first item, or without any item."""
    if not scope.items:
        return preview(expression, scope, sandbox, LIMITS).value
    value = resolved(expression, scope, sandbox)
    if value is None and is_nan(expression, scope, sandbox):
        return {"$t": "number", "v": "NaN"}
    return value


def is_nan(expression: str, scope: Scope, sandbox: Sandbox) -> bool:
    """JSON has null for NaN; the cases tell them apart."""
    code = expression.removeprefix("={{").removesuffix("}}")
    try:
        return resolved(f"={{{{ Number.isNaN({code}) }}}}", scope, sandbox) is True
    except FlowForgeError:
        return False  # it is a list of statements


def resolved(expression: str, scope: Scope, sandbox: Sandbox) -> Any:
    params = resolve(compile_params({"value": expression}), scope, sandbox).params[0]
    return params.get("value", UNDEFINED)


def main() -> None:
    sandbox = Sandbox()
    for line in sys.stdin:
        if line.strip():
            case = json.loads(line)
            print(json.dumps({"id": case["id"], **answer(case["in"], sandbox)}), flush=True)
    sandbox.close()


if __name__ == "__main__":
    main()
