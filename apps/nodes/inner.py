"""What inner nodes write of FlowForge's own, and what they ask of it: other runs, what was seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Items, Json
from apps.engine.outcomes import Write
from apps.engine.ports import RunInfo


@dataclass(frozen=True, slots=True)
class Callee:
    """A workflow that another one may run: its published version, and where that begins."""

    version: UUID
    workflow: UUID
    trigger_node: str
    input_schema: Mapping[str, Json] = field(default_factory=dict)
    """What each item that it is given must be."""


@dataclass(frozen=True, slots=True)
class StartRun(Write):
    """Make a child run, `item` counts the children of one step."""

    id: UUID
    callee: Callee
    item: int
    items: Items


@dataclass(frozen=True, slots=True)
class KeepValues(Write):
    """Keep values with the run, by which it can be found."""

    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnswerHook(Write):
    """What the webhook that started the run is to answer; the first of a run counts."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class TakeEarlyAnswer(Write):
    """Let the step go on at once where a request came for it before it waited."""


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """How a child run ended; `items` is what its last step gave, if it completed."""

    run: UUID
    item: int
    status: str
    error_code: str | None
    error: str | None
    items: Items


class OtherRuns(Protocol):
    """The runs beside the one that a node is part of. Used on the run's own thread."""

    def new_id(self) -> UUID:
        """The id of a run that is to be made."""

    def callee(self, run: RunInfo, workflow: str) -> Callee:
        """Find a workflow of the run's workspace. Raises NodeError `workflow_unavailable`,
        `too_deep`."""

    def open_children(self, step: UUID) -> int:
        """How many runs that this step made have not ended."""

    def children(self, step: UUID) -> Iterator[ChildEnd]:
        """How the runs that this step made have ended, in the order of their items, one by one.

        Raises NodeError `output_too_large` once they gave more than a step may.
        """


class NoOtherRuns:
    """A process that makes no runs."""

    def new_id(self) -> UUID:
        return UUID(int=0)

    def callee(self, run: RunInfo, workflow: str) -> Callee:
        raise NodeError("workflow_unavailable", f"There is no workflow “{workflow[:80]}”.")

    def open_children(self, step: UUID) -> int:
        return 0

    def children(self, step: UUID) -> Iterator[ChildEnd]:
        return iter(())


class Addresses(Protocol):
    """Where somebody outside answers a step that waits."""

    def of_step(self, run: RunInfo, node: Node, iteration: int, recipient: str = "") -> str:
        """The address of a step, which may not have begun; `recipient`: whom it is given to.

        It is the same whenever it is asked for.
        """


class NoAddresses:
    """A process that nobody outside can reach."""

    def of_step(self, run: RunInfo, node: Node, iteration: int, recipient: str = "") -> str:
        return f"http://localhost/{node.id}/{iteration}"


class Memory(Protocol):
    """What a node of a workflow has seen in earlier runs."""

    def take_new(
        self, run: RunInfo, step: tuple[str, int], scope: str, keys: Sequence[str], most: int
    ) -> list[bool]:
        """Say of each key whether no step has taken it before, and take it for this one (its node
        and iteration).

        What the same step took in an attempt that came to no end counts as new; so does what was
        taken by a step that had not ended when its run did. At most `most` keys are kept in a
        scope of a workflow, the latest.
        """

    def forget(self, run: RunInfo, scope: str) -> int:
        """Forget all keys of a scope; gives how many there were."""


class NoMemory:
    """A process that remembers nothing from run to run."""

    def take_new(
        self, run: RunInfo, step: tuple[str, int], scope: str, keys: Sequence[str], most: int
    ) -> list[bool]:
        first = {key: place for place, key in reversed(list(enumerate(keys)))}
        return [first[key] == place for place, key in enumerate(keys)]

    def forget(self, run: RunInfo, scope: str) -> int:
        return 0
