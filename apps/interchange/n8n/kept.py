"""A node that we do not have, as the text in which it is kept."""

import json
from collections.abc import Iterator

from apps.engine.items import Json

MOST_KEPT = 20_000
"""So many characters of a node stand in its placeholder's notes."""


def kept(written: Json) -> str:
    """Its JSON up to the bound, of which no more is made, however long or deep it is."""
    pieces: list[str] = []
    length = 0
    for piece in _pieces(written):
        pieces.append(piece)
        length += len(piece)
        if length > MOST_KEPT:
            return f"{''.join(pieces)[:MOST_KEPT]}…"
    return "".join(pieces)


def _pieces(value: Json) -> Iterator[str]:
    """What json's encoder gives, which for each piece steps through all levels above it."""
    layers = [(iter([("", value)]), "")]
    while layers:
        members, end = layers[-1]
        lead, each = next(members, (None, None))
        if lead is None:
            layers.pop()
            yield end
        elif isinstance(each, dict):
            yield f"{lead}{{"
            layers.append((_members(each), "}"))
        elif isinstance(each, list):
            yield f"{lead}["
            layers.append((_elements(each), "]"))
        else:
            yield f"{lead}{_short(each)}"


def _members(value: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    for place, (name, each) in enumerate(value.items()):
        yield f"{', ' if place else ''}{_short(name)}: ", each


def _elements(value: list[Json]) -> Iterator[tuple[str, Json]]:
    for place, each in enumerate(value):
        yield ", " if place else "", each


def _short(value: Json) -> str:
    if isinstance(value, str):
        value = value[:MOST_KEPT]
    return json.dumps(value, ensure_ascii=False)
