"""Nested parameters with open places, filled for each item without walking them again."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from apps.expressions.errors import ExpressionError
from apps.expressions.values import UNDEFINED

MAX_DEPTH: Final = 100

Key = str | int
Keys = tuple[Key, ...]


class Slots:
    """Parameters of which some places are filled anew for each item.

    Only the objects and lists on the way to an open place are copied, the rest is shared.
    """

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params: dict[str, Any] = dict(params)
        self._open: list[Keys] = []
        self._own: dict[Keys, Any] = {(): self.params}  # what is ours to change
        self._links: list[tuple[int, Key, Any]] = []
        self._targets: list[tuple[int, Key]] = []

    def put(self, keys: Keys, value: Any) -> None:
        """Replace one value for good."""
        self._container(keys[:-1])[keys[-1]] = value

    def open(self, keys: Keys) -> None:
        """Declare a place that `filled` fills; in the order of the calls."""
        self._open.append(keys)

    def closed(self) -> "Slots":
        """Lay out the copying, once all places are known."""
        numbers: dict[Keys, int] = {(): 0}
        for keys in self._open:
            for depth in range(1, len(keys)):
                container = keys[:depth]
                if container not in numbers:
                    numbers[container] = len(numbers)
                    original = self._container(container)
                    self._links.append((numbers[container[:-1]], container[-1], original))
            self._targets.append((numbers[keys[:-1]], keys[-1]))
        return self

    def filled(self, values: Sequence[Any]) -> dict[str, Any]:
        """Copy the parameters with these values in their open places, as JSON would hold them."""
        root = self.params.copy()
        copies: list[Any] = [root]
        for parent, key, original in self._links:
            copy = original.copy()
            copies[parent][key] = copy
            copies.append(copy)
        for (container, key), value in zip(self._targets, values, strict=True):
            if value is not UNDEFINED:
                copies[container][key] = value
            elif type(key) is int:
                copies[container][key] = None
            else:
                del copies[container][key]
        return root

    def _container(self, keys: Keys) -> Any:
        """An object or list on the way, copied from what the caller gave when first asked for."""
        if keys not in self._own:
            parent = self._container(keys[:-1])
            self._own[keys] = parent[keys[-1]] = parent[keys[-1]].copy()
        return self._own[keys]


def find_slots(
    params: Mapping[str, Any], is_wanted: Callable[[Any], bool], skip: Collection[str]
) -> tuple[Slots, list[tuple[Keys, str, str]]]:
    """Walk nested parameters without recursing; return where the wanted texts stand, in order."""
    found: list[tuple[Keys, str, str]] = []
    waiting: list[tuple[Keys, str, Any]] = [
        ((key,), key, value) for key, value in reversed(list(params.items())) if key not in skip
    ]
    while waiting:
        keys, path, value = waiting.pop()
        if len(keys) > MAX_DEPTH:
            raise ExpressionError(
                "expression_failed", f"{path[:200]}: parameters are nested over {MAX_DEPTH} deep."
            )
        if isinstance(value, dict):
            waiting += [
                ((*keys, key), f"{path}.{key}", entry) for key, entry in reversed(value.items())
            ]
        elif isinstance(value, list):
            waiting += [
                ((*keys, index), f"{path}[{index}]", value[index])
                for index in reversed(range(len(value)))
            ]
        elif is_wanted(value):
            found.append((keys, path, value))
    return Slots(params), found
