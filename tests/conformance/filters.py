"""Answers the vectors of n8n's filter conditions: JSON lines in, JSON lines out."""

import json
import sys
from typing import Any

from apps.engine.errors import NodeError
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.transform import transform
from apps.nodes.conditions.regex import MATCH
from apps.nodes.conditions.typed import Conditions, hold


def main() -> None:
    sandbox = Sandbox()

    def match(pairs: Any) -> Any:
        scope = Scope(items=[{"json": {"pairs": [list(pair) for pair in pairs]}}])
        return transform(MATCH, scope, sandbox, mode="all").value

    for line in sys.stdin:
        vector = json.loads(line)
        filter = Conditions.model_validate(_plain(vector["in"]["filter"]))
        [verdict] = hold([filter], match)
        is_error = isinstance(verdict, NodeError)
        answer = {"error": verdict.message} if is_error else {"got": verdict}
        print(json.dumps({"id": vector["id"], **answer}))
    sandbox.close()


def _plain(value: Any) -> Any:
    """Undefined and NaN reach a condition as null."""
    if isinstance(value, dict):
        if "$t" in value:
            return value["v"] if value["$t"] in ("Date", "DateTime") else None
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value


if __name__ == "__main__":
    main()
