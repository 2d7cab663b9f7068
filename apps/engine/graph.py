"""A workflow's graph: nodes and edges between named outputs and inputs (`graph_json`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from apps.engine.items import Json

OnError = Literal["stop", "continue", "route"]
OnCrash = Literal["run_again", "fail", "ask"]
ERROR_OUTPUT = "error"
"""The output that a node with `on_error: route` has beside its type's own."""
LOOP_OUTPUT = "loop"
"""The output by which a Loop gives its batches to its body."""


@dataclass(frozen=True, slots=True)
class Retry:
    """When a failed attempt is tried again. `on` empty: every retryable error."""

    count: int = 0
    wait_s: float = 1
    factor: float = 2
    max_wait_s: float = 300
    jitter: bool = True
    on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A box in a graph. `on_crash` None: the default of its type."""

    id: str
    type: str
    name: str
    params: Mapping[str, Json] = field(default_factory=dict)
    type_version: int = 1
    position: tuple[float, float] = (0, 0)
    disabled: bool = False
    notes: str = ""
    pinned: Mapping[str, Json] | None = None
    retry: Retry = Retry()
    timeout_s: float = 60
    on_error: OnError = "stop"
    on_crash: OnCrash | None = None
    always_output: bool = False
    run_once: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from an output to an input."""

    source: str
    source_output: str
    target: str
    target_input: str


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How many runs may execute at once, in all or for each value of the key template."""

    limit: int
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many runs may start within any so many seconds, in all or for each value of the key."""

    limit: int
    per_s: int
    key: str | None = None


@dataclass(frozen=True, slots=True)
class GraphSettings:
    order: Literal["topological", "depth_first"] = "topological"
    timezone: str = "UTC"
    timeout_s: float | None = None
    concurrency: Concurrency | None = None
    rate_limit: RateLimit | None = None
    priority: Literal["high", "default", "low"] = "default"
    error_workflow: str | None = None
    step_budget: int = 100_000


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    settings: GraphSettings = GraphSettings()
