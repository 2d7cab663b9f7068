"""Where items that are made of several come from."""

from collections.abc import Iterable

from apps.engine.items import Item, Paired


def paired_with_all(items: Iterable[Item]) -> tuple[Paired, ...]:
    """The lineage of one item that is made of all of these."""
    return tuple(pair for item in items for pair in item.paired or ())
