"""Walks a plan: starts what may start, records what happens, decides how the run goes on.

One executor per claim, on one thread (the run's own). Pure nodes run on it; effects run on branches
and report back. What must be durable before what is RUNS, 8-9: an effect starts only after its own
row and all before it are committed.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from apps.engine import endings
from apps.engine.attempts import Logged, RunningAttempt
from apps.engine.branches import Branches, Finished, Message, Poked
from apps.engine.decisions import Decision, read_decision
from apps.engine.endings import Ending
from apps.engine.errors import FlowForgeError, NodeError, RevokedError
from apps.engine.flights import Flight, Flights
from apps.engine.items import Items
from apps.engine.journal import Change, Journal, Signal, SignalsMovedError, StepRow
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.engine.outputs import OutputStore
from apps.engine.plan import Plan
from apps.engine.ports import Clock, Prepared, RunInfo
from apps.engine.recorder import Key, Recorder
from apps.engine.retry import MAX_DEATHS, WORKER_LOST, deaths, retry_wait_s
from apps.engine.scheduler import Activation, Scheduler, Settled
from apps.engine.steps import Steps
from apps.engine.waits import Waits, wait_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of RUNS ("Numbers") that concern one run."""

    commit_after_s: float = 0.05
    commit_after_steps: int = 1_000
    durable_retry_s: float = 5
    parallel_branches: int = 8
    step_output_bytes: int = 64 * 1024 * 1024


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
        limits: Limits = Limits(),
        deadline: datetime | None = None,
        is_suspect: bool = False,
    ) -> None:
        self._plan = plan
        self._scheduler = scheduler
        self._recorder = recorder
        self._journal = journal
        self._branches = branches
        self._clock = clock
        self._trigger_items = trigger_items
        self._random = random
        self._limits = limits
        self._deadline = deadline
        self._is_suspect = is_suspect
        self._outputs = OutputStore(journal, recorder.steps)
        self._steps = Steps(
            plan,
            recorder,
            self._outputs,
            clock,
            info=info,
            tell=branches.post,
            check_claim=check_claim,
            max_output_bytes=limits.step_output_bytes,
        )
        self._inline: deque[Activation] = deque()
        self._effects: deque[Activation] = deque()
        self._flights = Flights()
        self._waits = Waits(recorder.steps)
        self._retries: dict[Key, tuple[float, Activation]] = {}
        self._ending: Ending | None = None
        self._signals_read = 0
        self._must_read_signals = True
        self._commit_due = float("inf")

    def run(self) -> str:
        """Execute until the run ends or suspends; gives its new status.

        Raises RevokedError when the claim is lost. Other errors are the journal's: nothing is
        decided about the run, whoever claims it next goes on.
        """
        try:
            self._begin()
            while True:
                self._look_around()
                self._start_ready()
                if self._flights or (self._retries and not self._ending):
                    self._receive()
                elif self._ending or not (self._inline or self._effects):
                    try:
                        return self._end_or_suspend()
                    except SignalsMovedError:
                        self._must_read_signals = True
        finally:
            self._flights.revoke_all()

    # At the start: what earlier claims recorded

    def _begin(self) -> None:
        recorder = self._recorder
        if not recorder.marks:
            recorder.mark("run_started")
        elif recorder.marks[-1]["name"] == "run_waiting":
            recorder.mark("run_resumed")
        ended = [row for row in recorder.steps.values() if row.seq_finished is not None]
        for row in sorted(ended, key=lambda row: row.seq_finished or 0):
            if row.status == "failed" and self._plan.nodes[row.node].on_error == "stop":
                self._end(endings.step_failed(row.node, row.error or {}))
            elif row.status != "skipped":
                self._steps.note_ended(row)
                self._settle(row)
        if not self._ending:
            self._admit()

    def _admit(self) -> None:
        """Take what the scheduler lets start: new, waiting, or in flight when a worker died."""
        for activation in self._scheduler.ready():
            row = self._recorder.steps.get((activation.node, activation.iteration))
            if row is None or row.status == "pending":
                self._enqueue(activation)
            elif row.status == "waiting":
                self._waits.add(activation)
            else:
                self._after_death(activation, row)

    def _enqueue(self, activation: Activation) -> None:
        is_effect = self._plan.specs[activation.node].kind is Kind.EFFECT
        beside = is_effect and not self._plan.nodes[activation.node].disabled
        (self._effects if beside else self._inline).append(activation)

    def _after_death(self, activation: Activation, row: StepRow) -> None:
        """The attempt died with its worker: follow the node's `on_crash` (RUNS, 6-7)."""
        policy = self._plan.nodes[row.node].on_crash or self._plan.specs[row.node].on_crash
        lost = NodeError(WORKER_LOST, "The worker was lost while this step was running.")
        if deaths(row.attempts) + 1 >= MAX_DEATHS:
            poison = NodeError(WORKER_LOST, f"{MAX_DEATHS} workers were lost during this step.")
            self._recorder.fail(row, poison)
            self._end(endings.step_failed(row.node, poison.told()))
        elif policy == "fail":
            self._fail(activation, row, lost)
        elif policy == "ask":
            self._recorder.retrying(row, lost, None)
            self._wait(activation, row, "decision", None)
        else:
            self._recorder.retrying(row, lost, None)
            self._enqueue(activation)

    # Around the steps: messages, signals, time

    def _look_around(self) -> None:
        while (message := self._branches.receive(0)) is not None:
            self._take(message)
        if self._must_read_signals:
            self._read_signals()
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
        for key in [key for key, (due, _) in self._retries.items() if due <= now]:
            self._enqueue(self._retries.pop(key)[1])
        if self._waits:
            for activation in self._waits.take_due(self._clock.now()):
                self._resume(activation, None)

    def _receive(self) -> None:
        message = self._branches.receive(self._patience_s())
        if message is not None:
            self._take(message)

    def _patience_s(self) -> float:
        """Seconds until something must be done though nobody told of anything."""
        moments = [self._commit_due, *self._flights.deadlines()]
        times = [self._deadline] if self._deadline else []
        if not self._ending:
            moments += [due for due, _ in self._retries.values()]
            times += self._waits.untils()
        now, today = self._clock.monotonic(), self._clock.now()
        spans = [moment - now for moment in moments]
        spans += [(time - today).total_seconds() for time in times]
        return max(0.0, min(spans))

    def _take(self, message: Message) -> None:
        if isinstance(message, Poked):
            self._must_read_signals = True
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

    def _read_signals(self) -> None:
        self._signals_read, signals = self._journal.read_signals()
        self._must_read_signals = False
        for signal in signals:
            if self._recorder.consume(signal.id):
                self._answer(signal)

    def _answer(self, signal: Signal) -> None:
        """Let a signal take effect; one that answers nothing open is consumed all the same."""
        if signal.kind == "cancel":
            self._abort(endings.cancelled())
        elif signal.kind == "late":
            self._keep_late(signal)
        elif not self._ending:
            activation = self._waits.take_answered(signal)
            if activation is not None:
                self._resume(activation, signal)

    def _keep_late(self, signal: Signal) -> None:
        for row in self._recorder.steps.values():
            if row.id == signal.step and row.seq_finished is None and signal.attempt:
                self._recorder.late(row, min(signal.attempt, len(row.attempts)), signal.body)

    def _resume(self, activation: Activation, signal: Signal | None) -> None:
        """Go on with a step whose wait is over: the signal came (or None: the time)."""
        row = self._recorder.steps[activation.node, activation.iteration]
        if "ended_seq" not in row.attempts[-1]:
            self._recorder.resumed(row)
            call = self._steps.call(activation, row, signal.body if signal else None)
            self._conclude(activation, row, _tried(lambda: self._plan.specs[row.node].resume(call)))
        elif signal is None:
            self._retry(activation, row)
        else:
            self._decide(activation, row, read_decision(signal.body))

    def _decide(self, activation: Activation, row: StepRow, decision: Decision) -> None:
        if decision.choice == "run_again":
            self._retry(activation, row)
        elif decision.choice == "use":
            output = self._plan.main_output(row.node)
            self._conclude(activation, row, Done({output: list(decision.items)}))
        else:
            self._fail(activation, row, NodeError(WORKER_LOST, decision.reason))

    def _retry(self, activation: Activation, row: StepRow) -> None:
        self._recorder.queued(row)
        self._enqueue(activation)

    # Starting steps

    def _start_ready(self) -> None:
        """Start effects first, so that they run while pure nodes are computed here."""
        while not self._ending:
            self._launch_effects()
            if not self._inline or self._ending:
                return
            self._run_inline(self._inline.popleft())
            if self._recorder.buffered >= self._limits.commit_after_steps:
                self._commit()
            self._look_around()

    def _launch_effects(self) -> None:
        launched: list[tuple[Flight, Prepared]] = []
        while self._effects and len(self._flights) + len(launched) < self._limits.parallel_branches:
            activation = self._effects.popleft()
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
            self._branches.start(partial(_finished, prepared, flight.attempt))

    def _open(self, activation: Activation) -> StepRow:
        row = self._steps.open(activation)
        self._note_change()
        if self._is_suspect:
            self._commit()
        return row

    def _run_inline(self, activation: Activation) -> None:
        row = self._open(activation)
        if self._plan.nodes[row.node].disabled:
            passed_on = {self._plan.main_output(row.node): self._steps.passed_on(activation)}
            self._conclude(activation, row, Done(passed_on))
        elif activation.node == self._plan.start and not activation.sources:
            trigger_items = {self._plan.main_output(row.node): self._trigger_items}
            self._conclude(activation, row, Done(trigger_items))
        else:
            prepared = self._prepare(activation, row)
            if prepared is not None:
                outcome = _outcome(prepared, self._steps.attempt(row))
                self._take_what_it_said(row)
                self._conclude(activation, row, outcome)

    def _take_what_it_said(self, row: StepRow) -> None:
        while (message := self._branches.receive(0)) is not None:
            if isinstance(message, Logged) and message.key == (row.node, row.iteration):
                self._recorder.log(row, message.level, message.text)
            else:
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
            self._wait(activation, row, outcome.reason, outcome.until)
            return
        if isinstance(outcome, Done):
            try:
                given = self._steps.written(activation, outcome.outputs)
            except Exception as error:
                outcome = error
            else:
                self._steps.complete(activation, row, given)
                self._go_on_behind(row)
                return
        self._attempt_failed(activation, row, _known(outcome))

    def _wait(
        self, activation: Activation, row: StepRow, reason: str, until: datetime | None
    ) -> None:
        self._recorder.waiting(row, reason, until)
        self._waits.add(activation)

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
            due = self._clock.monotonic() + wait_s
            self._retries[row.node, row.iteration] = (due, activation)

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
        budget = self._plan.graph.settings.step_budget
        if len(self._recorder.steps) > budget:
            self._end(endings.budget_spent(budget))

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
            return self._finish(self._ending)
        if not self._waits:
            change = Change("completed", if_signals=self._signals_read)
            self._recorder.end("run_finished", change, status="completed", error=None)
            return "completed"
        wake_at = min(self._waits.untils(), default=None)
        row = self._waits.first()
        change = Change("waiting", wake_at=wake_at, if_signals=self._signals_read)
        self._recorder.end("run_waiting", change, step=str(row.id), node=row.node, **wait_of(row))
        return "waiting"

    def _finish(self, ending: Ending) -> str:
        for row in self._recorder.steps.values():
            if row.seq_finished is None:
                self._recorder.fail(row, ending.open_steps)
        change = Change(ending.status, error=ending.error)
        self._recorder.end("run_finished", change, status=ending.status, error=ending.error)
        return ending.status

    def _note_change(self) -> None:
        """What is buffered now must be durable soon."""
        if self._commit_due == float("inf"):
            self._commit_due = self._clock.monotonic() + self._limits.commit_after_s

    def _commit(self) -> None:
        self._recorder.commit()
        self._commit_due = float("inf")


def _finished(prepared: Prepared, attempt: RunningAttempt) -> Finished:
    return Finished(attempt.step, attempt.number, _outcome(prepared, attempt))


def _outcome(prepared: Prepared, attempt: RunningAttempt) -> Outcome | Exception:
    outcome = _tried(lambda: prepared.run(attempt))
    # Whatever the node made of the refusal, it says nothing of the step.
    return RevokedError() if attempt.lost_claim else outcome


def _tried(work: Callable[[], Outcome]) -> Outcome | Exception:
    try:
        return work()
    except Exception as error:
        return error


def _known(error: Exception) -> FlowForgeError:
    if isinstance(error, FlowForgeError):
        return error
    logger.error("a node failed unexpectedly", exc_info=error)
    return NodeError(
        "internal_error",
        f"The node failed unexpectedly ({type(error).__name__}).",
        hint="This is a fault of FlowForge; the server's log has the details.",
    )
