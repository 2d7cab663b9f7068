"""Which steps may start next. One interface, two orders (docs/graphs.md, "Orders")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Source:
    """Items that a step takes: what an output of the n-th activation of a node gave."""

    node: str
    iteration: int
    output: str


Sources = Mapping[str, tuple[Source, ...]]
"""Where each input's items come from, joined in this order."""


@dataclass(frozen=True, slots=True)
class LoopCourse:
    """Where a Loop stands: what it was given, how many of it its batches took, all that came back.

    `returned` may grow once the activation that bears it is settled.
    """

    given: tuple[Source, ...]
    taken: int = 0
    returned: Sequence[Source] = ()


@dataclass(frozen=True, slots=True)
class Activation:
    """A step that may start: the n-th activation (`iteration`, from 0) of a node."""

    node: str
    iteration: int
    sources: Sources
    course: LoopCourse | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of a step, as far as the order of steps depends on it."""

    node: str
    iteration: int
    output_counts: Mapping[str, int] = field(default_factory=dict)
    """How many items each output gave; a failed step that goes on gives by `error` or `main`."""


class Scheduler(Protocol):
    """Decides what runs next from what has settled, and from nothing else.

    It is made for a plan and for the last ends of the nodes that the plan is given: the start node
    takes what they gave.

    To restore a run is to call `settle` again for its ended steps in the order of their
    `seq_finished`.
    """

    def ready(self) -> Sequence[Activation]:
        """The activations that may start now and were not given before, the preferred first.

        Each is given once: the caller keeps what it does not start at once. What was settled
        before it was asked for (while a run is restored) is not given.
        """

    def settle(self, settled: Settled) -> Sequence[Activation]:
        """Take note of a step's end; gives the activations that are thereby skipped for good.

        Skipped ones are settled already. Their `sources` are empty.
        """
