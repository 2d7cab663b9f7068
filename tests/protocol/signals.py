"""Signals, waiting and ending of one run.

The run waits twice, in the same step: iteration 0, then 1. Each wait is answered by a signal or
by its timer; then the run completes. From outside come answers (also twice, also late: the
sender's own answer was lost) and a cancel. The owner may crash, be taken over while it lives,
and lose the answer of a transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.protocol.explorer import Move

NAMES = "AB"
WAITS = 2

BREAKS = {
    "suspend_unconditional": "suspending does not compare the signals last read",
    "complete_unconditional": "completing does not compare the signals last read",
    "rows_before_counter": "the rows are read before the counter, without a lock",
    "counter_moves_last_read": "the counter is taken for read without the rows",
    "signal_does_not_wake": "a signal leaves a waiting run waiting",
    "signal_to_the_dead": "a signal does not demand a status that is not terminal",
    "signal_names_no_iteration": "a signal answers whatever is open",
    "consumed_apart": "a signal is consumed in a transaction before its effect's",
    "unread_at_the_end": "a cancel ends the run and leaves other signals unread",
    "written_without_fence": "the journal compares seq and not the fence",
    "timer_does_not_wake": "the sweep wakes nothing that is due",
}


class Signal(NamedTuple):
    """A row of RunSignal: an answer to one iteration of the waiting step, or a cancel."""

    answers: int | None  # None: a cancel
    fate: str = "new"  # new, used, void

    def __str__(self) -> str:
        return "cancel" if self.answers is None else f"answer to {self.answers}"


class Run(NamedTuple):
    status: str = "pending"
    owner: int | None = None
    fence: int = 0
    seq: int = 0
    signals: int = 0
    rows: tuple[Signal, ...] = ()
    waits_over: tuple[str, ...] = ()  # how each iteration ended: by which signal, or by the timer
    is_due: bool = False  # decided once, by the database's clock


class Write(NamedTuple):
    """One journal transaction, as its worker has built it."""

    what: str  # consume, time out, suspend, complete, cancel
    signal: int | None = None  # the row that it consumes
    demands: int | None = None  # the signals that it must find unchanged


class Mind(NamedTuple):
    fence: int
    seq: int
    counter: int = 0  # signals, as read, not yet followed by a read of the rows
    rows: int | None = None  # how many it knows; what it did with them it knows as the owner
    last_read: int = 0
    in_doubt: Write | None = None


class State(NamedTuple):
    answers_to_send: int
    cancels_to_send: int
    crashes_left: int
    losses_left: int
    run: Run = Run()
    minds: tuple[Mind | None, Mind | None] = (None, None)

    def with_mind(self, who: int, mind: Mind | None) -> "State":
        pair = (mind, self.minds[1]) if who == 0 else (self.minds[0], mind)
        return self._replace(minds=pair)


@dataclass(frozen=True)
class Signals:
    """The model; `broken` names the one rule that is not kept."""

    answers: int = 2
    cancels: int = 1
    crashes: int = 1
    lost_answers: int = 1
    broken: str = ""

    def initial(self) -> State:
        return State(self.answers, self.cancels, self.crashes, self.lost_answers)

    def is_final(self, state: State) -> bool:
        return is_over(state.run)

    def fault(self, state: State) -> str:
        run = state.run
        used = [str(row) for row in run.rows if row.fate == "used"]
        told = [how for how in run.waits_over if how != "timer"]
        if sorted(told + ["cancel"] * (run.status == "cancelled")) != sorted(used):
            return "a signal was consumed without its effect, or took effect without being consumed"
        if any(how not in ("timer", f"answer to {at}") for at, how in enumerate(run.waits_over)):
            return "a signal answered an iteration that it does not name"
        has_unread = any(row.fate == "new" for row in run.rows)
        if has_unread and is_over(run):
            return "a signal was lost: the run has ended and never read it"
        if has_unread and run.status == "waiting":
            return "a signal lies unread and the run waits"
        if run.status == "completed" and any(row.answers is None for row in run.rows):
            return "a cancelled run has completed"
        return ""

    def moves(self, state: State) -> Iterator[Move[State]]:
        yield from self.sending(state)
        yield from self.becoming_due(state)
        for who in (0, 1):
            yield from self.claiming(state, who)
            yield from self.reading(state, who)
            yield from self.writing(state, who)
            yield from self.losing(state, who)

    # UPDATE run SET signals = signals + 1, the row, waiting -> pending, in one.

    def sending(self, state: State) -> Iterator[Move[State]]:
        open_wait = len(state.run.waits_over)
        if state.answers_to_send:
            fewer = state._replace(answers_to_send=state.answers_to_send - 1)
            # Whoever answers saw some wait open; it may be over by now.
            for at in range(min(open_wait, WAITS - 1) + 1):
                yield from self.sent(fewer, Signal(at))
        if state.cancels_to_send:
            fewer = state._replace(cancels_to_send=state.cancels_to_send - 1)
            yield from self.sent(fewer, Signal(None))

    def sent(self, state: State, signal: Signal) -> Iterator[Move[State]]:
        run = state.run
        if is_over(run) and self.broken != "signal_to_the_dead":
            yield Move(f"{signal} is refused: 409", state, chance=True)
            return
        wakes = run.status == "waiting" and self.broken != "signal_does_not_wake"
        run = run._replace(
            status="pending" if wakes else run.status,
            signals=run.signals + 1,
            rows=(*run.rows, signal),
        )
        yield Move(f"{signal} is inserted", state._replace(run=run), chance=True)

    # The sweep wakes what is due.

    def becoming_due(self, state: State) -> Iterator[Move[State]]:
        if state.run.status == "waiting" and self.broken != "timer_does_not_wake":
            due = state.run._replace(status="pending", is_due=True)
            yield Move("the sweep wakes the run, its timer is due", state._replace(run=due))

    # The counter before the rows.

    def claiming(self, state: State, who: int) -> Iterator[Move[State]]:
        run = state.run
        if run.status == "pending" and state.minds[who] is None:
            run = run._replace(status="running", owner=who, fence=run.fence + 1)
            mind = Mind(run.fence, run.seq, counter=run.signals)
            if self.broken == "rows_before_counter":
                mind = mind._replace(counter=-1)
            claimed = state._replace(run=run).with_mind(who, mind)
            yield Move(f"{NAMES[who]} claims", claimed)

    def reading(self, state: State, who: int) -> Iterator[Move[State]]:
        run, mind = state.run, state.minds[who]
        if mind is None:
            return
        if mind.rows is None:
            read = mind._replace(rows=len(run.rows), last_read=mind.counter)
            yield Move(f"{NAMES[who]} reads the rows", state.with_mind(who, read))
        elif mind.counter == -1:
            read = mind._replace(counter=run.signals, last_read=run.signals)
            yield Move(f"{NAMES[who]} reads the counter", state.with_mind(who, read))
        elif mind.in_doubt is None and run.signals > mind.last_read:
            # The look-up of cancels, or any other wish to know what came.
            yield self.read_again(state, who, "looks for signals")

    def read_again(self, state: State, who: int, label: str) -> Move[State]:
        run, mind = state.run, state.minds[who]
        assert mind is not None
        again = mind._replace(counter=run.signals, rows=None, in_doubt=None)
        if self.broken == "rows_before_counter":
            again = again._replace(counter=-1)
        if self.broken == "counter_moves_last_read":
            again = mind._replace(last_read=run.signals, in_doubt=None)
        return Move(f"{NAMES[who]} {label}", state.with_mind(who, again))

    # Build the next transaction; send it; read what became of it if it matched nothing.

    def writing(self, state: State, who: int) -> Iterator[Move[State]]:
        run, mind = state.run, state.minds[who]
        if mind is None or mind.rows is None or mind.counter == -1:
            return
        write = mind.in_doubt or self.built(run, mind)
        what = f"{NAMES[who]} writes '{write.what}'"
        has_fence = run.fence == mind.fence
        is_mine = has_fence and run.status == "running" and run.owner == who
        holds = run.status == "running" and run.seq == mind.seq
        holds = holds and (has_fence or self.broken == "written_without_fence")
        if holds and write.demands in (None, run.signals):
            written = self.written(state, write)
            fault = "" if is_mine else "one wrote to the run who does not hold it"
            yield Move(f"{what}: committed", self.answered(written, who), fault=fault)
            if state.losses_left:
                doubt = written.with_mind(who, mind._replace(in_doubt=write))
                doubt = doubt._replace(losses_left=state.losses_left - 1)
                yield Move(f"{what}: committed, the answer is lost", doubt, chance=True)
        elif is_mine and run.seq == mind.seq:
            yield self.read_again(state, who, f"finds for '{write.what}' that signals moved")
        elif is_mine and run.seq == mind.seq + 1:
            yield Move(f"{what}: it was committed before", self.answered(state, who))
        else:
            fault = "the holder took itself for revoked" if is_mine else ""
            revoked = state.with_mind(who, None)
            yield Move(f"{what}: it is no longer the holder", revoked, fault=fault)

    def built(self, run: Run, mind: Mind) -> Write:
        assert mind.rows is not None
        unread = [at for at, row in enumerate(run.rows[: mind.rows]) if row.fate == "new"]
        for at in unread:
            if run.rows[at].answers is None:
                return Write("cancel", at)  # nothing new begins after a cancel
        if unread:
            return Write("consume", unread[0])
        # What the owner itself wrote it knows; only the owner writes waits_over.
        if len(run.waits_over) == WAITS:
            demands = None if self.broken == "complete_unconditional" else mind.last_read
            return Write("complete", demands=demands)
        if run.is_due:
            return Write("time out")
        demands = None if self.broken == "suspend_unconditional" else mind.last_read
        return Write("suspend", demands=demands)

    def written(self, state: State, write: Write) -> State:
        run = state.run._replace(seq=state.run.seq + 1)
        if write.what == "consume":
            assert write.signal is not None
            run = self.consumed(run, write.signal)
        elif write.what == "cancel":
            assert write.signal is not None
            run = with_fate(run, write.signal, "used")
            if self.broken != "unread_at_the_end":
                run = run._replace(rows=tuple(voided(row) for row in run.rows))
            run = run._replace(status="cancelled", owner=None)
        elif write.what == "time out":
            run = run._replace(waits_over=(*run.waits_over, "timer"), is_due=False)
        else:
            status = "waiting" if write.what == "suspend" else "completed"
            run = run._replace(status=status, owner=None)
        return state._replace(run=run)

    def consumed(self, run: Run, at: int) -> Run:
        signal, open_wait = run.rows[at], len(run.waits_over)
        names_it = signal.answers == open_wait or self.broken == "signal_names_no_iteration"
        if open_wait == WAITS or not names_it:
            return with_fate(run, at, "void")
        run = with_fate(run, at, "used")
        if self.broken == "consumed_apart":
            return run
        return run._replace(waits_over=(*run.waits_over, str(signal)), is_due=False)

    def answered(self, state: State, who: int) -> State:
        """The worker knows that it is committed: it goes on, or lets go."""
        mind = state.minds[who]
        assert mind is not None
        if state.run.status != "running":
            return state.with_mind(who, None)
        return state.with_mind(who, mind._replace(seq=mind.seq + 1, in_doubt=None))

    # A crash, or a silence that others take for one, ends in a take-over.

    def losing(self, state: State, who: int) -> Iterator[Move[State]]:
        run, name = state.run, NAMES[who]
        if state.crashes_left == 0 or state.minds[who] is None:
            return
        state = state._replace(crashes_left=state.crashes_left - 1)
        if run.status == "running" and run.owner == who:
            run = run._replace(status="pending", owner=None, fence=run.fence + 1)
            taken = state._replace(run=run)
            yield Move(f"{name} falls silent and is taken over", taken, chance=True)
            taken = taken.with_mind(who, None)
            yield Move(f"{name} crashes and is taken over", taken, chance=True)
        else:
            yield Move(f"{name} crashes", state.with_mind(who, None), chance=True)


def is_over(run: Run) -> bool:
    return run.status in ("completed", "cancelled")


def with_fate(run: Run, at: int, fate: str) -> Run:
    row = run.rows[at]._replace(fate=fate)
    return run._replace(rows=(*run.rows[:at], row, *run.rows[at + 1 :]))


def voided(row: Signal) -> Signal:
    return row._replace(fate="void") if row.fate == "new" else row
