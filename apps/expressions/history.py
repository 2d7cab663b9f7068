"""A history of known items, for scopes without a run: the memory twin of the engine's `History`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.engine.ports import Previous
from apps.expressions.errors import ExpressionError
from apps.expressions.values import Item


@dataclass(frozen=True)
class MemoryHistory:
    """Every node ran once and is paired by index. Without nodes: the history of a first step."""

    nodes: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    not_run: frozenset[str] = frozenset()
    came_from: Previous | None = None

    def has(self, node: str) -> bool:
        return node in self.nodes or node in self.not_run

    def runs(self, node: str) -> int:
        return 1 if node in self.nodes else 0

    def begun(self, node: str) -> int:
        return 0

    def items(self, node: str, output: int | None, run: int) -> Sequence[Item] | None:
        return self.nodes.get(node) if output in (None, 0) and run in (-1, 0) else None

    def previous(self) -> Previous | None:
        return self.came_from

    def paired(self, node: str, index: int) -> Item:
        items = self.nodes.get(node, ())
        if index < len(items):
            return items[index]
        raise ExpressionError(
            "expression_no_lineage", f"Item {index} does not come from an item of '{node}'."
        )

    def params(self, node: str) -> Mapping[str, Any]:
        return {}

    def context(self, node: str) -> Mapping[str, Any]:
        return {}


class OutOfReach(MemoryHistory):
    """The history of an expression that is evaluated while its step works."""

    def has(self, node: str) -> bool:
        raise ExpressionError(
            "expression_no_data",
            f"What the node “{node[:80]}” gave cannot be seen here, only the item and the answer.",
            hint="Put it into the item before, with a Set Fields node.",
        )
