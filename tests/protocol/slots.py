"""Slots of a concurrency limit, and the wake-up of the next run.

Two runs share a limit of one. Each is claimed, waits once (holding no slot), is woken, and ends.
A run may be cancelled at any time; its owner may crash, or be taken over while it goes on. A
message says "there is work" and may be lost. Beside the slots themselves this asks: is a message
under way whenever there is something to claim? The sweep is for failures only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.protocol.explorer import Move

NAMES = "AB"
TERMINAL = ("completed", "cancelled")

BREAKS = {
    "slot_not_unique": "the free slot is looked up before the claim; nothing enforces it",
    "slot_freed_before_the_end": "the slot is freed in a transaction before the end's",
    "slot_kept_while_waiting": "a waiting run keeps its slot",
    "slot_kept_at_takeover": "a take-over does not null the slot",
    "ended_without_fence": "a run is ended by whoever thinks that it holds it",
    "free_slot_not_told": "what frees a slot publishes nothing",
    "takeover_not_told": "a take-over publishes nothing",
    "wake_up_not_told": "waiting -> pending publishes nothing",
    "cancel_only_counts": "a cancel of a pending run publishes nothing",
    "cancel_needs_a_slot": "a cancelled run is claimed only with a free slot",
    "cancelled_run_executes": "... or goes on although it was claimed without one",
    "no_sweep": "lost messages are not sent again",
}


class Run(NamedTuple):
    status: str = "pending"
    fence: int = 0
    has_slot: bool = False
    is_cancelled: bool = False  # a cancel lies unread
    has_waited: bool = False


class Mind(NamedTuple):
    """The run that a worker executes; `found` is a claim looked up and not yet made."""

    run: int
    fence: int
    only_to_end: bool = False
    found: bool = False


class State(NamedTuple):
    cancels_to_send: int
    crashes_left: int
    losses_left: int
    runs: tuple[Run, Run] = (Run(), Run())
    minds: tuple[Mind | None, Mind | None] = (None, None)
    messages: int = 1  # coalesced: one is enough for both

    def with_run(self, at: int, run: Run) -> "State":
        pair = (run, self.runs[1]) if at == 0 else (self.runs[0], run)
        return self._replace(runs=pair)

    def with_mind(self, who: int, mind: Mind | None) -> "State":
        pair = (mind, self.minds[1]) if who == 0 else (self.minds[0], mind)
        return self._replace(minds=pair)

    def told(self) -> "State":
        return self._replace(messages=min(self.messages + 1, 2))

    @property
    def slot_is_free(self) -> bool:
        return not any(run.has_slot for run in self.runs)


@dataclass(frozen=True)
class Slots:
    """The model; `broken` names the one rule that is not kept."""

    cancels: int = 1
    crashes: int = 1
    lost_messages: int = 1
    broken: str = ""

    def initial(self) -> State:
        return State(self.cancels, self.crashes, self.lost_messages)

    def is_final(self, state: State) -> bool:
        return all(run.status in TERMINAL for run in state.runs)

    def fault(self, state: State) -> str:
        if sum(run.has_slot for run in state.runs) > 1:
            return "two runs hold the only slot"
        if any(run.has_slot and run.status != "running" for run in state.runs):
            return "a slot has leaked: its run is not running"
        executed = [mind for mind in state.minds if mind and self.is_executing(state, mind)]
        if any(not state.runs[mind.run].has_slot for mind in executed):
            return "a run under a limit is executed without a slot"
        if len(executed) > 1:
            return "two runs are executed at once under a limit of one"
        nothing_was_lost = state.losses_left == self.lost_messages
        is_told = state.messages > 0 or any(mind and mind.found for mind in state.minds)
        if nothing_was_lost and not is_told and any(self.claimable(state)):
            return "there is a run to claim and no message under way"
        return ""

    def is_executing(self, state: State, mind: Mind) -> bool:
        is_holder = state.runs[mind.run].fence == mind.fence and not mind.found
        return is_holder and not mind.only_to_end

    def claimable(self, state: State) -> Iterator[bool]:
        for run in state.runs:
            yield run.status == "pending" and (run.is_cancelled or state.slot_is_free)

    def moves(self, state: State) -> Iterator[Move[State]]:
        for who in (0, 1):
            yield from self.consuming(state, who)
            yield from self.claiming_what_was_found(state, who)
            yield from self.executing(state, who)
            yield from self.failing(state, who)
        for at in (0, 1):
            yield from self.sweeping(state, at)
            yield from self.cancelling(state, at)
        if state.losses_left and state.messages:
            lost = state._replace(messages=state.messages - 1, losses_left=state.losses_left - 1)
            yield Move("a message is lost", lost, chance=True)

    # A message, the best claimable run, a slot, and a message for what is left.

    def consuming(self, state: State, who: int) -> Iterator[Move[State]]:
        if state.messages == 0 or state.minds[who]:
            return
        state = state._replace(messages=state.messages - 1)
        at = self.best(state)
        if at is None:
            yield Move(f"{NAMES[who]} takes a message, finds nothing, drops it", state)
        elif self.broken == "slot_not_unique":
            found = state.with_mind(who, Mind(at, state.runs[at].fence, found=True))
            yield Move(f"{NAMES[who]} takes a message and finds run {at}", found)
        else:
            claimed = self.claimed(state, who, at)
            yield Move(f"{NAMES[who]} takes a message and claims run {at}", claimed)

    def best(self, state: State) -> int | None:
        for at, run in enumerate(state.runs):
            is_free = run.is_cancelled and self.broken != "cancel_needs_a_slot"
            if run.status == "pending" and (is_free or state.slot_is_free):
                return at
        return None

    def claimed(self, state: State, who: int, at: int) -> State:
        run = state.runs[at]
        mind = Mind(at, run.fence + 1, only_to_end=run.is_cancelled)
        if self.broken == "cancelled_run_executes":
            mind = mind._replace(only_to_end=False)
        run = run._replace(status="running", fence=run.fence + 1, has_slot=not run.is_cancelled)
        state = state.with_run(at, run).with_mind(who, mind)
        return state.told() if self.best(state) is not None else state

    def claiming_what_was_found(self, state: State, who: int) -> Iterator[Move[State]]:
        mind = state.minds[who]
        if mind is None or not mind.found:
            return
        run = state.runs[mind.run]
        if run.status == "pending" and run.fence == mind.fence:
            claimed = self.claimed(state, who, mind.run)
            yield Move(f"{NAMES[who]} claims run {mind.run}", claimed)
        else:
            missed = state.with_mind(who, None).told()
            yield Move(f"{NAMES[who]} misses run {mind.run}", missed)

    # Suspending and ending free the slot and publish, if one still holds the run.

    def executing(self, state: State, who: int) -> Iterator[Move[State]]:
        mind = state.minds[who]
        if mind is None or mind.found:
            return
        run, name = state.runs[mind.run], NAMES[who]
        holds = run.status == "running" and run.fence == mind.fence
        if not holds and self.broken != "ended_without_fence":
            yield Move(f"{name} finds run {mind.run} revoked", state.with_mind(who, None))
            return
        done = state.with_mind(who, None)
        if run.is_cancelled:
            ended = run._replace(status="cancelled", has_slot=False, is_cancelled=False)
            label = f"{name} ends run {mind.run} as cancelled"
        elif run.has_waited:
            ended = run._replace(status="completed", has_slot=False)
            label = f"{name} completes run {mind.run}"
            if self.broken == "slot_freed_before_the_end" and run.has_slot:
                freed = state.with_run(mind.run, run._replace(has_slot=False)).told()
                yield Move(f"{name} frees the slot of run {mind.run}", freed)
        else:
            keeps = self.broken == "slot_kept_while_waiting"
            ended = run._replace(status="waiting", has_slot=keeps, has_waited=True)
            label = f"{name} suspends run {mind.run}"
        done = done.with_run(mind.run, ended)
        yield Move(label, done if self.broken == "free_slot_not_told" else done.told())

    # Due, lost, orphaned, cancelled.

    def sweeping(self, state: State, at: int) -> Iterator[Move[State]]:
        run = state.runs[at]
        if run.status == "waiting":
            woken = state.with_run(at, run._replace(status="pending"))
            woken = woken if self.broken == "wake_up_not_told" else woken.told()
            yield Move(f"run {at} is due and becomes pending", woken)
        something_was_lost = state.losses_left < self.lost_messages
        if run.status == "pending" and something_was_lost and self.broken != "no_sweep":
            yield Move(f"the sweep sends for run {at} again", state.told())
        if run.status == "running" and not self.has_holder(state, at):
            yield Move(f"the sweep takes over run {at}", self.taken_over(state, at))

    def has_holder(self, state: State, at: int) -> bool:
        fence = state.runs[at].fence
        return any(mind and (mind.run, mind.fence) == (at, fence) for mind in state.minds)

    def taken_over(self, state: State, at: int) -> State:
        run = state.runs[at]
        keeps = run.has_slot and self.broken == "slot_kept_at_takeover"
        run = run._replace(status="pending", fence=run.fence + 1, has_slot=keeps)
        state = state.with_run(at, run)
        return state if self.broken == "takeover_not_told" else state.told()

    def cancelling(self, state: State, at: int) -> Iterator[Move[State]]:
        run = state.runs[at]
        if state.cancels_to_send == 0 or run.status in TERMINAL:
            return
        status = "pending" if run.status == "waiting" else run.status
        cancelled = state.with_run(at, run._replace(status=status, is_cancelled=True))
        cancelled = cancelled._replace(cancels_to_send=state.cancels_to_send - 1)
        only_counts = run.status == "running" or (
            run.status == "pending" and self.broken == "cancel_only_counts"
        )
        # A pending run may have been kept back by the limit; its cancel makes it claimable.
        cancelled = cancelled if only_counts else cancelled.told()
        yield Move(f"run {at}, {run.status}, is cancelled", cancelled, chance=True)

    def failing(self, state: State, who: int) -> Iterator[Move[State]]:
        mind = state.minds[who]
        if mind is None or mind.found or state.crashes_left == 0:
            return
        failed = state._replace(crashes_left=state.crashes_left - 1)
        yield Move(f"{NAMES[who]} crashes", failed.with_mind(who, None), chance=True)
        if self.has_holder(state, mind.run) and state.runs[mind.run].fence == mind.fence:
            taken = self.taken_over(failed, mind.run)
            label = f"{NAMES[who]} falls silent, run {mind.run} is taken over"
            yield Move(label, taken, chance=True)
