"""What the engine needs from outside: the node library, the journal, the clock, workers.

The memory twins of these are in `memory.py`; Django binds them in `apps/runs/ports.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from apps.engine.errors import Fault
from apps.engine.graph import Node
from apps.engine.items import Items, Json
from apps.engine.outcomes import Kind, LoopBatch, Outcome


class Clock(Protocol):
    """Time. Durations are measured by `monotonic` (seconds), moments told by `now` (UTC)."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a node may know of the run that it is part of."""

    id: UUID
    workspace: UUID
    workflow: UUID
    workflow_name: str
    version: int
    trigger: str
    timezone: str
    started_at: datetime
    workflow_active: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    """What the run's expressions may read of its workspace, where they read any of it."""
    addressed: Mapping[str, Node] = field(default_factory=dict)
    """For nodes, by their id, the next behind them (or themselves) that is reached from outside by
    an address."""


@dataclass(frozen=True, slots=True)
class Previous:
    """Where a step's input came from: a node, the place of its output, and which activation."""

    node: str
    output: int
    run: int


class History(Protocol):
    """What earlier steps of this run gave, as `$('Node')` sees it from one step.

    Asked only for what expressions name. Loads lazily; only to be used on the run's own thread (in
    `NodeSpec.prepare`). Items are in their stored form.
    """

    def has(self, node: str) -> bool:
        """Say whether the graph has a node of that name."""

    def runs(self, node: str) -> int:
        """Count the finished activations of that node in this run; skipped ones do not count."""

    def begun(self, node: str) -> int:
        """Count the activations, skipped ones too, of the node with this id: the next has this
        number as its iteration."""

    def items(self, node: str, output: int | None, run: int) -> Sequence[Mapping[str, Json]] | None:
        """Return what activation `run` of that node (-1: its latest) gave on an output.

        Outputs are counted from 0 in the order that the node declares them; None stands for the
        one by which it leads to this step, else the first. None is returned if there is no such
        activation or output.
        """

    def previous(self) -> Previous | None:
        """Return from where the first of this step's items came; None where nothing was before."""

    def paired(self, node: str, index: int) -> Mapping[str, Json]:
        """Return the item of that node from which input item `index` of this step came.

        Raises NodeError: expression_no_data where that node has not run, expression_no_lineage
        where it cannot be told. All that come from one item are given the same object.
        """

    def params(self, node: str) -> Mapping[str, Json]:
        """Return the parameters of that node as the builder wrote them."""

    def context(self, node: str) -> Mapping[str, Json]:
        """Return what that node remembers in this run (a Loop's place); often empty."""


@dataclass(frozen=True, slots=True)
class StepCall:
    """One attempt of one step, as the node library is asked to make it."""

    run: RunInfo
    node: Node
    step: UUID
    iteration: int
    attempt: int
    inputs: Mapping[str, Items]
    """Every declared input by name, in the declared order; lists may be empty."""
    history: History
    now: datetime
    retries_left: int = 0
    """How many attempts may follow this one, if its error is one that is tried again."""
    batch: LoopBatch | None = None
    signal: Mapping[str, Json] | None = None
    """What arrived for a waiting step: the body of the signal that `resume` answers to."""


class Attempt(Protocol):
    """What a running attempt may ask of the engine, from any thread."""

    def check(self) -> None:
        """Raise RevokedError unless this attempt is current and the claim is still surely ours.

        To be called before each request or statement that leaves the process.
        """

    def remaining_s(self) -> float:
        """Seconds until this attempt's timeout."""

    def log(self, level: str, text: str) -> None:
        """Add a line to the step's log: `debug`, `info`, `warn` or `error`."""

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these values from now on in all that the run gives, tells and keeps.

        To be called before a secret is used.
        """

    def masked(self, content: bytes) -> bytes:
        """Content as it may be kept: text without the values of the run's secrets."""

    def keep(self, size: int) -> None:
        """Count bytes that are about to be kept for the run beside what its steps give.

        Raises NodeError where the run may keep no more.
        """

    def key(self, item: int, request: int = 0) -> str:
        """The idempotency key of a request: the same on every attempt of this step."""

    def on_revoke(self, close: Callable[[], None]) -> None:
        """Have `close` called when the attempt times out, is cancelled or loses its claim."""


class Prepared(Protocol):
    """A step whose input is checked and whose parameters are resolved: ready to run."""

    def run(self, attempt: Attempt) -> Outcome:
        """Do the work. Raises NodeError. Effects run on a branch thread, others on the run's."""


class NodeSpec(Protocol):
    """A node type as the engine sees it."""

    @property
    def type(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def is_loop(self) -> bool:
        """Whether the engine gives it its course through the items (`StepCall.batch`)."""

    def inputs(self, params: Mapping[str, Json]) -> tuple[str, ...]:
        """Names of the inputs, in order. Must not raise, whatever the params."""

    def outputs(self, params: Mapping[str, Json]) -> tuple[str, ...]:
        """Names of the outputs, in order, `error` apart. Must not raise, whatever the params."""

    def crash_policy(self, params: Mapping[str, Json]) -> str:
        """What a node with these params does after a crash where its `on_crash` says nothing.
        Must not raise, whatever the params."""

    def check(self, params: Mapping[str, Json]) -> list[Fault]:
        """Everything wrong with these params; paths are relative to the params (`url`)."""

    def prepare(self, call: StepCall) -> Prepared:
        """Check the input and resolve the parameters, on the run's own thread. Raises NodeError."""

    def resume(self, call: StepCall, attempt: Attempt) -> Outcome:
        """End (or suspend again) a step that waited; `call.signal` is what arrived, if anything."""


class NodeLibrary(Protocol):
    """Where node types are found."""

    def find(self, type: str, version: int) -> NodeSpec | None: ...

    def types(self) -> Sequence[str]:
        """All type ids, for "did you mean" sentences."""
