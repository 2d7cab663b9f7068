"""The key of `settings.concurrency`: runs whose keys are the same wait for each other.

It is read where runs are made, on threads that all senders share. So it holds text and paths of the
trigger's first item, which Python alone can follow, and never JavaScript.
"""

from apps.engine.encoding import storable
from apps.engine.errors import Fault
from apps.engine.graph import Concurrency
from apps.engine.items import Json
from apps.expressions.path import Path
from apps.expressions.plain import plain_pieces
from apps.expressions.scope import Scope
from apps.expressions.text import as_text

PLACE = "settings.concurrency.key"
MAX_KEY = 128


def key_faults(concurrency: Concurrency | None) -> list[Fault]:
    """What is wrong with a limit's key."""
    key = concurrency.key if concurrency else None
    if key is None or plain_pieces(key) is not None:
        return []
    told = (
        "The key can hold text and paths of the trigger's first item, such as "
        "“={{ $json.body.customer }}”, and nothing else: it is read before the run begins."
    )
    return [Fault(PLACE, "not_a_path", told)]


def limit_key_of(concurrency: Concurrency, items: list[Json]) -> str:
    """The key of a run that begins with these items; empty where it says nothing."""
    scope = Scope(items=items[:1])
    first = range(len(scope.items))
    text = ""
    for piece in plain_pieces(concurrency.key or "") or ():
        values = piece.values(scope, first) if isinstance(piece, Path) else [piece]
        text += "".join(map(as_text, values))
        text = text[:MAX_KEY]  # a long value may be named again and again
    return storable(text)
