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

from apps.engine.attempts import Logged, RunningAttempt
from apps.engine.branches import Branches, Finished, Message, Poked
from apps.engine.decisions import Decision, read_decision
from apps.engine.errors import FlowForgeError, NodeError, RevokedError
from apps.engine.items import Items, Json
from apps.engine.journal import Change, Journal, Signal, SignalsMovedError, StepRow
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.engine.outputs import OutputStore
from apps.engine.plan import Plan
from apps.engine.ports import Clock, Prepared, RunInfo
from apps.engine.recorder import Key, Recorder, read_time
from apps.engine.retry import WORKER_LOST, retry_wait_s
from apps.engine.scheduler import Activation, Scheduler, Settled
from apps.engine.steps import Steps

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of RUNS ("Numbers") that concern one run."""

    commit_after_s: float = 0.05
    commit_after_steps: int = 1_000
    durable_retry_s: float = 5
    parallel_branches: int = 8
    step_output_bytes: int = 64 * 1024 * 1024


@dataclass(slots=True)
class Flight:
    """An effect's attempt on a branch."""

    activation: Activation
    row: StepRow
    attempt: RunningAttempt


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends otherwise than completed, and what is said of steps still open then."""

    status: str
    error: dict[str, Json] | None
    open_steps: FlowForgeError


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
        self._steps = Steps(
            plan,
            recorder,
            OutputStore(journal, recorder.steps),
            clock,
            info=info,
            tell=branches.post,
            check_claim=check_claim,
            max_output_bytes=limits.step_output_bytes,
        )
        self._inline: deque[Activation] = deque()
        self._effects: deque[Activation] = deque()
        self._flights: dict[Key, Flight] = {}
        self._waits: dict[Key, Activation] = {}
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
        except RevokedError:
            self._revoke_flights()
            raise

    # At the start: what earlier claims recorded

    def _begin(self) -> None:
        recorder = self._recorder
        if not recorder.marks:
            recorder.mark("run_started")
        elif recorder.marks[-1]["name"] == "run_waiting":
            recorder.mark("run_resumed")
        ended = [row for row in recorder.steps.values() if row.seq_finished is not None]
        for row in sorted(ended, key=lambda row: row.seq_finished or 0):
            if row.status != "skipped":
                self._steps.note_ended(row)
                self._settle(row)
        self._admit()

    def _admit(self) -> None:
        """Take what the scheduler lets start: new, waiting, or in flight when a worker died."""
        for activation in self._scheduler.ready():
            key = (activation.node, activation.iteration)
            row = self._recorder.steps.get(key)
            if row is None:
                self._enqueue(activation)
            elif row.status == "waiting":
                self._waits[key] = activation
            else:
                self._after_death(activation, row)

    def _enqueue(self, activation: Activation) -> None:
        is_effect = self._plan.specs[activation.node].kind is Kind.EFFECT
        beside = is_effect and not self._plan.nodes[activation.node].disabled
        (self._effects if beside else self._inline).append(activation)

    def _after_death(self, activation: Activation, row: StepRow) -> None:
        """The attempt died with its worker: follow the node's `on_crash` (RUNS, 6)."""
        policy = self._plan.nodes[row.node].on_crash or self._plan.specs[row.node].on_crash
        lost = NodeError(WORKER_LOST, "The worker was lost while this step was running.")
        if policy == "fail":
            self._fail(activation, row, lost)
            return
        self._recorder.retrying(row, lost, None)
        if policy == "ask":
            self._wait(activation, row, "decision", None)
        else:
            self._enqueue(activation)

    # Around the steps: messages, signals, time

    def _look_around(self) -> None:
        while (message := self._branches.receive(0)) is not None:
            self._take(message)
        if self._must_read_signals:
            self._read_signals()
        now = self._clock.monotonic()
        if self._deadline is not None and self._clock.now() >= self._deadline:
            late = NodeError("deadline", "The run took longer than it may.")
            self._abort(Ending("failed", _told(late), late))
        for flight in [f for f in self._flights.values() if f.attempt.deadline <= now]:
            self._time_out(flight)
        for key in [key for key, (due, _) in self._retries.items() if due <= now]:
            self._enqueue(self._retries.pop(key)[1])
        if self._waits:
            self._wake_due()
        if now >= self._commit_due:
            self._commit()

    def _receive(self) -> None:
        message = self._branches.receive(self._patience_s())
        if message is not None:
            self._take(message)

    def _patience_s(self) -> float:
        """Seconds until something must be done though nobody told of anything."""
        now = self._clock.monotonic()
        moments = [flight.attempt.deadline - now for flight in self._flights.values()]
        moments += [due - now for due, _ in self._retries.values()]
        moments.append(self._commit_due - now)
        untils = [self._deadline, *(self._until(key) for key in self._waits)]
        moments += [(until - self._clock.now()).total_seconds() for until in untils if until]
        return max(0.0, min(moments))

    def _take(self, message: Message) -> None:
        if isinstance(message, Poked):
            self._must_read_signals = True
            return
        flight = self._flights.get(message.key)
        if flight is None or flight.attempt.number != message.attempt:
            return  # of an attempt that was revoked: it no longer counts
        if isinstance(message, Logged):
            self._recorder.log(flight.row, message.level, message.text)
            self._note_change()
        else:
            del self._flights[message.key]
            self._conclude(flight.activation, flight.row, message.outcome)
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
            by_whom = NodeError("cancelled", "The run was cancelled.")
            self._abort(Ending("cancelled", None, by_whom))
            return
        for key, activation in list(self._waits.items()):
            row = self._recorder.steps[key]
            if row.id == signal.step and signal.attempt in (None, len(row.attempts)):
                del self._waits[key]
                self._resume(activation, row, signal)

    def _wake_due(self) -> None:
        now = self._clock.now()
        for key, activation in list(self._waits.items()):
            until = self._until(key)
            if until is not None and until <= now:
                del self._waits[key]
                self._resume(activation, self._recorder.steps[key], None)

    def _until(self, key: Key) -> datetime | None:
        until = self._recorder.steps[key].attempts[-1]["wait"]["until"]
        return until and read_time(until)

    def _resume(self, activation: Activation, row: StepRow, signal: Signal | None) -> None:
        reason = row.attempts[-1]["wait"]["for"]
        if reason == "retry":
            self._enqueue(activation)
        elif reason == "decision":
            assert signal is not None
            self._decide(activation, row, read_decision(signal.body))
        else:
            self._recorder.resumed(row)
            spec = self._plan.specs[row.node]
            call = self._steps.call(activation, row, signal.body if signal else None)
            self._conclude(activation, row, _tried(lambda: spec.resume(call)))

    def _decide(self, activation: Activation, row: StepRow, decision: Decision) -> None:
        if decision.choice == "run_again":
            self._enqueue(activation)
        elif decision.choice == "use":
            self._conclude(activation, row, Done({"main": list(decision.items)}))
        else:
            self._fail(activation, row, NodeError(WORKER_LOST, decision.reason))

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
        launched: list[tuple[Prepared, RunningAttempt, Key]] = []
        while self._effects and len(self._flights) < self._limits.parallel_branches:
            activation = self._effects.popleft()
            row = self._steps.open(activation)
            prepared = self._prepare(activation, row)
            if prepared is not None:
                key = (row.node, row.iteration)
                attempt = self._steps.attempt(row)
                self._flights[key] = Flight(activation, row, attempt)
                launched.append((prepared, attempt, key))
        if launched:
            self._commit()  # the barrier: no effect starts before all it depends on is durable
        for prepared, attempt, key in launched:
            self._branches.start(lambda p=prepared, a=attempt, k=key: _finished(p, a, k))  # type: ignore[misc]

    def _run_inline(self, activation: Activation) -> None:
        row = self._steps.open(activation)
        self._note_change()
        if self._is_suspect:
            self._commit()
        if self._plan.nodes[row.node].disabled:
            inputs = next(iter(self._steps.inputs(activation).values()), [])
            outcome: Outcome | Exception = Done({self._plan.outputs[row.node][0]: inputs})
        elif activation.node == self._plan.start and not activation.sources:
            outcome = Done({self._plan.outputs[row.node][0]: self._trigger_items})
        else:
            prepared = self._prepare(activation, row)
            if prepared is None:
                return
            attempt = self._steps.attempt(row)
            outcome = _tried(lambda: prepared.run(attempt))
            while (message := self._branches.receive(0)) is not None:
                if isinstance(message, Logged) and message.key == (row.node, row.iteration):
                    self._recorder.log(row, message.level, message.text)
                else:
                    self._take(message)
        self._conclude(activation, row, outcome)

    def _prepare(self, activation: Activation, row: StepRow) -> Prepared | None:
        try:
            return self._plan.specs[row.node].prepare(self._steps.call(activation, row))
        except Exception as error:
            self._conclude(activation, row, error)
            return None

    # Ending steps

    def _conclude(self, activation: Activation, row: StepRow, outcome: Outcome | Exception) -> None:
        self._note_change()
        if isinstance(outcome, Wait):
            self._wait(activation, row, outcome.reason, outcome.until)
            return
        if isinstance(outcome, Done):
            try:
                self._steps.complete(activation, row, outcome.outputs)
            except FlowForgeError as error:
                outcome = error
            else:
                self._settle(row)
                self._admit()
                return
        self._attempt_failed(activation, row, _known(outcome))

    def _wait(
        self, activation: Activation, row: StepRow, reason: str, until: datetime | None
    ) -> None:
        self._recorder.waiting(row, reason, until)
        self._waits[row.node, row.iteration] = activation

    def _time_out(self, flight: Flight) -> None:
        flight.attempt.revoke()
        del self._flights[flight.row.node, flight.row.iteration]
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
            self._waits[row.node, row.iteration] = activation
        else:
            self._recorder.retrying(row, error, None)
            due = self._clock.monotonic() + wait_s
            self._retries[row.node, row.iteration] = (due, activation)

    def _fail(self, activation: Activation, row: StepRow, error: FlowForgeError) -> None:
        """The step has failed for good: end the run, or go on with the error as data."""
        if self._plan.nodes[row.node].on_error == "stop":
            self._recorder.fail(row, error)
            if self._ending is None:
                sibling = NodeError("sibling_failed", "Another step of the run failed.")
                node = self._plan.nodes[row.node]
                self._ending = Ending("failed", {**_told(error), "node": node.id}, sibling)
            return
        self._steps.fail_with_data(activation, row, error)
        self._settle(row)
        self._admit()

    def _settle(self, row: StepRow) -> None:
        for skipped in self._scheduler.settle(Settled(row.node, row.iteration, row.output_counts)):
            self._recorder.skip(skipped)
        budget = self._plan.graph.settings.step_budget
        if len(self._recorder.steps) > budget and self._ending is None:
            spent = NodeError(
                "step_budget",
                f"The run made more than {budget:,} steps.",
                hint="Look for a cycle without an end, or raise the workflow's step budget.",
            )
            self._ending = Ending("failed", _told(spent), spent)

    # Ending the run

    def _abort(self, ending: Ending) -> None:
        """End the run now: what is in flight is taken back."""
        self._revoke_flights()
        self._ending = ending

    def _revoke_flights(self) -> None:
        for flight in self._flights.values():
            flight.attempt.revoke()
        self._flights.clear()

    def _end_or_suspend(self) -> str:
        """Leave `running`. Raises SignalsMovedError when something arrived in the meantime."""
        ending = self._ending
        if ending is not None:
            for row in self._recorder.steps.values():
                if row.seq_finished is None:
                    self._recorder.fail(row, ending.open_steps)
            change = Change(ending.status, error=ending.error)
            self._recorder.end("run_finished", change, status=ending.status, error=ending.error)
            return ending.status
        if self._waits:
            untils = [until for key in self._waits if (until := self._until(key)) is not None]
            wake_at = min(untils, default=None)
            first = min(self._waits, key=lambda key: (self._until(key) != wake_at, key))
            row = self._recorder.steps[first]
            change = Change("waiting", wake_at=wake_at, if_signals=self._signals_read)
            wait = row.attempts[-1]["wait"]
            self._recorder.end("run_waiting", change, step=str(row.id), node=row.node, **wait)
            return "waiting"
        change = Change("completed", if_signals=self._signals_read)
        self._recorder.end("run_finished", change, status="completed", error=None)
        return "completed"

    def _note_change(self) -> None:
        """What is buffered now must be durable soon."""
        if self._commit_due == float("inf"):
            self._commit_due = self._clock.monotonic() + self._limits.commit_after_s

    def _commit(self) -> None:
        self._recorder.commit()
        self._commit_due = float("inf")


def _finished(prepared: Prepared, attempt: RunningAttempt, key: Key) -> Finished:
    return Finished(key, attempt.number, _tried(lambda: prepared.run(attempt)))


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


def _told(error: FlowForgeError) -> dict[str, Json]:
    return {"code": error.code, "message": error.message, "hint": error.hint}
