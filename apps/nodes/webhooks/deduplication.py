"""The key by which a request is known that comes again: what its sender calls the delivery."""

import hashlib

from apps.engine.encoding import encode
from apps.engine.items import Json
from apps.expressions.path import Path
from apps.expressions.plain import plain_pieces
from apps.expressions.scope import Scope
from apps.expressions.values import UNDEFINED

DAY_S = 86_400


def plain_key(key: str) -> str:
    """The key as it is written; ValueError where more than Python is needed to read it."""
    pieces = plain_pieces(key)
    if pieces is None or (key and not any(isinstance(piece, Path) for piece in pieces)):
        raise ValueError(
            "The key must hold a path of the request, such as "
            "“={{ $json.headers['x-github-delivery'] }}”; text may stand around it, and nothing "
            "else: it is read before the run begins."
        )
    return key


def delivery_key(key: str, item: Json) -> str | None:
    """What tells a request from others, of a fixed length; None where it has no such value, or
    none is asked for.

    A request without it is told from all: that it is one which came already is not known.
    """
    if not key:
        return None
    scope, digest = Scope(items=[item]), hashlib.sha256()
    for piece in plain_pieces(key) or ():
        if isinstance(piece, Path):
            [value] = piece.values(scope, [0])
            if value in (None, UNDEFINED, ""):
                return None
            piece = value if isinstance(value, str) else encode(value).decode()
        # What ends one piece and begins the next is not the same the other way round.
        digest.update(piece.encode(errors="surrogatepass") + b"\0")
    return digest.hexdigest()
