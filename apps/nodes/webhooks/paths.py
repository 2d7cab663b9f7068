"""Paths of webhooks, whose parts may be names: `orders/:id` takes whatever stands at `:id`."""

import re
from collections.abc import Iterator, Sequence
from itertools import product

MOST_PARTS = 8
"""Of a path with names: a request is looked for by each form that it may fit, which are 127."""
LONGEST = 1_000
"""So many characters a path may have that is asked for by a pattern."""
_PART = re.compile(r"[A-Za-z0-9._~-]+")
_NAME = re.compile(r":[A-Za-z0-9_]+")


def plain_path(path: str) -> str:
    """The path of an address that senders know. Raises ValueError."""
    if path and not all(map(_is_plain, path.split("/"))):
        raise ValueError(
            "A path is made of letters, digits, “-”, “_”, “.” and “~”, in parts between “/”."
        )
    return path


def hook_path(path: str) -> str:
    """A path with or without names. Raises ValueError."""
    if not has_names(path):
        return plain_path(path)
    first, *parts = path.split("/")
    if has_names(first):
        # Else it would take what is sent to addresses of others while they are silent.
        raise ValueError("The first part of a path is no name: orders/:id, not :id.")
    names = [part for part in parts if part.startswith(":")]
    plain_path("/".join(part for part in (first, *parts) if part not in names))
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"“{name}”: a name is made of letters, digits and “_”.")
    if len(set(names)) < len(names):
        raise ValueError("Each name can be there once.")
    if len(parts) >= MOST_PARTS:
        raise ValueError(f"A path with names has at most {MOST_PARTS} parts.")
    return path


def has_names(path: str) -> bool:
    return ":" in path


def pattern_of(path: str) -> str:
    """The path but for what its names are called: equal where two take the same requests."""
    return "/".join(":" if has_names(part) else part for part in path.split("/"))


def patterns_for(parts: Sequence[str]) -> Iterator[str]:
    """All patterns with names that the parts of a path fit, the most exact from the left first.

    None with an empty part, or with text that is no UTF-8 or that no database keeps.
    """
    path = "/".join(parts)
    if not 2 <= len(parts) <= MOST_PARTS or len(path) > LONGEST or not all(parts):
        return
    if not _is_plain(parts[0]) or "\0" in path or "\N{REPLACEMENT CHARACTER}" in path:
        return
    choices = ([part, ":"] if _is_plain(part) else [":"] for part in parts[1:])
    for rest in product(*choices):
        if ":" in rest:
            yield "/".join((parts[0], *rest))


def values_in(path: str, parts: Sequence[str]) -> dict[str, str]:
    """By the names of a path what stands there in the parts of one that fits it."""
    if not has_names(path):
        return {}
    pairs = zip(path.split("/"), parts, strict=True)
    return {own[1:]: part for own, part in pairs if has_names(own)}


def _is_plain(part: str) -> bool:
    return part not in (".", "..") and _PART.fullmatch(part) is not None
