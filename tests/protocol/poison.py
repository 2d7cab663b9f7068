"""Poison: a step that kills whoever executes it must end its run (rules 6 and 7).

One run of pure steps and an effect, one of them deadly, or the restoring itself. Workers also die
of other causes. What a death counts for is decided by what is durable: a row in flight names the
step, and where there is none the death counts on the run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.protocol.explorer import Move

STEPS = ("pure", "pure", "effect", "pure")
RESTORING = -1  # as the deadly step: the run kills its worker before any step begins
SUSPECT, POISON = 2, 3
MOST_DEATHS_ON_END = 3  # without a step's end between them, other causes apart

BREAKS = {
    "only_steps_count": "rule 7: a death with no row in flight counts for nothing",
    "suspects_ride_along": "rule 7: a suspect's pure steps do not begin with a barrier",
    "counts_reset_by_claim": "rule 7: the count is reset by a claim, not by a step's end",
    "no_limit": "rule 7: no count ends the run",
}


class State(NamedTuple):
    other_deaths_left: int
    status: str = "pending"
    ended: int = 0  # steps whose end is durable
    has_row: bool = False  # the next step's row `running` is durable
    deaths_of_step: int = 0
    deaths_of_run: int = 0
    deaths_on_end: int = 0  # what really happened since a step's end became durable
    at: int | None = None  # the worker's position: behind `ended` by what is in the buffer
    is_alone: bool = False  # executed in a process of its own, every start a barrier

    @property
    def deaths(self) -> int:
        return self.deaths_of_step + self.deaths_of_run


@dataclass(frozen=True)
class Poison:
    """The model; `deadly` is the step that kills, `broken` the one rule that is not kept."""

    deadly: int | None
    other_deaths: int = 1
    broken: str = ""

    def initial(self) -> State:
        return State(self.other_deaths)

    def is_final(self, state: State) -> bool:
        return state.status in ("completed", "failed")

    def fault(self, state: State) -> str:
        others = self.other_deaths - state.other_deaths_left
        if state.deaths_on_end > MOST_DEATHS_ON_END + others:
            return "workers die of the same run again and again"
        if state.status == "failed" and self.deadly is None and others < POISON:
            return "a run that kills nobody was ended as poison"
        names_the_step = state.has_row and state.ended == self.deadly
        is_undisturbed = others == 0 and self.deadly in range(len(STEPS))
        if state.status == "failed" and is_undisturbed and not names_the_step:
            return "a run was ended as poison, but not for the step that kills"
        if state.status == "completed" and self.deadly is not None:
            return "a step was passed over"
        return ""

    def moves(self, state: State) -> Iterator[Move[State]]:
        if state.status == "pending":
            yield self.claiming(state)
        if state.status != "running" or state.at is None:
            return
        if self.deadly == RESTORING:
            yield Move("the worker dies of restoring the run", self.dead(state))
            return
        if state.other_deaths_left:
            other = state._replace(other_deaths_left=state.other_deaths_left - 1)
            yield Move("the worker dies of something else", self.dead(other), chance=True)
        yield self.executing(state, state.at)

    def claiming(self, state: State) -> Move[State]:
        if state.deaths >= POISON and self.broken != "no_limit":
            return Move("a claimant ends the run as poison", state._replace(status="failed"))
        if self.broken == "counts_reset_by_claim":
            state = state._replace(deaths_of_step=0, deaths_of_run=0)
        alone = state.deaths >= SUSPECT
        claimed = state._replace(status="running", at=state.ended, is_alone=alone)
        return Move("a worker claims the run" + " alone" * alone, claimed)

    def executing(self, state: State, at: int) -> Move[State]:
        if at == len(STEPS):
            done = self.flushed(state, at)._replace(status="completed", at=None)
            return Move("the run completes", done)
        alone = state.is_alone and self.broken != "suspects_ride_along"
        is_barrier = STEPS[at] == "effect" or alone
        if is_barrier and not (state.has_row and state.ended == at):
            barrier = self.flushed(state, at)._replace(has_row=True)
            return Move(f"the start of step {at} is durable", barrier)
        if at == self.deadly:
            return Move(f"the worker dies of step {at}", self.dead(state))
        after = state._replace(at=at + 1)
        if is_barrier:
            after = self.flushed(after, at + 1)
        return Move(f"step {at} ends", after)

    def flushed(self, state: State, ended: int) -> State:
        if ended == state.ended:
            return state
        return state._replace(
            ended=ended, has_row=False, deaths_of_step=0, deaths_of_run=0, deaths_on_end=0
        )

    def dead(self, state: State) -> State:
        on_run = not state.has_row and self.broken != "only_steps_count"
        return state._replace(
            status="pending",
            at=None,
            deaths_of_step=state.deaths_of_step + state.has_row,
            deaths_of_run=state.deaths_of_run + on_run,
            deaths_on_end=state.deaths_on_end + 1,
        )
