"""Walks a plan: starts what may start, and takes what comes of it and from outside.

One executor per claim, on one thread (the run's own). Pure nodes run on it; effects run on branches
and report back. An effect starts only after its own row and all before it are committed: see
"Barriers" in docs/durability.md.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from apps.engine import endings, leaving
from apps.engine.attempts import Logged, RunningAttempt
from apps.engine.branches import Branches, Leave, Message, Poked
from apps.engine.decisions import decided
from apps.engine.endings import Ending
from apps.engine.errors import NodeError, RevokedError
from apps.engine.flights import Flight, Flights
from apps.engine.items import Items
from apps.engine.journal import Journal, Signal, SignalsMovedError, StepRow
from apps.engine.late import tell_what_came_late
from apps.engine.limits import DEFAULT_LIMITS, Limits
from apps.engine.masking import Masker
from apps.engine.outcomes import Done, Outcome
from apps.engine.outputs import OutputStore
from apps.engine.plan import Plan
from apps.engine.ports import Clock, Prepared, RunInfo
from apps.engine.progress import Progress
from apps.engine.recorder import Recorder
from apps.engine.scheduler import Activation, Scheduler
from apps.engine.signals import SignalInbox
from apps.engine.steps import Steps
from apps.engine.trying import Work, finished, try_attempt


class Executor:
    def __init__(
        self,
        plan: Plan,
        scheduler: Scheduler,
        recorder: Recorder,
        journal: Journal,
        branches: Branches,
        clock: Clock,
        *,
        info: RunInfo,
        trigger_items: Items,
        check_claim: Callable[[], None],
        random: Callable[[], float],
        limits: Limits = DEFAULT_LIMITS,
        deadline: datetime | None = None,
        is_suspect: bool = False,
        use_pins: bool = False,
        tell_late: Callable[[StepRow], None] = lambda row: None,
        masker: Masker | None = None,
    ) -> None:
        self._plan = plan
        self._recorder = recorder
        self._branches = branches
        self._clock = clock
        self._limits = limits
        self._deadline = deadline
        self._is_suspect = is_suspect
        self._tell_late = tell_late
        masker = masker or Masker()
        self._outputs = OutputStore(journal, recorder.steps)
        recorder.kept.most = limits.run_output_bytes
        self._steps = Steps(
            plan,
            recorder,
            self._outputs,
            clock,
            info=info,
            trigger_items=trigger_items,
            use_pins=use_pins,
            tell=branches.post,
            check_claim=check_claim,
            max_output_bytes=limits.step_output_bytes,
            masker=masker,
        )
        self._progress = Progress(
            plan,
            scheduler,
            recorder,
            self._steps,
            clock,
            random=random,
            limits=limits,
            masker=masker,
        )
        self._ready = self._progress.ready
        self._waits = self._progress.waits
        self._retries = self._progress.retries
        self._flights = Flights()
        self._signals = SignalInbox(journal, recorder)
        self._commit_due = float("inf")
        self._is_leaving = False
        self._is_interrupted = False
        """Whether something was left where it stood, for the run is asked to end."""

    def run(self) -> str:
        """Execute until the run ends or suspends; gives its new status.

        Or until it is to be left: it is still `running` then, and to be handed back.

        Raises RevokedError when the claim is lost; effects that have ended but can be recorded no
        more are told of by `tell_late` then. Other errors are the journal's: nothing is
        decided about the run, whoever claims it next goes on.
        """
        try:
            self._recorder.begin()
            arrived = self._signals.take()
            for signal in arrived:
                if signal.kind == "cancel":
                    # First: what died with a worker is neither tried again nor a failure then.
                    self._abort(endings.asked_for(signal.body))
            self._progress.restore()
            for signal in arrived:
                self._answer(signal)
            while True:
                self._look_around()
                self._start_ready()
                if self._flights:
                    self._receive()
                elif self._is_leaving and self._has_more:
                    self._commit()
                    return "running"
                elif self._retries and not self._progress.ending:
                    self._receive()
                elif self._progress.ending or not self._ready:
                    with suppress(SignalsMovedError):
                        return self._end_or_suspend()
                    self._signals.is_stale = True
        except RevokedError:
            tell_what_came_late(
                self._flights,
                self._branches,
                self._recorder,
                lambda flight, given: self._conclude(flight.activation, flight.row, given),
                self._tell_late,
            )
            raise
        finally:
            self._flights.revoke_all()

    @property
    def _has_more(self) -> bool:
        """Whether steps are to begin that wait for nothing but us."""
        return not self._progress.ending and bool(self._ready or self._retries)

    # Around the steps: messages, signals, time

    def _look_around(self) -> None:
        while (message := self._branches.receive(0)) is not None:
            self._take(message)
        for signal in self._signals.take():
            self._answer(signal)
        if self._deadline is not None and self._clock.now() >= self._deadline:
            self._abort(endings.deadline_passed())
        if self._is_interrupted and not self._progress.ending:
            raise RevokedError("it was interrupted, and nobody asks for its end")
        now = self._clock.monotonic()
        for flight in self._flights.overdue(now):
            self._time_out(flight)
        if self._progress.ending and not self._flights:
            # A signal that ended the run is consumed by the batch that records the end.
            return
        if not self._progress.ending:
            self._take_due(now)
        if now >= self._commit_due:
            self._commit()

    def _take_due(self, now: float) -> None:
        for activation in self._retries.take_due(now):
            self._ready.add(activation)
        for activation in self._waits.take_due(self._clock.now()):
            self._resume(activation, None)

    def _receive(self) -> None:
        if (message := self._branches.receive(self._patience_s())) is not None:
            self._take(message)

    def _patience_s(self) -> float:
        """Seconds until something must be done though nobody told of anything."""
        moments = [self._commit_due, *self._flights.deadlines()]
        times = [self._deadline] if self._deadline else []
        if not self._progress.ending:
            moments += self._retries.dues()
            times += self._waits.untils()
        now, today = self._clock.monotonic(), self._clock.now()
        spans = [moment - now for moment in moments]
        spans += [(time - today).total_seconds() for time in times]
        return max(0.0, min(spans))

    def _take(self, message: Message) -> None:
        if isinstance(message, Poked):
            self._signals.is_stale = True
            return
        if isinstance(message, Leave):
            self._is_leaving = True
            return
        flight = self._flights.find(message.key, message.attempt)
        if flight is None:
            return
        if isinstance(message, Logged):
            self._recorder.log(flight.row, message.level, message.text)
            self._note_change()
            return
        self._flights.land(flight)
        if self._was_interrupted(flight.attempt, message.outcome):
            return
        self._conclude(flight.activation, flight.row, message.outcome)
        if self._recorder.is_clean:
            # An effect that now waits: it has happened, which must be durable, and so be told.
            self._recorder.log(flight.row, "info", "Waiting.")
        self._commit()

    def _answer(self, signal: Signal) -> None:
        """Let a signal take effect; one that answers nothing open is consumed all the same."""
        if signal.kind == "cancel":
            self._abort(endings.asked_for(signal.body))
        elif signal.kind == "late":
            self._recorder.keep_late(signal)
        elif not self._progress.ending:
            activation = self._waits.take_answered(signal)
            if activation is not None:
                self._resume(activation, signal)

    def _resume(self, activation: Activation, signal: Signal | None) -> None:
        """Go on with a step whose wait is over: the signal came (or None: the time)."""
        row = self._recorder.steps[activation.node, activation.iteration]
        if "ended_seq" not in row.attempts[-1]:
            self._recorder.resumed(row)
            call = self._steps.call(activation, row, signal.body if signal else None)
            resume = partial(self._plan.specs[row.node].resume, call)
            self._run_inline(activation, row, resume)
            return
        # Its attempt is over: it waited to be tried again, or for somebody to decide about it.
        outcome = decided(signal.body, self._plan, row.node) if signal else None
        if outcome is None:
            self._recorder.queued(row)
            self._ready.add(activation)
        else:
            self._conclude(activation, row, outcome)

    # Starting steps

    def _start_ready(self) -> None:
        """Start effects first, so that they run while pure nodes are computed here."""
        while not (self._progress.ending or self._is_leaving):
            self._launch_effects()
            if not self._ready.inline or self._progress.ending:
                return
            self._start_inline(self._ready.inline.popleft())
            if self._recorder.buffered >= self._limits.commit_after_steps:
                self._commit()
            self._look_around()

    def _launch_effects(self) -> None:
        launched: list[tuple[Flight, Prepared]] = []
        room = self._limits.parallel_branches - len(self._flights)
        while self._ready.effects and len(launched) < room:
            activation = self._ready.effects.popleft()
            row = self._open(activation)
            prepared = self._prepare(activation, row)
            if self._progress.ending:
                return  # no new effect begins
            if prepared is not None:
                launched.append((Flight(activation, row, self._steps.attempt(row)), prepared))
        if launched:
            self._commit()  # the barrier: no effect starts before all it depends on is durable
        for flight, prepared in launched:
            self._flights.add(flight)
            work = partial(finished, prepared.run, flight.attempt, self._branches.interrupt)
            self._branches.start(work)

    def _open(self, activation: Activation) -> StepRow:
        row = self._steps.open(activation)
        self._note_change()
        if self._is_suspect:
            self._commit()
        return row

    def _start_inline(self, activation: Activation) -> None:
        row = self._open(activation)
        given = self._steps.given_without_code(activation)
        if given is not None:
            self._conclude(activation, row, Done(given))
            return
        prepared = self._prepare(activation, row)
        if prepared is not None:
            self._run_inline(activation, row, prepared.run)

    def _run_inline(self, activation: Activation, row: StepRow, work: Work) -> None:
        """Do the work on this thread; it ends behind the lines that it logged."""
        attempt = self._steps.attempt(row)
        outcome = try_attempt(work, attempt, self._branches.interrupt)
        others = []
        while (message := self._branches.receive(0)) is not None:
            if isinstance(message, Logged) and message.key == (row.node, row.iteration):
                self._recorder.log(row, message.level, message.text)
            else:
                others.append(message)
        if not self._was_interrupted(attempt, outcome):
            self._conclude(activation, row, outcome)
        for message in others:
            self._take(message)

    def _prepare(self, activation: Activation, row: StepRow) -> Prepared | None:
        call = self._steps.call(activation, row)
        try:
            return self._plan.specs[row.node].prepare(call)
        except Exception as error:
            self._conclude(activation, row, error)
            return None

    # Ending steps

    def _was_interrupted(self, attempt: RunningAttempt, outcome: Outcome | Exception) -> bool:
        """Whether the attempt came to nothing because the run is asked to end: that closes it."""
        if not attempt.is_revoked or attempt.lost_claim or not isinstance(outcome, Exception):
            return False
        self._is_interrupted = self._signals.is_stale = True
        return True

    def _conclude(self, activation: Activation, row: StepRow, outcome: Outcome | Exception) -> None:
        self._outputs.check()
        self._note_change()
        if isinstance(outcome, RevokedError):
            raise outcome
        self._progress.conclude(activation, row, outcome)

    def _time_out(self, flight: Flight) -> None:
        flight.attempt.revoke()
        self._flights.land(flight)
        timeout_s = self._plan.nodes[flight.row.node].timeout_s
        late = NodeError("timeout", f"The step took longer than {timeout_s:g} s.", retryable=True)
        self._conclude(flight.activation, flight.row, late)
        self._commit()

    # Ending the run

    def _abort(self, ending: Ending) -> None:
        """End the run now: what is in flight is taken back."""
        self._flights.revoke_all()
        self._progress.end(ending)

    def _end_or_suspend(self) -> str:
        """Leave `running`. Raises SignalsMovedError when something arrived in the meantime."""
        if self._progress.ending:
            return leaving.finish(self._recorder, self._progress.ending)
        if self._waits:
            return leaving.suspend(self._recorder, self._waits, self._signals.count)
        return leaving.complete(self._recorder, self._signals.count)

    def _note_change(self) -> None:
        """What is buffered now must be durable soon."""
        if self._commit_due == float("inf"):
            self._commit_due = self._clock.monotonic() + self._limits.commit_after_s

    def _commit(self) -> None:
        self._recorder.commit()
        self._commit_due = float("inf")
