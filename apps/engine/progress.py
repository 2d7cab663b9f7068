"""How a run goes on: what its ended steps let start, what is tried again, and what ends it."""

from collections.abc import Callable
from datetime import timedelta

from apps.engine import endings
from apps.engine.encoding import decode, encode
from apps.engine.endings import Ending
from apps.engine.errors import FlowForgeError, NodeError
from apps.engine.journal import StepRow
from apps.engine.limits import Limits
from apps.engine.masking import Masker
from apps.engine.outcomes import Done, Outcome, Wait
from apps.engine.plan import Plan
from apps.engine.ports import Clock
from apps.engine.ready import ReadySteps
from apps.engine.recorder import Recorder
from apps.engine.retry import WORKER_LOST, Retries, retry_wait_s
from apps.engine.scheduler import Activation, Scheduler, Settled
from apps.engine.steps import Steps
from apps.engine.trying import as_known
from apps.engine.waits import Waits


class Progress:
    """Decides how one run goes on, and records it. Starts nothing itself."""

    def __init__(
        self,
        plan: Plan,
        scheduler: Scheduler,
        recorder: Recorder,
        steps: Steps,
        clock: Clock,
        *,
        random: Callable[[], float],
        limits: Limits,
        masker: Masker,
    ) -> None:
        self.ready = ReadySteps(steps)
        self.waits = Waits(recorder.steps)
        self.retries = Retries()
        self.ending: Ending | None = None
        """How the run ends, once that is decided: then nothing more begins."""
        self._plan = plan
        self._scheduler = scheduler
        self._recorder = recorder
        self._steps = steps
        self._clock = clock
        self._random = random
        self._limits = limits
        self._masker = masker

    def restore(self) -> None:
        """Go on behind what earlier claims recorded."""
        for row in self._recorder.ended():
            if row.status == "failed" and self._plan.nodes[row.node].on_error == "stop":
                self.end(endings.step_failed(row.node, row.error or {}))
            elif row.status != "skipped":
                self._steps.note_ended(row)
                if row.node not in self._plan.given:
                    self._settle(row)
        self._admit()

    def conclude(self, activation: Activation, row: StepRow, outcome: Outcome | Exception) -> None:
        """Record what came of an attempt, and go on from there."""
        if isinstance(outcome, Wait):
            asks = outcome.asks and decode(self._masker.json(encode(outcome.asks)))
            self._recorder.waiting(row, outcome.reason, outcome.until, asks)
            self._recorder.write(row, outcome.writes)
            self.waits.add(activation)
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

    def end(self, ending: Ending) -> None:
        """Begin nothing more; once what is in flight has come back, the run ends so."""
        self.ending = self.ending or ending

    def _admit(self) -> None:
        """Take what the scheduler lets start: new, waiting, or in flight when a worker died."""
        if self.ending:
            return
        for activation in self._scheduler.ready():
            row = self._recorder.steps.get((activation.node, activation.iteration))
            if row is None or row.status == "pending":
                self.ready.add(activation)
            elif row.status == "waiting":
                self.waits.add(activation)
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
            self.waits.add(activation)
        else:
            self._recorder.retrying(row, lost, None)
            self.ready.add(activation)

    def _attempt_failed(self, activation: Activation, row: StepRow, error: FlowForgeError) -> None:
        retry = self._plan.nodes[row.node].retry
        wait_s = retry_wait_s(retry, error, row.attempts, self._random)
        if wait_s is None or self.ending:
            self._fail(activation, row, error)
        elif wait_s > self._limits.durable_retry_s:
            self._recorder.retrying(row, error, self._clock.now() + timedelta(seconds=wait_s))
            self.waits.add(activation)
        else:
            self._recorder.retrying(row, error, None)
            self.retries.add(self._clock.monotonic() + wait_s, activation)

    def _fail(self, activation: Activation, row: StepRow, error: FlowForgeError) -> None:
        """The step has failed for good: end the run, or go on with the error as data."""
        if self._plan.nodes[row.node].on_error == "stop":
            self._recorder.fail(row, error)
            self.end(endings.step_failed(row.node, error.told()))
        else:
            self._steps.fail_with_data(activation, row, error)
            self._go_on_behind(row)

    def _go_on_behind(self, row: StepRow) -> None:
        self._settle(row)
        self._admit()

    def _settle(self, row: StepRow) -> None:
        for skipped in self._scheduler.settle(Settled(row.node, row.iteration, row.output_counts)):
            self._recorder.skip(skipped)
        if len(self._recorder.steps) > (budget := self._plan.graph.settings.step_budget):
            self.end(endings.budget_spent(budget))
        if (count := self._recorder.kept.count) > (most := self._limits.run_output_bytes):
            self.end(endings.keeps_too_much(count, most))
