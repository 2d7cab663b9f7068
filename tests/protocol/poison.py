"""Poison: a step that kills whoever executes it must end its run, and harm nobody else.

One run of pure steps and effects, one of them deadly, or the restoring itself; beside it, another
branch whose steps come to their ends. Workers also die of other causes, and are drained. Deaths
are counted on the run. What is in flight names the step: from the second death on, each start is
durable before the step begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.protocol.explorer import Move

STEPS = ("pure", "pure", "effect", "pure")
RESTORING = -1  # as the deadly step: the run kills its worker before any step begins
SUSPECT = 2
MOST_DEATHS = 10  # of which nobody saw that it was the run they died of

BREAKS = {
    "drains_count": "who is told to stop counts as one who died",
    "suspects_share": "a suspect run is executed beside others",
    "suspects_ride_along": "a suspect's pure steps do not begin with a barrier",
    "counts_reset_by_claim": "the count is reset by a claim, not by a step's end",
    "any_end_forgives": "another step's end resets the count",
    "seen_is_not_enough": "the parent sees its child die, and lets it be tried again",
    "unseen_is_enough": "a death that took the parent too ends the run",
    "forgiven_counts": "the parent ends the run for deaths that a step's end forgave meanwhile",
    "no_limit": "no count ends the run",
}


class State(NamedTuple):
    other_deaths_left: int
    drains_left: int
    others_ends_left: int  # steps of the other branch that have not ended
    status: str = "pending"
    ended: int = 0  # steps whose end is durable
    has_row: bool = False  # the next step's row `running` is durable
    is_hurt: bool = False  # that row's attempt was lost before
    crashes: int = 0
    deaths_on_end: int = 0  # what really happened since a step's end became durable
    shared_deaths: int = 0  # of these, with other runs in the process that died
    at: int | None = None  # the worker's position: behind `ended` by what is in the buffer
    is_alone: bool = False  # executed in a process of its own, every start a barrier


@dataclass(frozen=True)
class Poison:
    """The model; `deadly` is the step that kills, `broken` the one rule that is not kept."""

    deadly: int | None
    takes_parent: bool = False
    """Whether the deadly step also kills who watches over the run's own process."""
    other_deaths: int = 1
    drains: int = 1
    others_ends: int = 1
    broken: str = ""

    def initial(self) -> State:
        return State(self.other_deaths, self.drains, self.others_ends)

    def is_final(self, state: State) -> bool:
        return state.status in ("completed", "failed")

    def fault(self, state: State) -> str:
        others = self.other_deaths - state.other_deaths_left
        # The other branch's ends forgive deaths of which no row is durable.
        forgiven = self.others_ends - state.others_ends_left
        is_durable = self.deadly in range(len(STEPS)) and STEPS[self.deadly] == "effect"
        most = (MOST_DEATHS if self.takes_parent else SUSPECT + 1) + others
        if state.deaths_on_end > most + (0 if is_durable else forgiven * SUSPECT):
            return "workers die of the same run again and again"
        if state.shared_deaths > SUSPECT + (0 if is_durable else forgiven * SUSPECT):
            return "other runs die of this one again and again"
        if state.status == "failed" and self.deadly is None and others < MOST_DEATHS:
            return "a run that kills nobody was ended as poison"
        if state.status == "failed" and state.deaths_on_end <= SUSPECT:
            return "a run was ended as poison for deaths that were forgiven"
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
        if state.drains_left:
            drained = state._replace(drains_left=state.drains_left - 1)
            yield Move("the worker is drained", self.drained(drained), chance=True)
        if self.deadly == RESTORING:
            yield Move("the worker dies of restoring the run", self.dead_of_the_run(state))
            return
        if state.other_deaths_left:
            other = state._replace(other_deaths_left=state.other_deaths_left - 1)
            yield Move("the worker dies of something else", self.dead(other), chance=True)
        if state.others_ends_left:
            yield Move("a step of the other branch ends", self.other_branch_ends(state))
        yield self.executing(state, state.at)

    def claiming(self, state: State) -> Move[State]:
        most = SUSPECT + 1 if self.broken == "unseen_is_enough" else MOST_DEATHS
        if state.crashes >= most and self.broken != "no_limit":
            return Move("a claimant ends the run as poison", state._replace(status="failed"))
        if self.broken == "counts_reset_by_claim":
            state = state._replace(crashes=0)
        alone = state.crashes >= SUSPECT
        is_hurt = state.is_hurt or state.has_row
        claimed = state._replace(status="running", at=state.ended, is_alone=alone, is_hurt=is_hurt)
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
            return Move(f"the worker dies of step {at}", self.dead_of_the_run(state))
        after = state._replace(at=at + 1)
        if is_barrier:
            after = self.flushed(after, at + 1)
        return Move(f"step {at} ends", after)

    def flushed(self, state: State, ended: int) -> State:
        if ended == state.ended:
            return state
        return state._replace(
            ended=ended, has_row=False, is_hurt=False, crashes=0, deaths_on_end=0, shared_deaths=0
        )

    def other_branch_ends(self, state: State) -> State:
        """A batch with its end, which takes along all that is buffered."""
        assert state.at is not None
        flushed = self.flushed(state, state.at)
        forgives = not flushed.is_hurt or self.broken == "any_end_forgives"
        return flushed._replace(
            others_ends_left=state.others_ends_left - 1,
            crashes=0 if forgives else flushed.crashes,
        )

    def drained(self, state: State) -> State:
        crashes = state.crashes + (self.broken == "drains_count")
        return state._replace(status="pending", at=None, crashes=crashes)

    def dead_of_the_run(self, state: State) -> State:
        is_alone = state.is_alone and self.broken != "suspects_share"
        is_seen = is_alone and not self.takes_parent and self.broken != "seen_is_not_enough"
        dead = self.dead(state)
        if is_seen and (state.crashes >= SUSPECT or self.broken == "forgiven_counts"):
            # The parent has seen it, and ends the run itself.
            return dead._replace(status="failed")
        return dead

    def dead(self, state: State) -> State:
        is_alone = state.is_alone and self.broken != "suspects_share"
        return state._replace(
            status="pending",
            at=None,
            crashes=state.crashes + 1,
            deaths_on_end=state.deaths_on_end + 1,
            shared_deaths=state.shared_deaths + (not is_alone),
        )
