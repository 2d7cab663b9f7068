"""How a step's attempt can end, as a node type tells the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from apps.engine.errors import FlowForgeError
from apps.engine.items import Item, Json, Outputs


class Kind(StrEnum):
    """What a node type touches; decides what the journal must know before it starts."""

    TRIGGER = "trigger"
    PURE = "pure"
    EFFECT = "effect"
    INNER = "inner"
    WAITS = "waits"


class Write:
    """Rows of FlowForge's own that a step makes.

    The journal writes them in the transaction that records the step's end or its waiting: exactly
    once, whatever dies. The engine passes them on and knows nothing of what they are.
    """


@dataclass(frozen=True, slots=True)
class Done:
    """The step gave these items.

    `error`: it failed all the same, and the items say with what (where `on_error` goes on).
    """

    outputs: Outputs
    error: FlowForgeError | None = None
    writes: tuple[Write, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """The step suspends until a time, or until a signal for it arrives; then `resume` is called.

    `reason` is the `for` of the event `run_waiting`: delay, signal, child, approval, form. `asks`
    is kept with the wait, for whoever is to answer it.
    """

    reason: str
    until: datetime | None = None
    asks: Mapping[str, Json] = field(default_factory=dict)
    writes: tuple[Write, ...] = ()


Outcome = Done | Wait


@dataclass(frozen=True, slots=True)
class LoopBatch:
    """What a Loop node sees beside its inputs: its own course through the items it was given.

    Lineage: an item of `loop` is paired with its place in `items` (input 0), an item of `done` with
    its place in `collected` (input 1).
    """

    items: list[Item]
    """All that was given to the Loop when it began."""
    position: int
    """How many of them earlier batches have taken."""
    collect: Callable[[], list[Item]]
    """Gives what came back from the body so far; asked only when the Loop is done."""
