"""“Did you mean …?” for names that were written almost right."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence with the nearest known name, led by a space; empty where none is near."""
    near = get_close_matches(name[:80], list(known), n=1)
    return f" Did you mean “{near[0]}”?" if near else ""
