"""Claim, take-over and journal of one run.

The run has two parallel branches, an effect E and a pure step P, and completes when both have
ended. Two workers; each may crash (and is born again as another process), fall silent while it
goes on working, and lose the answer of a transaction, which the database then carries out at
once, later or never. That a worker pauses needs no move of its own: each may stand still
between any two of its moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tests.protocol.explorer import Move
from tests.protocol.journal_state import (
    Batch,
    Event,
    Mind,
    Orphan,
    Run,
    State,
    Worker,
    buffered,
    buffered_again,
    committed,
    count,
    in_doubt,
    next_number,
    overwritten,
    texts_of,
)

NAMES = "AB"

BREAKS = {
    "journal_without_fence": "the journal's UPDATE does not compare the fence",
    "journal_without_seq": "the journal's UPDATE does not compare seq",
    "journal_retries_with_more": "a batch in doubt is sent again with what came since",
    "doubt_means_revoked": "seq = new is not understood as 'it was committed before'",
    "effect_before_barrier": "an effect starts while its row is still in the buffer",
    "numbering_apart": "a number is drawn in one critical section, buffered in another",
    "claim_keeps_fence": "a claim does not move the fence",
    "takeover_keeps_fence": "a take-over does not move the fence",
    "takeover_ignores_beat": "a take-over does not see that the owner's beat has moved",
    "check_ignores_heartbeat": "ctx does not ask how old the last heartbeat is",
    "silent_claims": "a worker claims though its heartbeat is not confirmed",
    "heartbeat_revokes_nothing": "the heartbeat does not read the fences",
    "no_hand_back": "what a worker owns and does not execute stays with it",
    "no_takeover": "the sweep takes no orphans over",
    "open_attempt_forgotten": "the next claimant does not look at on_crash",
}


@dataclass(frozen=True)
class ClaimAndJournal:
    """The model; `broken` names the one rule that is not kept."""

    on_crash: Literal["again", "fail", "ask"] = "again"
    crashes: int = 1
    silences: int = 1
    lost_answers: int = 1
    broken: str = ""

    def initial(self) -> State:
        return State(self.crashes, self.silences, self.lost_answers)

    def is_final(self, state: State) -> bool:
        return state.run.status in ("completed", "failed")

    def fault(self, state: State) -> str:
        run = state.run
        if [event.seq if event else None for event in run.log] != list(range(1, run.seq + 1)):
            return "the sequence numbers have a gap"
        texts = texts_of(run)
        if len(set(texts)) < len(texts):
            return "something was recorded twice"
        ends = [at for at, text in enumerate(texts) if text in ("run completed", "run failed")]
        if ends and (ends[0] != len(texts) - 1 or not self.is_final(state)):
            return "something happened after the end of the run"
        if count(texts, "E start") > count(texts, "E lost") + 1:
            return "an attempt starts while another is open"
        if (run.status == "running") != (run.owner is not None):
            return "a run is owned if and only if it is running"
        if max(state.starts, count(texts, "E start")) > state.allowed:
            return "the effect was tried more often than crashes and decisions excuse"
        return ""

    def moves(self, state: State) -> Iterator[Move[State]]:
        for who in (0, 1):
            yield from self.claiming(state, who)
            yield from self.executing(state, who)
            yield from self.journaling(state, who)
            yield from self.sweeping(state, who)
            yield from self.failing(state, who)
        yield from self.arriving_late(state)
        yield from self.deciding(state)

    # Pending -> running, worker, fence + 1, in one statement.

    def claiming(self, state: State, who: int) -> Iterator[Move[State]]:
        run, worker = state.run, state.workers[who]
        if run.status != "pending" or worker.mind:
            return
        if worker.is_silent and self.broken != "silent_claims":
            # Others would take over at once what it claims, and blame the step in flight.
            return
        fence = run.fence + (self.broken != "claim_keeps_fence")
        claimed = run._replace(status="running", owner=(who, worker.life), fence=fence)
        after = state._replace(run=claimed)
        yield Move(f"{NAMES[who]} claims", after.with_mind(who, self.restored(claimed)))
        if state.answers_left:
            after = after._replace(answers_left=state.answers_left - 1)
            yield Move(f"{NAMES[who]} claims, the answer is lost", after, chance=True)

    # The first journal transaction closes the open attempt and follows on_crash.

    def restored(self, run: Run) -> Mind:
        texts = texts_of(run)
        attempt, lost = count(texts, "E start"), count(texts, "E lost")
        mind = Mind(run.fence, run.seq, attempt=attempt, pure_ended="P end" in texts)
        if "E end" in texts:
            return mind._replace(effect="ended")
        if attempt > lost:
            if self.broken == "open_attempt_forgotten":
                return mind
            mind = buffered(mind, f"E lost {attempt}")
            if self.on_crash == "again":
                return self.starting(mind)
            if self.on_crash == "fail":
                return buffered(mind, "run failed")
            return mind._replace(effect="asking")
        if self.on_crash == "ask" and attempt:
            return self.decided(mind, run.decision)
        return mind

    def decided(self, mind: Mind, decision: str) -> Mind:
        if decision == "again":
            return self.starting(mind)
        if decision == "fail":
            return buffered(mind, "run failed")
        if decision == "use these items":
            return buffered(mind, "E end")._replace(effect="ended")
        return mind._replace(effect="asking")

    def starting(self, mind: Mind) -> Mind:
        attempt = mind.attempt + 1
        mind = buffered(mind, f"E start {attempt}")
        return mind._replace(effect="starting", attempt=attempt)

    # Barrier, check, effect. An effect counts as started when it passes the check.

    def executing(self, state: State, who: int) -> Iterator[Move[State]]:
        mind, name = state.workers[who].mind, NAMES[who]
        if mind is None or mind.is_ending:
            return
        if not mind.pure_ended:
            yield from self.numbering(state, who, "P end", mind._replace(pure_ended=True))
        if mind.effect == "to start":
            yield Move(f"{name} asks for E's barrier", state.with_mind(who, self.starting(mind)))
        if mind.effect == "starting":
            yield from self.passing_the_check(state, who)
        if mind.effect == "started":
            yield from self.numbering(state, who, "E end", mind._replace(effect="ended"))
        if mind.pure_ended and not mind.drawn:
            if mind.effect == "ended":
                ending = buffered(mind, "run completed")
                yield Move(f"{name} sees that all is done", state.with_mind(who, ending))
            if mind.effect == "asking":
                suspending = buffered(mind, f"run waiting {mind.attempt}")
                yield Move(f"{name} has to ask a person", state.with_mind(who, suspending))
        if mind.drawn:
            last = buffered_again(mind)
            yield Move(f"{name} buffers {mind.drawn[0].text}", state.with_mind(who, last))

    def passing_the_check(self, state: State, who: int) -> Iterator[Move[State]]:
        worker, run = state.workers[who], state.run
        mind = worker.mind
        assert mind is not None
        row = f"E start {mind.attempt}"
        is_durable = all(event.text != row for event in mind.buffer)
        if not is_durable and self.broken != "effect_before_barrier":
            return
        if worker.is_silent and self.broken != "check_ignores_heartbeat":
            return
        fault = ""
        if "E end" in texts_of(run):
            fault = "the effect starts after its end was recorded"
        elif row not in texts_of(run):
            fault = "the effect starts before its running row is durable"
        elif run.status != "running" or run.owner != (who, worker.life):
            fault = "the effect is started by one who does not hold the run"
        started = state.with_mind(who, mind._replace(effect="started"))
        started = started._replace(starts=state.starts + 1)
        yield Move(f"{NAMES[who]} starts E, attempt {mind.attempt}", started, fault=fault)

    # Numbering and buffering are one critical section.

    def numbering(self, state: State, who: int, text: str, mind: Mind) -> Iterator[Move[State]]:
        name = NAMES[who]
        if self.broken == "numbering_apart":
            event = Event(next_number(mind), text)
            drawn = mind._replace(drawn=(*mind.drawn, event))
            yield Move(f"{name} draws {event.seq} for {text}", state.with_mind(who, drawn))
        else:
            yield Move(f"{name} buffers {text}", state.with_mind(who, buffered(mind, text)))

    # The journal transaction, and what its sender makes of the answer.

    def journaling(self, state: State, who: int) -> Iterator[Move[State]]:
        mind = state.workers[who].mind
        if mind is None or not mind.buffer:
            return
        size = mind.in_doubt or len(mind.buffer)
        if self.broken == "journal_retries_with_more":
            size = len(mind.buffer)
        batch = Batch(mind.fence, mind.seq, mind.buffer[:size])
        what = f"{NAMES[who]} writes {' + '.join(e.text for e in batch.events)}"
        if self.matches(state.run, batch):
            written, fault = self.commit(state, batch)
            answered = written.with_mind(who, committed(mind, batch))
            yield Move(f"{what}: committed", answered, fault=fault)
            if state.answers_left:
                unanswered = in_doubt(written, who, mind, size)
                yield Move(f"{what}: committed, the answer is lost", unanswered, chance=True)
        else:
            yield self.not_matched(state, who, batch, what)
        if state.answers_left and state.late is None:
            unsent = in_doubt(state, who, mind, size)._replace(late=batch)
            yield Move(f"{what}: the connection breaks on the way", unsent, chance=True)

    def matches(self, run: Run, batch: Batch) -> bool:
        checks = [run.status == "running"]
        if self.broken != "journal_without_fence":
            checks.append(run.fence == batch.fence)
        if self.broken != "journal_without_seq":
            checks.append(run.seq == batch.old)
        return all(checks)

    def not_matched(self, state: State, who: int, batch: Batch, what: str) -> Move[State]:
        run, worker = state.run, state.workers[who]
        mind = worker.mind
        assert mind is not None
        is_mine = run.status == "running" and run.owner == (who, worker.life)
        was_committed = run.fence == batch.fence and run.seq == batch.new
        if was_committed and self.broken != "doubt_means_revoked":
            go_on = committed(mind, batch) if is_mine else None
            return Move(f"{what}: it was committed before", state.with_mind(who, go_on))
        fault = "the holder took itself for revoked" if is_mine else ""
        return Move(f"{what}: revoked", state.with_mind(who, None), fault=fault)

    def commit(self, state: State, batch: Batch) -> tuple[State, str]:
        run = state.run
        log = overwritten(run.log, batch.events)
        fault = ""
        if log[: len(run.log)] != run.log:
            fault = "a committed event has changed"
        elif run.fence != batch.fence:
            fault = "the journal took a batch from one who does not hold the run"
        status = batch.status.split()[0]
        run = run._replace(
            status=status,
            owner=run.owner if status == "running" else None,
            seq=batch.new,
            log=log,
            # A decision is consumed in the transaction that records what came of it.
            decision="" if any(e.text[0] in "Er" for e in batch.events) else run.decision,
        )
        return state._replace(run=run), fault

    def arriving_late(self, state: State) -> Iterator[Move[State]]:
        if state.late is None:
            return
        gone = state._replace(late=None)
        yield Move("the broken connection's transaction is dropped", gone)
        if self.matches(state.run, state.late):
            written, fault = self.commit(gone, state.late)
            yield Move("the broken connection's transaction commits late", written, fault=fault)

    # The control threads of both workers.

    def sweeping(self, state: State, who: int) -> Iterator[Move[State]]:
        run, worker, name = state.run, state.workers[who], NAMES[who]
        if worker.is_silent:
            yield self.heartbeat(state, who)
        is_mine = run.status == "running" and run.owner == (who, worker.life)
        if is_mine and worker.mind is None and self.broken != "no_hand_back":
            back = state._replace(run=run._replace(status="pending", owner=None))
            yield Move(f"{name} hands back what it owns and does not execute", back)
        if self.is_orphan_for(state, who) and worker.orphan is None:
            assert run.owner is not None
            seen = Orphan(run.fence, state.workers[run.owner[0]].beat)
            spotted = state.with_worker(who, worker._replace(orphan=seen))
            yield Move(f"{name}'s sweep sees that the owner is silent", spotted)
        if worker.orphan and self.broken != "no_takeover":
            yield self.take_over(state, who, worker.orphan)

    def heartbeat(self, state: State, who: int) -> Move[State]:
        worker = state.workers[who]
        mind = worker.mind
        if mind and mind.fence != state.run.fence and self.broken != "heartbeat_revokes_nothing":
            mind = None
        heard = worker._replace(is_silent=False, beat=worker.beat + 1, mind=mind)
        return Move(f"{NAMES[who]}'s heartbeat is confirmed again", state.with_worker(who, heard))

    def is_orphan_for(self, state: State, who: int) -> bool:
        if state.run.owner is None:
            return False
        owner, life = state.run.owner
        is_dead = state.workers[owner].life != life
        return is_dead or (state.workers[owner].is_silent and owner != who)

    def take_over(self, state: State, who: int, seen: Orphan) -> Move[State]:
        run, name = state.run, NAMES[who]
        after = state.with_worker(who, state.workers[who]._replace(orphan=None))
        is_same = run.owner is not None and run.fence == seen.fence
        if is_same and self.broken != "takeover_ignores_beat":
            # The owner may be heard again between the look and the UPDATE.
            assert run.owner is not None
            is_same = state.workers[run.owner[0]].beat == seen.beat
        if not is_same:
            return Move(f"{name}'s take-over matches nothing", after)
        fence = run.fence + (self.broken != "takeover_keeps_fence")
        taken = run._replace(status="pending", owner=None, fence=fence)
        return Move(f"{name} takes over", after._replace(run=taken))

    # What goes wrong, and the person who is asked.

    def failing(self, state: State, who: int) -> Iterator[Move[State]]:
        worker, name = state.workers[who], NAMES[who]
        excused = state.allowed + (self.on_crash == "again")
        if state.crashes_left:
            dead = state.with_worker(who, Worker(life=worker.life + 1, beat=worker.beat))
            dead = dead._replace(crashes_left=state.crashes_left - 1, allowed=excused)
            yield Move(f"{name} crashes and is born again", dead, chance=True)
        if state.silences_left and not worker.is_silent:
            silent = state.with_worker(who, worker._replace(is_silent=True))
            silent = silent._replace(silences_left=state.silences_left - 1, allowed=excused)
            yield Move(f"{name} falls silent", silent, chance=True)

    def deciding(self, state: State) -> Iterator[Move[State]]:
        if state.run.status != "waiting":
            return
        for decision in ("again", "fail", "use these items"):
            decided = state._replace(
                run=state.run._replace(status="pending", decision=decision),
                allowed=state.allowed + (decision == "again"),
            )
            yield Move(f"a person decides: {decision}", decided)
