"""A cancel of a run whose owner may stand still in what cannot be interrupted.

The owner's thread sends requests, each behind a look at whether it may; its heart sees the cancel,
lets nothing more begin, and then acknowledges; the sweep takes the run from an owner that has
acknowledged and does not let go. Another worker ends it. A silent owner loses the run as always.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.protocol.explorer import Move

BREAKS = {
    "forced_unacknowledged": "the sweep takes a run whose owner has not acknowledged the cancel",
    "acknowledged_first": "the owner acknowledges before it lets nothing more begin",
    "force_keeps_fence": "a forced cancel leaves the fence as it was",
    "never_forced": "nobody takes a run from an owner that does not let go",
    "not_interrupted": "the heart acknowledges and takes back nothing",
}


class Owner(NamedTuple):
    """The worker that claimed the run first, in its thread and its heart."""

    fence: int = 1
    is_stuck: bool = False  # in code that cannot be interrupted
    may_send: bool = True
    is_silent: bool = False  # its last confirmed heartbeat is too old: it may send nothing
    acknowledges: bool = False  # the heart has still to write that
    is_executing: bool = True


class State(NamedTuple):
    requests_left: int
    silences_left: int
    status: str = "running"
    fence: int = 1
    is_asked: bool = False
    is_acknowledged: bool = False
    is_claimed_anew: bool = False
    owner: Owner = Owner()


@dataclass(frozen=True)
class Cancel:
    """The model; `broken` names the one rule that is not kept."""

    requests: int = 2
    silences: int = 1
    broken: str = ""

    def initial(self) -> State:
        return State(self.requests, self.silences)

    def is_final(self, state: State) -> bool:
        return state.status == "cancelled"

    def fault(self, state: State) -> str:
        return ""

    def moves(self, state: State) -> Iterator[Move[State]]:
        if not state.is_asked:
            yield Move("somebody asks for the end", state._replace(is_asked=True))
        yield from self.working(state)
        yield from self.heart(state)
        yield from self.sweeping(state)

    # The owner's thread

    def working(self, state: State) -> Iterator[Move[State]]:
        owner = state.owner
        if not owner.is_executing:
            return
        if state.requests_left and owner.may_send and not owner.is_silent:
            fault = ""
            if state.status == "cancelled":
                fault = "a request began after the run had ended"
            elif state.is_acknowledged:
                fault = "a request began after it was acknowledged that none will"
            fewer = state._replace(requests_left=state.requests_left - 1)
            yield Move("the owner sends a request", fewer, fault=fault)
        if not owner.is_stuck:
            stuck = state._replace(owner=owner._replace(is_stuck=True))
            yield Move("the owner enters what cannot be interrupted", stuck, chance=True)
            if state.is_asked:
                yield self.ending(state)
        else:
            free = state._replace(owner=owner._replace(is_stuck=False))
            yield Move("the owner comes out of it", free, chance=True)

    def ending(self, state: State) -> Move[State]:
        gone = state._replace(owner=state.owner._replace(is_executing=False))
        if state.status != "running" or state.fence != state.owner.fence:
            return Move("the owner finds that it is no longer the holder", gone)
        fault = "one ended the run who does not hold it" if state.is_claimed_anew else ""
        return Move("the owner ends the run", gone._replace(status="cancelled"), fault=fault)

    # The owner's heart

    def heart(self, state: State) -> Iterator[Move[State]]:
        owner = state.owner
        is_mine = state.status == "running" and state.fence == owner.fence
        if owner.is_silent:
            heard = owner._replace(is_silent=False, may_send=owner.may_send and is_mine)
            yield Move("the owner is heard again", state._replace(owner=heard))
            return
        if state.silences_left and owner.is_executing:
            silent = state._replace(silences_left=state.silences_left - 1)
            silent = silent._replace(owner=owner._replace(is_silent=True))
            yield Move("the owner falls silent", silent, chance=True)
        if not is_mine:
            if owner.may_send:
                revoked = state._replace(owner=owner._replace(may_send=False))
                yield Move("the heart sees that the run is lost", revoked)
            return
        if owner.acknowledges:
            told = state._replace(is_acknowledged=True, owner=owner._replace(acknowledges=False))
            yield Move("the heart acknowledges", told)
        elif state.is_asked and not state.is_acknowledged and owner.is_executing:
            seen = owner._replace(acknowledges=True, may_send=False)
            if self.broken in ("acknowledged_first", "not_interrupted"):
                seen = seen._replace(may_send=True)
            yield Move("the heart sees the cancel", state._replace(owner=seen))
        elif state.is_acknowledged and owner.may_send and self.broken == "acknowledged_first":
            late = state._replace(owner=owner._replace(may_send=False))
            yield Move("the heart lets nothing more begin", late)

    # The sweep, and who claims then

    def sweeping(self, state: State) -> Iterator[Move[State]]:
        owner = state.owner
        held = state.status == "running" and not state.is_claimed_anew
        if held and owner.is_silent:
            yield Move("the sweep takes over a silent owner", self.taken(state))
        is_due = state.is_acknowledged or self.broken == "forced_unacknowledged"
        if held and state.is_asked and is_due and self.broken != "never_forced":
            keeps = self.broken == "force_keeps_fence"
            yield Move("the sweep forces the cancel", self.taken(state, keeps_fence=keeps))
        if state.status == "pending":
            claimed = state._replace(status="running", fence=state.fence + 1, is_claimed_anew=True)
            if self.broken == "force_keeps_fence":
                claimed = claimed._replace(fence=state.fence)
            yield Move("another worker claims", claimed)
        if state.is_claimed_anew and state.status == "running" and state.is_asked:
            yield Move("the other worker ends the run", state._replace(status="cancelled"))

    def taken(self, state: State, *, keeps_fence: bool = False) -> State:
        return state._replace(status="pending", fence=state.fence + (not keeps_fence))
