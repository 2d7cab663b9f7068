"""The keys of `settings.concurrency` and `settings.rate_limit`: runs of one key share a limit.

They are read where runs are made, on threads that all senders share. So they hold text and paths
of the trigger's first item, which Python alone can follow, and never JavaScript.
"""

from apps.engine.encoding import storable
from apps.engine.errors import Fault
from apps.engine.graph import Concurrency, GraphSettings, RateLimit
from apps.engine.items import Json
from apps.expressions.path import Path
from apps.expressions.plain import plain_pieces
from apps.expressions.scope import Scope
from apps.expressions.text import as_text

MAX_KEY = 128


def key_faults(settings: GraphSettings) -> list[Fault]:
    """What is wrong with the keys of the limits."""
    limits = {"concurrency": settings.concurrency, "rate_limit": settings.rate_limit}
    return [
        fault
        for name, limit in limits.items()
        if limit and limit.key
        for fault in _faults(f"settings.{name}.key", limit.key)
    ]


def _faults(path: str, key: str) -> list[Fault]:
    if plain_pieces(key) is not None:
        return []
    told = (
        "The key can hold text and paths of the trigger's first item, such as "
        "“={{ $json.body.customer }}”, and nothing else: it is read before the run begins."
    )
    return [Fault(path, "not_a_path", told)]


def limit_key_of(limit: Concurrency | RateLimit, items: list[Json]) -> str:
    """The key of a run that begins with these items; empty where it says nothing."""
    scope = Scope(items=items[:1])
    first = range(len(scope.items))
    text = ""
    for piece in plain_pieces(limit.key or "") or ():
        values = piece.values(scope, first) if isinstance(piece, Path) else [piece]
        text += "".join(map(as_text, values))
        text = text[:MAX_KEY]  # a long value may be named again and again
    return storable(text)
