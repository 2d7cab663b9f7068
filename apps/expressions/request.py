"""One question to the sandbox about a step: its items and names, and other nodes' data as asked."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import Limits
from apps.expressions.lookup import Lookup
from apps.expressions.pieces import Pieces
from apps.expressions.reference import REFERENCES, Reference
from apps.expressions.sandbox import Op, Sandbox
from apps.expressions.scope import Scope
from apps.expressions.stop import Stop

MAX_ROUNDS: Final = 50
MAX_NEEDS: Final = 1_000


@dataclass(frozen=True)
class Answer:
    """What the prelude told, and whether an integer was rounded on the way in."""

    told: Any
    rounded: bool


def ask(
    op: Op,
    question: Mapping[str, Any],
    sources: Iterable[str],
    scope: Scope,
    sandbox: Sandbox,
    limits: Limits,
    stop: Stop | None = None,
) -> Answer:
    """Send the question with the scope's data; repeat it with what the code then misses."""
    pieces = Pieces()
    fixed = pieces.write(
        {
            **question,
            "items": list(scope.items),
            "shared": _shared(scope),
            "names": dict(scope.names),
            "limit": limits.output_mb << 20,
        }
    ).removesuffix("}")
    sources = tuple(sources)
    lookup = Lookup(scope.history, len(scope.items), pieces)
    lookup.expect(sources)
    end = time.monotonic() + limits.wall_s
    reference = Reference(sources, scope.timezone)
    needed = 0
    for _ in range(MAX_ROUNDS):
        left = _left(end, limits)
        body = f'{fixed},"nodes":{lookup.written()},"reference":{reference.written()}}}'
        bounds = replace(limits, wall_s=left)
        told = sandbox.call(op, body.encode("ascii"), bounds, reference.parts, stop)
        if not isinstance(told, dict):
            raise JavaScriptError("js_error", "The result cannot be read.")
        if "needs" not in told:
            return Answer(told, pieces.rounded)
        try:
            needed += len(told["needs"])
            if needed > MAX_NEEDS:
                raise JavaScriptError("js_error", "It asks for the data of too many nodes or runs.")
            for kind, name, *more in told["needs"]:
                _left(end, limits)
                if kind in REFERENCES:
                    reference.supply(kind, name)
                else:
                    lookup.supply(kind, name, *more)
        except (TypeError, ValueError, KeyError):
            raise JavaScriptError("js_error", "What it asks for cannot be read.") from None
    raise JavaScriptError("js_error", "It asks for the data of too many nodes, one after another.")


def _left(end: float, limits: Limits) -> float:
    """How long it may still take, here or in the sandbox."""
    left = end - time.monotonic()
    if left <= 0:
        raise limits.exceeded("js_timeout")
    return left


def _shared(scope: Scope) -> dict[str, Any]:
    return {
        "workflow": dict(scope.workflow),
        "execution": dict(scope.execution),
        "params": dict(scope.params),
        "runIndex": scope.run_index,
        "node": dict(scope.node),
        "previous": _previous(scope),
        "variables": dict(scope.variables),
        "environment": dict(scope.environment),
        "now": scope.now.timestamp() * 1000 // 1,
        "timezone": scope.timezone,
    }


def _previous(scope: Scope) -> dict[str, Any]:
    came_from = scope.history.previous()
    if came_from is None:
        return {}
    return {"name": came_from.node, "outputIndex": came_from.output, "runIndex": came_from.run}
