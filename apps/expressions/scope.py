"""All that the `$names` of one step can reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from apps.engine.ports import History
from apps.expressions.history import MemoryHistory
from apps.expressions.values import Item


@dataclass(frozen=True)
class Scope:
    """What a step's expressions and code see.

    `items` are the step's input items; expressions are evaluated once for each of them. `now` is
    fixed by the caller, so that a repeated attempt may see the same time.
    """

    items: Sequence[Item]
    history: History = field(default_factory=MemoryHistory)
    run_index: int = 0
    node: Mapping[str, Any] = field(default_factory=dict)  # {"id", "name", "type"} of this node
    params: Mapping[str, Any] = field(default_factory=dict)  # `$parameter`: as written
    workflow: Mapping[str, Any] = field(default_factory=dict)  # {"id", "name", "active"}
    execution: Mapping[str, Any] = field(default_factory=dict)  # {"id", "mode", …}
    variables: Mapping[str, Any] = field(default_factory=dict)  # `$vars`
    environment: Mapping[str, str] = field(default_factory=dict)  # `$env`: what is open to all
    timezone: str = "UTC"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    names: Mapping[str, Any] = field(default_factory=dict)  # more `$names` of this place alone
