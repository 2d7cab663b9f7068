"""Texts with plain paths into the first item: what Python alone can read, before a run begins."""

from functools import lru_cache

from apps.expressions.path import Path, parse_path
from apps.expressions.scan import split
from apps.expressions.template import is_template


@lru_cache(maxsize=1024)
def plain_pieces(text: str) -> tuple[str | Path, ...] | None:
    """The texts and paths of a template in their order; None where it holds anything else."""
    if not is_template(text):
        return (text,)
    pieces: list[str | Path | None] = [
        (_path(part.source) if part.is_closed else None) if part.is_code else part.source
        for part in split(text, start=1)
    ]
    return None if None in pieces else tuple(piece for piece in pieces if piece is not None)


def _path(code: str) -> Path | None:
    # Nothing but the trigger has run: no other name leads anywhere.
    return parse_path(code) if code.strip().startswith("$json") else None
