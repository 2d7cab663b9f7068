"""One step at a time: its input joined, its call made, its output written. No flow of control."""

from collections.abc import Callable, Mapping

from apps.engine.attempts import Logged, RunningAttempt
from apps.engine.encoding import decode, encode
from apps.engine.errors import FlowForgeError, NodeError
from apps.engine.graph import ERROR_OUTPUT, LOOP_OUTPUT
from apps.engine.items import (
    Item,
    Items,
    Json,
    Outputs,
    Paired,
    paired_items,
    read_outputs,
    write_outputs,
)
from apps.engine.journal import StepRow
from apps.engine.lineage import RunHistory
from apps.engine.masking import Masker
from apps.engine.outcomes import Kind, LoopBatch
from apps.engine.outputs import OutputStore
from apps.engine.plan import RETURNED_INPUT, Plan
from apps.engine.ports import Clock, RunInfo, StepCall
from apps.engine.recorder import Recorder
from apps.engine.retry import retries_left
from apps.engine.scheduler import Activation
from apps.engine.stored import Written, stored_form


class Steps:
    """Opens and closes the rows of one run's steps."""

    def __init__(
        self,
        plan: Plan,
        recorder: Recorder,
        outputs: OutputStore,
        clock: Clock,
        *,
        info: RunInfo,
        trigger_items: Items,
        use_pins: bool,
        tell: Callable[[Logged], None],
        check_claim: Callable[[], None],
        max_output_bytes: int,
        masker: Masker,
    ) -> None:
        self._plan = plan
        self._recorder = recorder
        self._outputs = outputs
        self._clock = clock
        self._info = info
        self._trigger_items = trigger_items
        self._use_pins = use_pins
        self._tell = tell
        self._check_claim = check_claim
        self._max_output_bytes = max_output_bytes
        self._masker = masker
        # Expressions may ask of every node of the graph whether it has run.
        self._by_name = {node.name: node for node in plan.graph.nodes}
        self._ended: dict[str, list[int]] = {}

    def open(self, activation: Activation) -> StepRow:
        """Record the start of the step, or of another attempt of it."""
        row = self._recorder.steps.get((activation.node, activation.iteration))
        if row is None:
            row = self._recorder.start(activation, self._stored_input(activation))
        else:
            self._recorder.start_attempt(row)
        if self._is_pinned(row.node):
            row.attempts[-1]["pinned"] = True
        return row

    def is_effect(self, node: str) -> bool:
        """Whether the node touches the outside in this run."""
        is_effect = self._plan.specs[node].kind is Kind.EFFECT
        return is_effect and not self._plan.nodes[node].disabled and not self._is_pinned(node)

    def given_without_code(self, activation: Activation) -> Outputs | None:
        """What the step gives where the code of its type has no part in it; else None."""
        node = self._plan.nodes[activation.node]
        if node.disabled:
            return self._plan.by_main_output(node.id, self.passed_on(activation))
        if node.pinned is not None and self._use_pins:
            return read_outputs(node.pinned)
        if node.id == self._plan.start and not activation.sources:
            return self._plan.by_main_output(node.id, self._trigger_items)
        return None

    def _is_pinned(self, node: str) -> bool:
        return self._use_pins and self._plan.nodes[node].pinned is not None

    def attempt(self, row: StepRow) -> RunningAttempt:
        return RunningAttempt(
            self._info.id,
            (row.node, row.iteration),
            len(row.attempts),
            timeout_s=self._plan.nodes[row.node].timeout_s,
            clock=self._clock,
            tell=self._tell,
            check_claim=self._check_claim,
            masker=self._masker,
            keep=self._recorder.kept.take,
        )

    def call(
        self, activation: Activation, row: StepRow, signal: Mapping[str, Json] | None = None
    ) -> StepCall:
        node = self._plan.nodes[row.node]
        inputs = self.inputs(activation)
        if node.run_once:
            inputs = {name: items[:1] for name, items in inputs.items()}
        return StepCall(
            run=self._info,
            node=node,
            step=row.id,
            iteration=row.iteration,
            attempt=len(row.attempts),
            inputs=inputs,
            history=RunHistory(
                self._plan,
                activation,
                self._recorder.steps,
                self._ended,
                self._outputs,
                self._by_name,
            ),
            now=self._clock.now(),
            retries_left=retries_left(node.retry, row.attempts),
            batch=self._batch(activation),
            signal=signal,
        )

    def inputs(self, activation: Activation) -> dict[str, Items]:
        names = self._plan.inputs[activation.node]
        return self._outputs.inputs(names, activation.sources)

    def complete(
        self, activation: Activation, row: StepRow, given: Written, error: FlowForgeError | None
    ) -> None:
        """Record what the step gave, and the error with which it failed all the same."""
        written, stored = given
        if activation.course is not None and not stored.get(LOOP_OUTPUT):
            row.sources = {**row.sources, RETURNED_INPUT: tuple(activation.course.returned)}
        counts = {name: len(items) for name, items in stored.items()}
        if error is None:
            self._recorder.complete(row, written, counts)
        else:
            self._recorder.fail(row, error, written, counts)
        self._end(row, stored, len(written))

    def fail_with_data(self, activation: Activation, row: StepRow, error: FlowForgeError) -> None:
        """Record a failure after which the run goes on: the input items, each with the error."""
        items = [item.with_error(error) for item in self.passed_on(activation)]
        alone = [Item({}).with_error(error)]
        try:
            written, stored = self.written(activation, self._errors(row, items or alone))
        except NodeError:  # too large beside the input
            written, stored = self.written(activation, self._errors(row, alone))
        counts = {name: len(items) for name, items in stored.items()}
        self._recorder.fail(row, error, written, counts)
        self._end(row, stored, len(written))

    def _errors(self, row: StepRow, items: Items) -> Outputs:
        if self._plan.nodes[row.node].on_error == "route":
            return {ERROR_OUTPUT: items}
        return self._plan.by_main_output(row.node, items)

    def passed_on(self, activation: Activation) -> Items:
        """The items of the first input, as a node gives them that does nothing with them."""
        taken = next(iter(self.inputs(activation).values()), [])
        if self._plan.nodes[activation.node].run_once:
            taken = taken[:1]
        return paired_items(taken)

    def note_ended(self, row: StepRow) -> None:
        """Make an ended step known to the expressions of later ones (also while restoring)."""
        self._ended.setdefault(row.node, []).append(row.iteration)

    def _end(self, row: StepRow, outputs: Outputs, size: int) -> None:
        self._outputs.keep((row.node, row.iteration), outputs, size)
        self.note_ended(row)

    def _stored_input(self, activation: Activation) -> bytes | None:
        """What the step takes, where that is not simply what one source gave."""
        sources = activation.sources
        if activation.course or sum(len(each) for each in sources.values()) <= 1:
            return None
        return encode(write_outputs(self.inputs(activation)))

    def _batch(self, activation: Activation) -> LoopBatch | None:
        course = activation.course
        if course is None:
            return None
        return LoopBatch(
            items=self._outputs.joined(course.given),
            position=course.taken,
            collect=lambda: self._outputs.joined(tuple(course.returned)),
        )

    def written(self, activation: Activation, outputs: Outputs) -> Written:
        """Put outputs into stored form. Raises NodeError where they are too large.

        What else it raises is the fault of the node that gave no items.
        """
        node = self._plan.nodes[activation.node]
        outputs = self._paired(activation, outputs)
        if node.always_output and not any(outputs.values()):
            outputs = self._plan.by_main_output(node.id, [Item({})])
        written, stored = stored_form(outputs, self._max_output_bytes)
        masked = self._masker.json(written)
        if masked is written:
            return written, stored
        # Each output keeps its name.
        hidden = dict(zip(outputs, decode(masked).values(), strict=True))
        return stored_form(read_outputs(hidden), self._max_output_bytes)

    def _paired(self, activation: Activation, outputs: Outputs) -> Outputs:
        """Fill in lineage where the node left it out and it is unambiguous."""
        sizes = [
            sum(
                self._recorder.steps[source.node, source.iteration].output_counts.get(
                    source.output, 0
                )
                for source in sources
            )
            for sources in activation.sources.values()
        ]
        if len(sizes) != 1:
            return outputs
        taken = min(sizes[0], 1) if self._plan.nodes[activation.node].run_once else sizes[0]
        return {name: _pair_up(items, taken) for name, items in outputs.items()}


def _pair_up(items: Items, count: int) -> Items:
    if not items or items[0].paired is not None:
        return items
    if count == 1:
        return [Item(item.json, item.binary, (Paired(0),)) for item in items]
    if count == len(items):
        return paired_items(items)
    return items
