"""JSON within n8n's JSON, and what of it a graph can hold."""

import json
import math

from apps.engine.items import Json
from apps.engine.parse_node import MAX_PARAMS_DEPTH
from apps.interchange.n8n.given import UnsupportedError, is_expression
from apps.interchange.n8n.source import Source

MOST_DEPTH = MAX_PARAMS_DEPTH - 20
"""How deep parameters may be: ours put some levels around them."""


def typed_json(source: Source, key: str) -> Json:
    """JSON that was typed: an expression stays, text becomes what it says."""
    value = source.given.value(key, {})
    if not isinstance(value, str) or is_expression(value):
        return value
    try:
        read: Json = json.loads(value or "{}")
    except RecursionError:
        raise UnsupportedError(f"“{key}” is nested too deeply.") from None
    except ValueError:
        source.warn(f"“{key}” is no JSON; it is kept as the text that it is.")
        return value
    require_bounded(read, f"“{key}” is", MOST_DEPTH)
    return read


def require_bounded(value: Json, what: str, deepest: int = MAX_PARAMS_DEPTH) -> None:
    """Raise UnsupportedError for what a graph's params must not hold. Nothing is recursive."""
    layer: list[dict[str, Json] | list[Json]] = [[value]]
    for _ in range(deepest + 1):
        below: list[dict[str, Json] | list[Json]] = []
        for parent in layer:
            for child in parent.values() if isinstance(parent, dict) else parent:
                if isinstance(child, dict | list):
                    below.append(child)
                elif isinstance(child, float) and not math.isfinite(child):
                    raise UnsupportedError(f"{what} no JSON: it holds NaN or Infinity.")
        if not below:
            return
        layer = below
    raise UnsupportedError(f"{what} nested too deeply.")
