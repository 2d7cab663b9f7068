"""Finds the node types in `library/`: the folder is the registry."""

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache

from apps.engine.errors import Fault
from apps.engine.graph import Node
from apps.engine.items import Json
from apps.nodes import library as folder
from apps.nodes.compiled import check_types
from apps.nodes.context import services
from apps.nodes.contract import NodeType


class Library:
    """The engine's `NodeLibrary` over the types of the folder."""

    def __init__(self, types: Sequence[NodeType]) -> None:
        self._types = {(type.type, type.version): type for type in types}
        if len(self._types) != len(types):
            raise TypeError("two node types have the same id and version")

    def find(self, type: str, version: int) -> NodeType | None:
        return self._types.get((type, version))

    def types(self) -> Sequence[str]:
        return sorted({type for type, _ in self._types})

    def all(self) -> Sequence[NodeType]:
        """Every type in every version, by id."""
        return [self._types[key] for key in sorted(self._types)]

    def describe(self) -> list[dict[str, Json]]:
        """What `GET /node-types` tells."""
        return [type.describe() for type in self.all()]

    def check(self, nodes: Sequence[Node]) -> list[list[Fault]]:
        """For each node what is wrong with its params; a whole graph in a few sandbox calls.

        Nodes of unknown types have no faults here.
        """
        types = [self.find(node.type, node.type_version) for node in nodes]
        known = [(place, type) for place, type in enumerate(types) if type is not None]
        faults: list[list[Fault]] = [[] for _ in nodes]
        checked = check_types(
            [(type, nodes[place].params) for place, type in known], services().editor_sandbox
        )
        for (place, _), told in zip(known, checked, strict=True):
            faults[place] = told
        return faults


@cache
def library() -> Library:
    """The node library of this process."""
    types = []
    for module in pkgutil.iter_modules(folder.__path__):
        members = vars(importlib.import_module(f"{folder.__name__}.{module.name}")).values()
        found = [member for member in members if isinstance(member, NodeType)]
        if len(found) != 1:
            raise TypeError(f"{module.name}: a file of the library declares one node type")
        types += found
    return Library(types)
