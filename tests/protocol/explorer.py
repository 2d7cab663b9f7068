"""Explore every state a small model can reach, breadth first, and tell the shortest way to a fault.

A model is plain Python: hashable states, the moves that lead out of each, what is wrong with a
state. Two things are checked: no reachable state or move is at fault, and from every reachable
state a final one can be reached without any further chance ("once failures stop, it ends").
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

S = TypeVar("S", bound=Hashable)

MOST_STATES = 5_000_000


class Move(NamedTuple, Generic[S]):
    """One indivisible step: what somebody does, and the state after it.

    A `chance` is a failure or a wish from outside: it may happen, and nothing may rely on it.
    """

    label: str
    state: S
    chance: bool = False
    fault: str = ""


class Model(Protocol[S]):
    """What the explorer must know of a protocol."""

    def initial(self) -> S:
        """Return the state before anything happened."""
        ...

    def moves(self, state: S) -> Iterable[Move[S]]:
        """Return all that may happen next, in any order."""
        ...

    def fault(self, state: S) -> str:
        """Say what is wrong with this state, or nothing."""
        ...

    def is_final(self, state: S) -> bool:
        """Tell whether all runs have reached a terminal state."""
        ...


@dataclass(frozen=True)
class Violation:
    """A property that does not hold, and the shortest trace that shows it."""

    what: str
    trace: tuple[str, ...]
    state: object

    def __str__(self) -> str:
        steps = "\n".join(f"{number:3}. {label}" for number, label in enumerate(self.trace, 1))
        return f"{self.what}, after\n{steps}\nin {self.state}"


@dataclass(frozen=True)
class Report:
    """How much was explored, and the first violation if there is one."""

    states: int
    moves: int
    violation: Violation | None


def explore(model: Model[S]) -> Report:
    """Visit every reachable state of the model once; stop at the first fault."""
    return _Exploration(model).report()


class _Exploration(Generic[S]):
    def __init__(self, model: Model[S]) -> None:
        self.model = model
        start = model.initial()
        self.states = [start]
        self.number = {start: 0}
        self.came_from: list[tuple[int, str]] = [(0, "")]
        self.surely_from: list[list[int]] = [[]]
        self.moves = 0

    def report(self) -> Report:
        violation = self._first_fault() or self._first_dead_end()
        return Report(len(self.states), self.moves, violation)

    def _first_fault(self) -> Violation | None:
        at = 0
        while at < len(self.states):
            state = self.states[at]
            if what := self.model.fault(state):
                return self._violation(what, at)
            for move in self.model.moves(state):
                self.moves += 1
                if move.fault:
                    return self._violation(move.fault, at, move.label)
                self._arrive(at, move)
            at += 1
        return None

    def _arrive(self, at: int, move: Move[S]) -> None:
        there = self.number.setdefault(move.state, len(self.states))
        if there == len(self.states):
            if there >= MOST_STATES:
                raise RuntimeError(f"more than {MOST_STATES} states: bound the model")
            self.states.append(move.state)
            self.came_from.append((at, move.label))
            self.surely_from.append([])
        if not move.chance:
            self.surely_from[there].append(at)

    def _first_dead_end(self) -> Violation | None:
        """Walk back from the final states; what is not met on the way can never end."""
        to_visit = [n for n, state in enumerate(self.states) if self.model.is_final(state)]
        can_end = set(to_visit)
        while to_visit:
            for before in self.surely_from[to_visit.pop()]:
                if before not in can_end:
                    can_end.add(before)
                    to_visit.append(before)
        for at in range(len(self.states)):
            if at not in can_end:
                return self._violation("no terminal state can be reached any more", at)
        return None

    def _violation(self, what: str, at: int, *last: str) -> Violation:
        trace = (*reversed(list(self._labels_back_from(at))), *last)
        return Violation(what, trace, self.states[at])

    def _labels_back_from(self, at: int) -> Iterator[str]:
        while at:
            at, label = self.came_from[at]
            yield label
