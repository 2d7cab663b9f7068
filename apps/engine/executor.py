"""Walks a plan: starts what may start, records what happens, decides how the run goes on.

One executor per claim, on one thread (the run's own). Pure nodes run on it; effects run on branches
and report back. An effect starts only after its own row and all before it are committed: see
"Barriers" in docs/durability.md.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from apps.engine import endings, leaving
from apps.engine.attempts import Logged
from apps.engine.branches import Branches, Message, Poked
from apps.engine.decisions import Decision, read_decision
from apps.engine.endings import Ending
from apps.engine.errors import FlowForgeError, NodeError, RevokedError
from apps.engine.flights import Flight, Flights
from apps.engine.items import Items
from apps.engine.journal import Journal, Signal, SignalsMovedError, StepRow
from apps.engine.late import tell_what_came_late
from apps.engine.limits import DEFAULT_LIMITS, Limits
from apps.engine.masking import Masker
from apps.engine.outcomes import Done, Outcome, Wait
from apps.engine.outputs import OutputStore
from apps.engine.plan import Plan
from apps.engine.ports import Clock, Prepared, RunInfo
from apps.engine.ready import ReadySteps
from apps.engine.recorder import Recorder
from apps.engine.retry import WORKER_LOST, Retries, retry_wait_s
from apps.engine.scheduler import Activation, Scheduler, Settled
from apps.engine.signals import SignalInbox
from apps.engine.steps import Steps
from apps.engine.trying import as_known, finished, tried, try_attempt
from apps.engine.waits import Waits


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
        self._scheduler = scheduler
        self._recorder = recorder
        self._branches = branches
        self._clock = clock
        self._random = random
        self._limits = limits
        self._deadline = deadline
        self._is_suspect = is_suspect
        self._tell_late = tell_late
        self._masker = masker or Masker()
        self._outputs = OutputStore(journal, recorder.steps)
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
            masker=self._masker,
        )
        self._ready = ReadySteps(self._steps)
        self._flights = Flights()
        self._waits = Waits(recorder.steps)
        self._retries = Retries()
        self._ending: Ending | None = None
        self._signals = SignalInbox(journal, recorder)
        self._commit_due = float("inf")

    def run(self) -> str:
        """Execute until the run ends or suspends; gives its new status.

        Raises RevokedError when the claim is lost; effects that have ended but can be recorded no
        more are told of by `tell_late` then. Other errors are the journal's: nothing is
        decided about the run, whoever claims it next goes on.
        """
        try:
            self._begin()
            while True:
                self._look_around()
                self._start_ready()
                if self._flights or (self._retries and not self._ending):
                    self._receive()
                elif self._ending or not self._ready:
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

    # At the start: what earlier claims recorded

    def _begin(self) -> None:
        self._recorder.begin()
        for row in self._recorder.ended():
            if row.status == "failed" and self._plan.nodes[row.node].on_error == "stop":
                self._end(endings.step_failed(row.node, row.error or {}))
            elif row.status != "skipped":
                self._steps.note_ended(row)
                if row.node not in self._plan.given:
                    self._settle(row)
        if not self._ending:
            self._admit()

    def _admit(self) -> None:
        """Take what the scheduler lets start: new, waiting, or in flight when a worker died."""
        for activation in self._scheduler.ready():
            row = self._recorder.steps.get((activation.node, activation.iteration))
            if row is None or row.status == "pending":
                self._ready.add(activation)
            elif row.status == "waiting":
                self._waits.add(activation)
            else:
                self._after_death(activation, row)

    def _after_death(self, activation: Activation, row: StepRow) -> None:
        """The attempt was lost with its worker: follow the node's `on_crash`."""
        node = self._plan.nodes[row.node]
        policy = node.on_crash or self._plan.specs[row.node].crash_policy(node.params)
        lost = NodeError(WORKER_LOST, "The worker was lost while this step was running.")
        if policy == "fail":
            self._fail(activation, row, lost)
        elif policy == "ask":
            self._recorder.retrying(row, lost, None)
            self._recorder.waiting(row, "decision", None)
            self._waits.add(activation)
        else:
            self._recorder.retrying(row, lost, None)
            self._ready.add(activation)

    # Around the steps: messages, signals, time

    def _look_around(self) -> None:
        while (message := self._branches.receive(0)) is not None:
            self._take(message)
        for signal in self._signals.take():
            self._answer(signal)
        if self._deadline is not None and self._clock.now() >= self._deadline:
            self._abort(endings.deadline_passed())
        now = self._clock.monotonic()
        for flight in self._flights.overdue(now):
            self._time_out(flight)
        if self._ending and not self._flights:
            # A signal that ended the run is consumed by the batch that records the end.
            return
        if not self._ending:
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
        if not self._ending:
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
        flight = self._flights.find(message.key, message.attempt)
        if flight is None:
            return
        if isinstance(message, Logged):
            self._recorder.log(flight.row, message.level, message.text)
            self._note_change()
            return
        self._flights.land(flight)
        self._conclude(flight.activation, flight.row, message.outcome)
        if self._recorder.is_clean:
            # An effect that now waits: it has happened, which must be durable, and so be told.
            self._recorder.log(flight.row, "info", "Waiting.")
        self._commit()

    def _answer(self, signal: Signal) -> None:
        """Let a signal take effect; one that answers nothing open is consumed all the same."""
        if signal.kind == "cancel":
            self._abort(endings.cancelled())
        elif signal.kind == "late":
            self._recorder.keep_late(signal)
        elif not self._ending:
            activation = self._waits.take_answered(signal)
            if activation is not None:
                self._resume(activation, signal)

    def _resume(self, activation: Activation, signal: Signal | None) -> None:
        """Go on with a step whose wait is over: the signal came (or None: the time)."""
        row = self._recorder.steps[activation.node, activation.iteration]
        if "ended_seq" not in row.attempts[-1]:
            self._recorder.resumed(row)
            call = self._steps.call(activation, row, signal.body if signal else None)
            attempt = self._steps.attempt(row)
            attempt.begin()
            spec = self._plan.specs[row.node]
            self._conclude_inline(activation, row, tried(lambda: spec.resume(call, attempt)))
        elif signal is None:
            self._retry(activation, row)
        else:
            self._decide(activation, row, read_decision(signal.body))

    def _decide(self, activation: Activation, row: StepRow, decision: Decision) -> None:
        if decision.choice == "run_again":
            self._retry(activation, row)
        elif decision.choice == "use":
            given = self._plan.by_main_output(row.node, list(decision.items))
            self._conclude(activation, row, Done(given))
        else:
            self._fail(activation, row, NodeError(WORKER_LOST, decision.reason))

    def _retry(self, activation: Activation, row: StepRow) -> None:
        self._recorder.queued(row)
        self._ready.add(activation)

    # Starting steps

    def _start_ready(self) -> None:
        """Start effects first, so that they run while pure nodes are computed here."""
        while not self._ending:
            self._launch_effects()
            if not self._ready.inline or self._ending:
                return
            self._run_inline(self._ready.inline.popleft())
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
            if self._ending:
                return  # no new effect begins
            if prepared is not None:
                launched.append((Flight(activation, row, self._steps.attempt(row)), prepared))
        if launched:
            self._commit()  # the barrier: no effect starts before all it depends on is durable
        for flight, prepared in launched:
            self._flights.add(flight)
            self._branches.start(partial(finished, prepared, flight.attempt))

    def _open(self, activation: Activation) -> StepRow:
        row = self._steps.open(activation)
        self._note_change()
        if self._is_suspect:
            self._commit()
        return row

    def _run_inline(self, activation: Activation) -> None:
        row = self._open(activation)
        given = self._steps.given_without_code(activation)
        if given is not None:
            self._conclude(activation, row, Done(given))
            return
        prepared = self._prepare(activation, row)
        if prepared is None:
            return
        self._conclude_inline(activation, row, try_attempt(prepared, self._steps.attempt(row)))

    def _conclude_inline(
        self, activation: Activation, row: StepRow, outcome: Outcome | Exception
    ) -> None:
        """End what ran on this thread, behind the lines that it logged."""
        others = []
        while (message := self._branches.receive(0)) is not None:
            if isinstance(message, Logged) and message.key == (row.node, row.iteration):
                self._recorder.log(row, message.level, message.text)
            else:
                others.append(message)
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

    def _conclude(self, activation: Activation, row: StepRow, outcome: Outcome | Exception) -> None:
        self._outputs.check()
        self._note_change()
        if isinstance(outcome, RevokedError):
            raise outcome
        if isinstance(outcome, Wait):
            self._recorder.waiting(row, outcome.reason, outcome.until)
            self._recorder.write(row, outcome.writes)
            self._waits.add(activation)
            return
        if isinstance(outcome, Done):
            try:
                given = self._steps.written(activation, outcome.outputs)
            except Exception as error:
                outcome = error
            else:
                failure = outcome.error and self._masker.error(outcome.error)
                self._steps.complete(activation, row, given, failure)
                self._recorder.write(row, outcome.writes)
                self._go_on_behind(row)
                return
        self._attempt_failed(activation, row, self._masker.error(as_known(outcome)))

    def _time_out(self, flight: Flight) -> None:
        flight.attempt.revoke()
        self._flights.land(flight)
        timeout_s = self._plan.nodes[flight.row.node].timeout_s
        late = NodeError("timeout", f"The step took longer than {timeout_s:g} s.", retryable=True)
        self._conclude(flight.activation, flight.row, late)
        self._commit()

    def _attempt_failed(self, activation: Activation, row: StepRow, error: FlowForgeError) -> None:
        retry = self._plan.nodes[row.node].retry
        wait_s = retry_wait_s(retry, error, row.attempts, self._random)
        if wait_s is None or self._ending:
            self._fail(activation, row, error)
        elif wait_s > self._limits.durable_retry_s:
            self._recorder.retrying(row, error, self._clock.now() + timedelta(seconds=wait_s))
            self._waits.add(activation)
        else:
            self._recorder.retrying(row, error, None)
            self._retries.add(self._clock.monotonic() + wait_s, activation)

    def _fail(self, activation: Activation, row: StepRow, error: FlowForgeError) -> None:
        """The step has failed for good: end the run, or go on with the error as data."""
        if self._plan.nodes[row.node].on_error == "stop":
            self._recorder.fail(row, error)
            self._end(endings.step_failed(row.node, error.told()))
        else:
            self._steps.fail_with_data(activation, row, error)
            self._go_on_behind(row)

    def _go_on_behind(self, row: StepRow) -> None:
        self._settle(row)
        if not self._ending:
            self._admit()

    def _settle(self, row: StepRow) -> None:
        for skipped in self._scheduler.settle(Settled(row.node, row.iteration, row.output_counts)):
            self._recorder.skip(skipped)
        if len(self._recorder.steps) > (budget := self._plan.graph.settings.step_budget):
            self._end(endings.budget_spent(budget))
        if self._recorder.output_bytes > (most := self._limits.run_output_bytes):
            self._end(endings.outputs_too_large(most))

    # Ending the run

    def _end(self, ending: Ending) -> None:
        """Begin nothing more; once what is in flight has come back, the run ends so."""
        self._ending = self._ending or ending

    def _abort(self, ending: Ending) -> None:
        """End the run now: what is in flight is taken back."""
        self._flights.revoke_all()
        self._end(ending)

    def _end_or_suspend(self) -> str:
        """Leave `running`. Raises SignalsMovedError when something arrived in the meantime."""
        if self._ending:
            return leaving.finish(self._recorder, self._ending)
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
