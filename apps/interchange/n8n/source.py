"""One node of n8n, and what it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from apps.engine.items import Json
from apps.interchange.n8n.given import Given


@dataclass(slots=True)
class Source:
    """A node as n8n wrote it."""

    name: str
    type: str
    version: float
    given: Given
    credentials: Mapping[str, Json]
    warnings: list[str] = field(default_factory=list)

    def warn(self, told: str) -> None:
        self.warnings.append(told)


@dataclass(frozen=True, slots=True)
class Made:
    """What stands for it in our graph. The names of its outputs and inputs are in n8n's order."""

    type: str
    params: dict[str, Json]
    outputs: tuple[str, ...] = ("main",)
    inputs: tuple[str, ...] = ("main",)


Translate = Callable[[Source], Made]
