"""Run snippets of JavaScript as a Transform node would: `python -m tests.conformance.js`.

Reads JSON lines `{"id", "code" or "code_b64", "json"?, "probe"?}` and writes for each
`{"id", "outcome", "value"?, "probe_value"?}`. The probe is run afterwards, as a step of its own.
"""

import base64
import json
import sys
from typing import Any

from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import Limits
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.transform import transform
from apps.expressions.values import UNDEFINED

LIMITS = Limits(wall_s=1.0)
OUTCOMES = {"js_timeout": "timeout", "js_memory": "memory"}


def run(
    code: str, data: dict[str, Any] | None, sandbox: Sandbox, limits: Limits = LIMITS
) -> dict[str, Any]:
    """Run one body for one item; tell how it ended."""
    scope = Scope(items=[{"json": {} if data is None else data}])
    try:
        result = transform(code, scope, sandbox, mode="each", limits=limits)
    except JavaScriptError as error:
        return {
            "outcome": OUTCOMES.get(error.code, "error"),
            "code": error.code,
            "message": error.message,
        }
    value = result.value[0]
    return {"outcome": "value", "value": None if value is UNDEFINED else value}


def answer(case: dict[str, Any], sandbox: Sandbox, limits: Limits = LIMITS) -> dict[str, Any]:
    """Run the code of a case within the limits, and then its probe."""
    code = case["code"] if "code" in case else base64.b64decode(case["code_b64"]).decode()
    told = {"id": case["id"], **run(code, case.get("json"), sandbox, limits)}
    if "probe" in case:
        told["probe_value"] = run(case["probe"], case.get("json"), sandbox).get("value")
    return told


def main() -> None:
    sandbox = Sandbox()
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(json.loads(line), sandbox)), flush=True)
    sandbox.close()


if __name__ == "__main__":
    main()
