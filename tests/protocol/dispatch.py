"""Dispatch of two runs to two workers: messages, coalesced wake-ups, claim and sweep.

A run is inserted, then a message is published: "there is work". While a wake-up flag stands no
second message is sent; the consumer takes the flag down before it looks. Claims skip what is
locked, by the other's claim or by a signal that only counts. Messages are lost and doubled,
publishers and workers crash. Until something is lost, whatever is pending must have a message
under way: the sweep is for failures only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.protocol.explorer import Move

NAMES = "AB"
LOOKING = ("woken", "looking", "claiming", "publishing")
MOST_MESSAGES = 3  # the sweep sends no more while these are under way: it keeps the model finite

BREAKS = {
    "published_before_commit": "the message is sent before the run is committed",
    "flag_down_after_the_look": "wake-ups: the flag is taken down after the claim",
    "flag_lives_for_ever": "wake-ups: the flag has no short life",
    "rest_not_told": "a claim that leaves a claimable run behind publishes nothing",
    "locked_is_nothing": "what is locked is taken for nothing, and the message dropped",
    "claim_without_lock": "a claim neither locks nor compares the status",
    "prefetched": "wake-ups: a busy worker reserves the only message, others are idle",
    "no_resend": "the sweep does not send again",
    "no_takeover": "the sweep takes no orphans over",
    "sweep_ignores_status": "the sweep's write is not conditional on what it has seen",
}


class Run(NamedTuple):
    status: str = "to insert"  # pending, running, completed
    fence: int = 0
    is_locked: bool = False  # by a signal's transaction


class Worker(NamedTuple):
    """idle, woken, looking, claiming (the row is locked), publishing, executing, idle."""

    phase: str = "idle"
    run: int | None = None
    fence: int = 0
    leaves_some: bool = False
    orphan: tuple[int, int] | None = None  # seen by its sweep: the run and its fence
    has_reserved: bool = False  # a message for later: only when prefetching


class State(NamedTuple):
    locks_left: int
    crashes_left: int
    losses_left: int
    doubles_left: int
    runs: tuple[Run, Run] = (Run(), Run())
    to_publish: tuple[int, ...] = ()  # by whoever inserted: committed and not yet published
    messages: int = 0
    flag: bool = False
    workers: tuple[Worker, Worker] = (Worker(), Worker())

    def with_run(self, at: int, run: Run) -> "State":
        pair = (run, self.runs[1]) if at == 0 else (self.runs[0], run)
        return self._replace(runs=pair)

    def with_worker(self, who: int, worker: Worker) -> "State":
        pair = (worker, self.workers[1]) if who == 0 else (self.workers[0], worker)
        return self._replace(workers=pair)

    def published(self) -> "State":
        """SET NX the flag; send a message if it was down."""
        if self.flag:
            return self
        return self._replace(flag=True, messages=self.messages + 1)


@dataclass(frozen=True)
class Dispatch:
    """The model; `broken` names the one rule that is not kept."""

    locks: int = 1
    crashes: int = 1
    lost_messages: int = 1
    doubled_messages: int = 0
    broken: str = ""

    def initial(self) -> State:
        return State(self.locks, self.crashes, self.lost_messages, self.doubled_messages)

    def is_final(self, state: State) -> bool:
        return all(run.status == "completed" for run in state.runs)

    def fault(self, state: State) -> str:
        executed = [w.run for w in state.workers if w.phase in ("publishing", "executing")]
        if len(executed) > len(set(executed)):
            return "two workers execute the same run"
        if self.has_failed(state):
            return ""
        is_pending = any(run.status == "pending" for run in state.runs)
        looks = any(w.phase in LOOKING for w in state.workers)
        if is_pending and not (state.messages or looks or state.to_publish):
            return "a run is pending and no message under way"
        return ""

    def has_failed(self, state: State) -> bool:
        return (state.crashes_left, state.losses_left) != (self.crashes, self.lost_messages)

    def moves(self, state: State) -> Iterator[Move[State]]:
        for at in (0, 1):
            yield from self.inserting(state, at)
            yield from self.locking(state, at)
        for who in (0, 1):
            yield from self.working(state, who)
            yield from self.sweeping(state, who)
            yield from self.crashing(state, who)
        yield from self.going_astray(state)

    # Insert and commit, then publish.

    def inserting(self, state: State, at: int) -> Iterator[Move[State]]:
        run = state.runs[at]
        pending = state.with_run(at, run._replace(status="pending"))
        if self.broken == "published_before_commit":
            if run.status == "to insert" and at not in state.to_publish:
                early = state.published()._replace(to_publish=(*state.to_publish, at))
                yield Move(f"a message is published for run {at}", early)
            elif run.status == "to insert":
                inserted = pending._replace(to_publish=without(state.to_publish, at))
                yield Move(f"run {at} is committed", inserted)
            return
        if run.status == "to insert":
            inserted = pending._replace(to_publish=(*state.to_publish, at))
            yield Move(f"run {at} is committed", inserted)
        if at in state.to_publish:
            rest = state._replace(to_publish=without(state.to_publish, at))
            yield Move(f"a message is published for run {at}", rest.published())
            if state.crashes_left:
                dead = rest._replace(crashes_left=state.crashes_left - 1)
                label = f"the publisher of run {at} crashes"
                yield Move(f"{label} before it publishes", dead, chance=True)
                flagged = dead._replace(flag=True)
                yield Move(f"{label} between flag and message", flagged, chance=True)

    def locking(self, state: State, at: int) -> Iterator[Move[State]]:
        run = state.runs[at]
        if run.is_locked:
            unlocked = state.with_run(at, run._replace(is_locked=False))
            yield Move(f"the signal to run {at} commits", unlocked)
        elif run.status == "pending" and state.locks_left and not self.is_claimed(state, at):
            locked = state.with_run(at, run._replace(is_locked=True))
            locked = locked._replace(locks_left=state.locks_left - 1)
            yield Move(f"a signal locks run {at}", locked, chance=True)

    # The consumer: flag down, look, claim, tell of the rest, execute.

    def working(self, state: State, who: int) -> Iterator[Move[State]]:
        worker, name = state.workers[who], NAMES[who]
        at = worker.run
        if worker.phase == "idle" and state.messages:
            woken = state.with_worker(who, worker._replace(phase="woken"))
            woken = woken._replace(messages=state.messages - 1)
            yield Move(f"{name} takes a message", woken)
        elif worker.phase == "woken":
            looking = state.with_worker(who, worker._replace(phase="looking"))
            if self.broken != "flag_down_after_the_look":
                looking = looking._replace(flag=False)
            yield Move(f"{name} takes the flag down", looking)
        elif worker.phase == "looking":
            yield self.look(state, who)
        elif worker.phase == "claiming":
            assert at is not None
            yield from self.claiming(state, who, at)
        elif worker.phase == "publishing":
            executing = state.with_worker(who, worker._replace(phase="executing"))
            yield Move(f"{name} publishes for the rest", executing.published())
        elif worker.phase == "executing":
            assert at is not None
            yield self.finishing(state, who, at)
            if self.broken == "prefetched" and state.messages and not worker.has_reserved:
                busy = state.with_worker(who, worker._replace(has_reserved=True))
                busy = busy._replace(messages=state.messages - 1)
                yield Move(f"{name}, busy, reserves a message", busy)
        elif worker.phase == "leaving":
            idle = state.with_worker(who, worker._replace(phase="idle"))
            yield Move(f"{name} takes the flag down, too late", idle._replace(flag=False))

    def look(self, state: State, who: int) -> Move[State]:
        worker, name = state.workers[who], NAMES[who]
        pending = [at for at, run in enumerate(state.runs) if run.status == "pending"]
        free = [at for at in pending if not self.is_locked(state, at)]
        if free:
            leaves_some = len(pending) > 1  # as the claim's snapshot tells, not its commit
            locked = worker._replace(phase="claiming", run=free[0], leaves_some=leaves_some)
            return Move(f"{name} locks run {free[0]}", state.with_worker(who, locked))
        if pending and self.broken != "locked_is_nothing":
            return Move(f"{name} finds all locked and looks again", state)
        if self.broken == "flag_down_after_the_look":
            leaving = state.with_worker(who, worker._replace(phase="leaving"))
            return Move(f"{name} finds nothing", leaving)
        idle = state.with_worker(who, worker._replace(phase="idle"))
        return Move(f"{name} finds nothing and drops the message", idle)

    def is_locked(self, state: State, at: int) -> bool:
        claimed = self.is_claimed(state, at) and self.broken != "claim_without_lock"
        return state.runs[at].is_locked or claimed

    def is_claimed(self, state: State, at: int) -> bool:
        return any(w.phase == "claiming" and w.run == at for w in state.workers)

    def claiming(self, state: State, who: int, at: int) -> Iterator[Move[State]]:
        run, worker = state.runs[at], state.workers[who]
        tells = worker.leaves_some and self.broken != "rest_not_told"
        claimed = state.with_run(at, run._replace(status="running", fence=run.fence + 1))
        phase = "publishing" if tells else "executing"
        worker = worker._replace(phase=phase, fence=run.fence + 1, leaves_some=False)
        claimed = claimed.with_worker(who, worker)
        if self.broken == "flag_down_after_the_look":
            claimed = claimed._replace(flag=False)
        yield Move(f"{NAMES[who]} claims run {at}", claimed)

    def finishing(self, state: State, who: int, at: int) -> Move[State]:
        run, worker = state.runs[at], state.workers[who]
        phase = "woken" if worker.has_reserved else "idle"
        idle = state.with_worker(who, Worker(phase=phase, orphan=worker.orphan))
        if (run.status, run.fence) != ("running", worker.fence):
            fault = "a run was taken from a living worker"
            return Move(f"{NAMES[who]} finds run {at} revoked", idle, fault=fault)
        return Move(
            f"{NAMES[who]} ends run {at}", idle.with_run(at, run._replace(status="completed"))
        )

    # What was lost is sent again, what was left behind is taken over.

    def sweeping(self, state: State, who: int) -> Iterator[Move[State]]:
        worker, name = state.workers[who], NAMES[who]
        if not self.has_failed(state):
            return
        for at, run in enumerate(state.runs):
            if run.status == "pending" and self.broken != "no_resend":
                sent = state.published()
                if sent.messages <= MOST_MESSAGES:
                    yield Move(f"the sweep sends for run {at} again", sent)
            is_owned = any(w.run == at and w.fence == run.fence for w in state.workers)
            if run.status == "running" and not is_owned and worker.orphan is None:
                seen = state.with_worker(who, worker._replace(orphan=(at, run.fence)))
                yield Move(f"{name}'s sweep sees the orphan {at}", seen)
        if worker.orphan and self.broken != "no_takeover":
            yield self.take_over(state, who, *worker.orphan)

    def take_over(self, state: State, who: int, at: int, fence: int) -> Move[State]:
        run = state.runs[at]
        after = state.with_worker(who, state.workers[who]._replace(orphan=None))
        is_as_seen = (run.status, run.fence) == ("running", fence)
        if not is_as_seen and self.broken != "sweep_ignores_status":
            return Move(f"{NAMES[who]}'s take-over matches nothing", after)
        taken = after.with_run(at, run._replace(status="pending", fence=run.fence + 1))
        return Move(f"{NAMES[who]} takes over run {at}", taken.published())

    # What goes wrong.

    def crashing(self, state: State, who: int) -> Iterator[Move[State]]:
        if state.crashes_left:
            dead = state.with_worker(who, Worker())
            dead = dead._replace(crashes_left=state.crashes_left - 1)
            yield Move(f"{NAMES[who]} crashes", dead, chance=True)

    def going_astray(self, state: State) -> Iterator[Move[State]]:
        if state.flag and self.broken != "flag_lives_for_ever":
            yield Move("the flag expires", state._replace(flag=False))
        if state.messages and state.losses_left:
            lost = state._replace(messages=state.messages - 1, losses_left=state.losses_left - 1)
            yield Move("a message is lost", lost, chance=True)
        if state.messages and state.doubles_left:
            twice = state._replace(messages=state.messages + 1, doubles_left=state.doubles_left - 1)
            yield Move("a message is doubled", twice, chance=True)


def without(these: tuple[int, ...], one: int) -> tuple[int, ...]:
    return tuple(each for each in these if each != one)
