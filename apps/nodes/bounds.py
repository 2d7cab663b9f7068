"""How many items a step may make of those that it was given."""

from apps.engine.errors import NodeError

MAX_ITEMS = 250_000


def check_count(count: int, doing: str) -> None:
    """Stop a step that makes too many items, before they fill the memory."""
    if count > MAX_ITEMS:
        raise NodeError("too_many_items", f"{doing} gives over {MAX_ITEMS:,} items.")
