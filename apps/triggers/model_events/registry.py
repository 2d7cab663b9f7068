"""Which models' rows start runs, and what is told of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Field, Model

WorkspaceOf = Callable[[Any], UUID | None]


@dataclass(frozen=True, slots=True)
class Registered:
    """A model, the fields of its rows that runs are given, and whose each row is."""

    model: type[Model]
    fields: "tuple[Field[Any, Any], ...]"
    workspace_of: WorkspaceOf | None

    @property
    def label(self) -> str:
        """As a trigger names it, in lower case."""
        return self.model._meta.label_lower


registered: dict[str, Registered] = {}
"""By label."""
