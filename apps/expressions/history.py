"""What earlier nodes of the run gave: declared here, implemented by whoever runs the step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.expressions.errors import ExpressionError
from apps.expressions.values import Item


class History(Protocol):
    """The run so far, as `$('X')` sees it from one step: asked only for what expressions name."""

    def has(self, node: str) -> bool:
        """Say whether the graph has a node of that name."""

    def runs(self, node: str) -> int:
        """Count the finished activations of that node in this run; 0 if it has not run."""

    def items(self, node: str, output: int | None, run: int) -> Sequence[Item] | None:
        """Return what activation `run` of that node (-1: its latest) gave on an output.

        Outputs are counted from 0 in the order that the node declares them; None stands for the
        one by which it leads to this step, else the first. None is returned if there is no such
        activation or output.
        """

    def paired(self, node: str, index: int) -> Item:
        """Return the item of that node from which input item `index` of this step came.

        Raises ExpressionError `expression_no_lineage` with a sentence that says why if it cannot
        be told.
        """

    def params(self, node: str) -> Mapping[str, Any]:
        """Return the parameters of that node as the builder wrote them."""

    def context(self, node: str) -> Mapping[str, Any]:
        """Return what that node remembers in this run (a loop's `noItemsLeft`); often empty."""


@dataclass(frozen=True)
class MemoryHistory:
    """A History of known items: every node ran once and is paired by index. For tests, previews."""

    nodes: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    not_run: frozenset[str] = frozenset()

    def has(self, node: str) -> bool:
        return node in self.nodes or node in self.not_run

    def runs(self, node: str) -> int:
        return 1 if node in self.nodes else 0

    def items(self, node: str, output: int | None, run: int) -> Sequence[Item] | None:
        return self.nodes.get(node) if output in (None, 0) and run in (-1, 0) else None

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
