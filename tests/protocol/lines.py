"""Lines, rates and holds: what cannot be claimed is set aside, and comes back.

A few runs are under a rate of one start in a window, with the same key or another, and under a
limit of one slot. A hold may be set and lifted, also while a claim is under way. Who finds that a
run cannot be claimed writes it into the line of what it waits for, where no claim sees it; a look
at that line lets it go. A claim reads the last start before it writes its own number, and two may
be under way at once. What frees something tells the line; that may be lost, and the sweep looks.
A run may be cancelled, or become too late, at any time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.protocol.explorer import Move

NAMES = "AB"
HOLD, RATE, SLOT = "hold", "rate", "slot"
BREAKS = {
    "start_not_unique": "two starts may bear the same number",
    "start_not_numbered": "a start leaves no number that the next reads",
    "start_forgotten": "a run is deleted while its start is in the window",
    "slot_not_unique": "two claims may take the same slot",
    "hold_not_asked": "a claim does not ask for holds",
    "let_go_means_claimed": "who is let go from a line is claimed without being asked again",
    "ending_is_held": "what is only to be ended is claimed only where nothing holds it",
    "ending_needs_a_start": "... or only where its rate lets it start",
    "ending_takes_a_start": "... or uses up a start",
    "cancel_leaves_in_line": "a cancel does not take the run out of its line",
    "late_left_in_line": "the sweep does not take late runs out of their lines",
    "nobody_looks_again": "the sweep does not look at lines",
    "head_holds_up_others": "who is first in a line, but waits for something else, stays there",
    "line_of_held_is_forgotten": "a look at a line that may not go yet is the last one",
}


class Run(NamedTuple):
    key: str  # of its rate; the slot is one for all
    needs_slot: bool = True
    status: str = "pending"
    line: str = ""
    is_let_go: bool = False
    is_cancelled: bool = False
    is_late: bool = False
    has_slot: bool = False
    start_no: int = 0
    in_window: bool = False  # its start

    @property
    def only_to_end(self) -> bool:
        return self.is_cancelled or self.is_late


ALIKE = (Run("Ada"), Run("Ada"))
BESIDE = (*ALIKE, Run("Bob"))
STARTED = Run("Ada", needs_slot=False, status="completed", start_no=1, in_window=True)
CROSSED = (STARTED, Run("Bob"), Run("Ada"), Run("Ada", needs_slot=False))
"""The first that waits for its start may not find a slot then, which the next does not need."""


class Mind(NamedTuple):
    """What a worker has read and not written yet: that it may claim a run, or may not."""

    run: int
    waits_for: str = ""
    start_no: int = 0
    only_to_end: bool = False
    is_held: bool = False


class State(NamedTuple):
    holds_left: int
    endings_left: int
    losses_left: int
    runs: tuple[Run, ...]
    is_held: bool = False
    minds: tuple[Mind | None, Mind | None] = (None, None)
    fault: str = ""
    forgotten: tuple[str, ...] = ()  # lines at which nobody looks any more

    def with_run(self, at: int, run: Run) -> "State":
        return self._replace(runs=(*self.runs[:at], run, *self.runs[at + 1 :]))

    def with_mind(self, who: int, mind: Mind | None) -> "State":
        pair = (mind, self.minds[1]) if who == 0 else (self.minds[0], mind)
        return self._replace(minds=pair)


@dataclass(frozen=True)
class Lines:
    """The model; `broken` names the one rule that is not kept."""

    runs: tuple[Run, ...] = ALIKE
    holds: int = 1
    endings: int = 1
    losses: int = 1
    broken: str = ""

    def initial(self) -> State:
        return State(self.holds, self.endings, self.losses, self.runs)

    def is_final(self, state: State) -> bool:
        """All have ended, or wait for a lift: that is a wish, on which nothing may rely."""
        return all(
            run.status in ("completed", "deleted") or (state.is_held and self.may_be_held(run))
            for run in state.runs
        )

    def may_be_held(self, run: Run) -> bool:
        return run.status == "pending" and not run.only_to_end

    def fault(self, state: State) -> str:
        if state.fault:
            return state.fault
        if sum(run.has_slot for run in state.runs) > 1:
            return "two runs hold the only slot"
        if any(run.is_cancelled and run.line for run in state.runs):
            return "a cancelled run waits in a line"
        if any(mind and mind.only_to_end and mind.waits_for for mind in state.minds):
            return "a run that is only to be ended is kept back"
        if any(mind and mind.is_held and not mind.waits_for for mind in state.minds):
            return "a claim that begins under a hold takes a run"
        for line in self.lines(state):
            waiting = [at for at, run in enumerate(state.runs) if run.line == line]
            to_start = [at for at in waiting if not state.runs[at].only_to_end]
            is_open = any(not self.waits_for(state, at) for at in to_start)
            if is_open and self.looked(state, line) == state:
                return "a look at a line lets nobody go, though one may be claimed"
        return ""

    # What the claim asks, in the terms of `runs/limits.py`.

    def waits_for(self, state: State, at: int) -> str:
        run = state.runs[at]
        if run.only_to_end and self.broken == "ending_is_held" and state.is_held:
            return HOLD
        if run.only_to_end and self.broken != "ending_needs_a_start":
            return ""
        if state.is_held and self.broken != "hold_not_asked" and not run.only_to_end:
            return HOLD
        if not run.start_no and self.recent_starts(state, at):
            return f"{RATE} of {run.key}"
        if run.needs_slot and any(each.has_slot for each in state.runs):
            return SLOT
        return ""

    def recent_starts(self, state: State, at: int) -> int:
        """Whether the last start of its rate that is known is in the window."""
        alike = self.alike(state, at)
        last = max((run.start_no for run in alike), default=0)
        return sum(run.in_window and run.start_no == last > 0 for run in alike)

    def alike(self, state: State, at: int) -> list[Run]:
        key = state.runs[at].key
        return [run for run in state.runs if run.key == key and run.status != "deleted"]

    def moves(self, state: State) -> Iterator[Move[State]]:
        for who in (0, 1):
            if state.minds[who] is None:
                yield from self.reading(state, who)
            else:
                yield from self.writing(state, who)
        for at in range(len(state.runs)):
            yield from self.going_on(state, at)
            yield from self.ending(state, at)
        yield from self.holding(state)
        if self.broken != "nobody_looks_again":
            for line in self.lines(state):
                yield Move(f"the sweep looks at the line for a {line}", self.looked(state, line))

    # The claim: read, then written if it is still true.

    def reading(self, state: State, who: int) -> Iterator[Move[State]]:
        for at, run in enumerate(state.runs):
            if run.status != "pending" or run.line:
                continue
            waits_for = self.waits_for(state, at)
            if run.is_let_go and self.broken == "let_go_means_claimed":
                waits_for = ""
            last = max((each.start_no for each in self.alike(state, at)), default=0)
            is_start = not run.only_to_end or self.broken == "ending_takes_a_start"
            is_held = state.is_held and not run.only_to_end
            mind = Mind(at, waits_for, last + 1 if is_start else 0, run.only_to_end, is_held)
            found = f"waits for a {waits_for}" if waits_for else "may be claimed"
            yield Move(f"{NAMES[who]} reads that run {at} {found}", state.with_mind(who, mind))
            if not waits_for:
                return  # the first that may

    def writing(self, state: State, who: int) -> Iterator[Move[State]]:
        mind, name = state.minds[who], NAMES[who]
        assert mind is not None
        run, free = state.runs[mind.run], state.with_mind(who, None)
        if run.status != "pending" or run.line:
            yield Move(f"{name} finds run {mind.run} taken", free)
        elif mind.waits_for and run.is_cancelled:
            yield Move(f"{name} leaves run {mind.run}, which is cancelled by now", free)
        elif mind.waits_for:
            aside = free.with_run(mind.run, run._replace(line=mind.waits_for, is_let_go=False))
            yield Move(f"{name} sets run {mind.run} aside for a {mind.waits_for}", aside)
        elif self.is_taken(state, mind):
            yield Move(f"{name} finds the start, or slot, of run {mind.run} taken", free)
        else:
            yield Move(f"{name} claims run {mind.run}", self.claimed(free, mind))

    def is_taken(self, state: State, mind: Mind) -> bool:
        """What the constraints say: a number, or a slot, that somebody else has."""
        if state.runs[mind.run].only_to_end:
            return False
        numbers = {run.start_no for run in self.alike(state, mind.run)}
        if mind.start_no in numbers and self.broken != "start_not_unique":
            return True
        needs_slot = state.runs[mind.run].needs_slot and self.broken != "slot_not_unique"
        return needs_slot and any(run.has_slot for run in state.runs)

    def claimed(self, state: State, mind: Mind) -> State:
        run, fault = state.runs[mind.run], ""
        is_start = not run.only_to_end
        recent = [each for each in state.runs if each.key == run.key and each.in_window]
        if is_start and recent:
            fault = "two runs start within one window"
        is_numbered = is_start or self.broken == "ending_takes_a_start"
        run = run._replace(
            status="running",
            has_slot=is_start and run.needs_slot,
            start_no=mind.start_no * (is_numbered and self.broken != "start_not_numbered"),
            in_window=is_start,
        )
        if run.start_no and not is_start:
            fault = "a run that is only to be ended takes a start from others"
        return state.with_run(mind.run, run)._replace(fault=fault)

    # A run ends and frees its slot; its start leaves the window; retention deletes it.

    def going_on(self, state: State, at: int) -> Iterator[Move[State]]:
        run = state.runs[at]
        if run.status == "running":
            ended = state.with_run(at, run._replace(status="completed", has_slot=False))
            told = self.told(f"run {at} ends", ended, SLOT)
            yield from told if run.has_slot else [Move(f"run {at} ends", ended)]
        if run.in_window:
            passed = state.with_run(at, run._replace(in_window=False))
            yield Move(f"the start of run {at} leaves the window", passed)
        # A claim takes less time than lies between the end of a window and a run's deletion.
        is_read = any(mind and state.runs[mind.run].key == run.key for mind in state.minds)
        may_go = not (run.in_window or is_read) or self.broken == "start_forgotten"
        if run.status == "completed" and may_go:
            gone = state.with_run(at, run._replace(status="deleted"))
            yield Move(f"run {at} is deleted", gone, chance=True)

    def told(self, label: str, state: State, line: str) -> Iterator[Move[State]]:
        yield Move(label, self.looked(state, line))
        if state.losses_left:
            lost = state._replace(losses_left=state.losses_left - 1)
            yield Move(f"{label}, and nobody is told", lost, chance=True)

    # A look lets the first go, and who is before it but waits for something else.

    def lines(self, state: State) -> list[str]:
        filled = {run.line for run in state.runs if run.line and run.status == "pending"}
        return sorted(filled - set(state.forgotten))

    def looked(self, state: State, line: str) -> State:
        if line not in self.lines(state):
            return state
        waiting = [at for at, run in enumerate(state.runs) if run.line == line]
        if self.is_shut(state, line, waiting[0]):
            if self.broken == "line_of_held_is_forgotten":
                return state._replace(forgotten=(*state.forgotten, line))
            return state
        for at in waiting:
            waits_for = self.waits_for(state, at)
            if waits_for == HOLD or (waits_for and self.broken == "head_holds_up_others"):
                return state
            state = state.with_run(at, state.runs[at]._replace(line="", is_let_go=True))
            if not waits_for and line != HOLD:
                return state
        return state

    def is_shut(self, state: State, line: str, head: int) -> bool:
        if line == HOLD:
            return state.is_held
        if line == SLOT:
            return any(run.has_slot for run in state.runs)
        return bool(self.recent_starts(state, head))

    # Holds, cancels, deadlines.

    def holding(self, state: State) -> Iterator[Move[State]]:
        if state.is_held:
            lifted = state._replace(is_held=False)
            for move in self.told("the hold is lifted", lifted, HOLD):
                yield move._replace(chance=True)
        elif state.holds_left:
            held = state._replace(is_held=True, holds_left=state.holds_left - 1)
            yield Move("all is held", held, chance=True)

    def ending(self, state: State, at: int) -> Iterator[Move[State]]:
        run = state.runs[at]
        if run.is_late and run.line and self.broken != "late_left_in_line":
            found = state.with_run(at, run._replace(line=""))
            yield Move(f"the sweep finds run {at} late in its line", found)
        if run.status != "pending" or run.only_to_end or not state.endings_left:
            return
        state = state._replace(endings_left=state.endings_left - 1)
        line = run.line if self.broken == "cancel_leaves_in_line" else ""
        cancelled = run._replace(is_cancelled=True, line=line)
        yield Move(f"run {at} is cancelled", state.with_run(at, cancelled), chance=True)
        late = state.with_run(at, run._replace(is_late=True))
        yield Move(f"run {at} is late", late, chance=True)
