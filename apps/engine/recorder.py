"""Numbers what happens in a run and buffers it until the next commit.

One recorder per claim, on the run's own thread: numbering and buffering are one critical section,
so the sequence has no gap whatever is killed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from apps.engine.errors import FlowForgeError
from apps.engine.events import write_time
from apps.engine.items import Json
from apps.engine.journal import Batch, Change, Journal, Signal, SignalsMovedError, StepRow
from apps.engine.kept import KeptBytes
from apps.engine.outcomes import Write
from apps.engine.retry import losses
from apps.engine.scheduler import Activation, Settled

Key = tuple[str, int]
"""A step in its run: node id and iteration."""

MAX_LOG_LINES = 1_000
MAX_LOG_TEXT = 10_000


class Recorder:
    def __init__(
        self,
        journal: Journal,
        *,
        seq: int,
        marks: list[dict[str, Json]],
        steps: Mapping[Key, StepRow],
        worker: str,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID],
        output_bytes: int = 0,
    ) -> None:
        self.kept = KeptBytes(output_bytes)
        self.steps = dict(steps)
        self.marks = marks
        self._journal = journal
        self._seq = self._committed_seq = seq
        self._worker = worker
        self._now = now
        self._new_id = new_id
        self._changed: dict[Key, StepRow] = {}
        self._marked = False
        self._consumed: list[UUID] = []
        self._writes: list[tuple[UUID, Write]] = []
        self._stopped: list[UUID] = []
        self._hurt = {key for key, row in self.steps.items() if _lost_a_worker(row)}
        """The open steps during which a worker was lost."""

    @property
    def buffered(self) -> int:
        """How many steps wait for the next commit."""
        return len(self._changed)

    @property
    def is_clean(self) -> bool:
        return self._seq == self._committed_seq

    def begin(self) -> None:
        """Record that the run begins, or goes on after it had suspended."""
        if not self.marks:
            self.mark("run_started")
        elif self.marks[-1]["name"] == "run_waiting":
            self.mark("run_resumed")

    def take_back_resumption(self) -> None:
        """Say not that the run goes on, where nothing more of it is recorded than its end."""
        last = self.marks[-1]
        if last["name"] == "run_resumed" and last["seq"] == self._seq == self._committed_seq + 1:
            self._take_back_mark()

    def ended(self) -> list[StepRow]:
        """The steps that have ended, in the order in which they did."""
        ended = [row for row in self.steps.values() if row.seq_finished is not None]
        return sorted(ended, key=lambda row: row.seq_finished or 0)

    def last_ends(self, nodes: Collection[str]) -> list[Settled]:
        """How each of these nodes ended last."""
        last = {row.node: row for row in self.ended() if row.node in nodes}
        return [Settled(row.node, row.iteration, row.output_counts) for row in last.values()]

    def mark(self, name: str, **data: Json) -> None:
        """Record a run-level event."""
        self.marks.append(
            {"seq": self._next(), "name": name, "at": write_time(self._now()), **data}
        )
        self._marked = True

    def start(self, activation: Activation, input: bytes | None) -> StepRow:
        """Record the start of a step's first attempt."""
        row = StepRow(
            id=self._new_id(),
            node=activation.node,
            iteration=activation.iteration,
            status="running",
            sources=activation.sources,
            input=input,
            seq_started=0,
            seq=0,
            started_at=self._now(),
        )
        self.steps[row.node, row.iteration] = row
        self.start_attempt(row)
        row.seq_started = row.seq
        return row

    def start_attempt(self, row: StepRow) -> None:
        """Record the start of an attempt of a step (the first, or another one)."""
        row.status = "running"
        self._touch(row)
        attempt = len(row.attempts) + 1
        row.attempts.append(
            {"n": attempt, "seq": row.seq, "at": write_time(self._now()), "worker": self._worker}
        )
        row.retry_count = attempt - 1

    def retrying(self, row: StepRow, error: FlowForgeError, until: datetime | None) -> None:
        """Record that the open attempt failed and another will be made, at `until` if later."""
        self._touch(row)
        row.status = "pending"
        row.attempts[-1] |= {
            "error": error.told(),
            "ended_seq": row.seq,
            "ended_at": write_time(self._now()),
        }
        if until is not None:
            row.status = "waiting"
            row.attempts[-1]["wait"] = {"for": "retry", "until": write_time(until)}

    def waiting(
        self,
        row: StepRow,
        reason: str,
        until: datetime | None,
        asks: Mapping[str, Json] | None = None,
    ) -> None:
        """Record that the step waits; the event is the run's, when all of it waits."""
        row.status = "waiting"
        wait = {"for": reason, "until": until and write_time(until)}
        row.attempts[-1]["wait"] = {**wait, "asks": asks} if asks else wait
        self._changed[row.node, row.iteration] = row

    def resumed(self, row: StepRow) -> None:
        """Record that the step's attempt goes on."""
        self._waits_no_more(row, "running")

    def queued(self, row: StepRow) -> None:
        """Record that the step waits no more, and that another attempt is to be made of it."""
        self._waits_no_more(row, "pending")

    def keep_late(self, signal: Signal) -> None:
        """Keep what came of an attempt after its claim was lost, while its step is open."""
        for row in self.steps.values():
            if row.id == signal.step and row.seq_finished is None and row.attempts:
                attempt = min(signal.attempt or 1, len(row.attempts))
                row.attempts[attempt - 1]["late"] = dict(signal.body)
                self._changed[row.node, row.iteration] = row

    def log(self, row: StepRow, level: str, text: str) -> None:
        """Record a line of the step's log; past the cap one last line says so."""
        if len(row.log) > MAX_LOG_LINES:
            return
        if len(row.log) == MAX_LOG_LINES:
            level, text = "warn", f"The log is cut here: it has more than {MAX_LOG_LINES} lines."
        if len(text) > MAX_LOG_TEXT:
            text = f"{text[:MAX_LOG_TEXT]}… (cut: {len(text)} characters)"
        self._touch(row)
        row.log.append(
            {"seq": row.seq, "at": write_time(self._now()), "level": level, "text": text}
        )

    def complete(self, row: StepRow, output: bytes, counts: Mapping[str, int]) -> None:
        row.status = "completed"
        self._keep_output(row, output)
        row.output_counts = dict(counts)
        self._finish(row)

    def fail(
        self,
        row: StepRow,
        error: FlowForgeError,
        output: bytes | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Record a step's failure; with an output where the run goes on with the error as data."""
        row.status = "failed"
        row.error = error.told()
        if output is not None:
            self._keep_output(row, output)
        row.output_counts = dict(counts or {})
        self._finish(row)

    def stop(self, row: StepRow, error: FlowForgeError) -> None:
        """Record that the step, which is open, ends with its run."""
        self.fail(row, error)
        self._stopped.append(row.id)

    def skip(self, activation: Activation) -> None:
        key = (activation.node, activation.iteration)
        if key in self.steps:
            return
        row = StepRow(
            id=self._new_id(),
            node=activation.node,
            iteration=activation.iteration,
            status="skipped",
            sources={},
            seq_started=0,
            seq=0,
            started_at=self._now(),
        )
        self.steps[key] = row
        self._finish(row)
        row.seq_started = row.seq

    def write(self, row: StepRow, writes: Iterable[Write]) -> None:
        """Have these written with the step's end, or its waiting, which is recorded just now."""
        self._writes.extend((row.id, write) for write in writes)

    def consume(self, signal: UUID) -> bool:
        """Note that the signal's effect goes into the next batch; False if it was noted before."""
        if signal in self._consumed:
            return False
        self._consumed.append(signal)
        return True

    def unrecorded_results(self) -> list[StepRow]:
        """The completed steps whose last attempt is durable and whose end is not."""
        return [
            row
            for row in self._changed.values()
            if row.status == "completed" and row.attempts[-1]["seq"] <= self._committed_seq
        ]

    def commit(self) -> None:
        """Make all that is buffered durable. Raises RevokedError."""
        if not self.is_clean:
            self._journal.commit(self._batch(None))
            self._forget()

    def end(self, mark: str, change: Change, **data: Json) -> None:
        """Commit everything and leave the status `running`, with one last mark.

        Raises SignalsMovedError, with the mark taken back, and RevokedError.
        """
        self.mark(mark, **data)
        try:
            self._journal.commit(self._batch(change))
        except SignalsMovedError:
            self._take_back_mark()
            raise
        self._forget()

    def _take_back_mark(self) -> None:
        self.marks.pop()
        self._seq -= 1

    def _batch(self, change: Change | None) -> Batch:
        has_ended = any(row.seq_finished is not None for row in self._changed.values())
        return Batch(
            seq_before=self._committed_seq,
            seq=self._seq,
            steps=tuple(self._changed.values()),
            marks=tuple(self.marks) if self._marked else None,
            consumed=tuple(self._consumed),
            change=change,
            output_bytes=self.kept.count,
            writes=tuple(self._writes),
            stopped=tuple(self._stopped),
            forgives_deaths=has_ended and not self._hurt,
        )

    def _forget(self) -> None:
        for row in self._changed.values():
            # Durable now; what is needed again is read back (`Journal.read_output`).
            row.input = row.output = None
            if row.seq_finished is not None:
                row.attempts, row.log = [], []
        self._changed = {}
        self._marked = False
        self._consumed = []
        self._writes = []
        self._committed_seq = self._seq

    def _keep_output(self, row: StepRow, output: bytes) -> None:
        row.output = output
        self.kept.add(len(output))

    def _finish(self, row: StepRow) -> None:
        self._touch(row)
        row.seq_finished = row.seq
        row.finished_at = self._now()
        if row.attempts:
            row.attempts[-1].pop("wait", None)
        self._hurt.discard((row.node, row.iteration))

    def _waits_no_more(self, row: StepRow, status: str) -> None:
        row.status = status
        row.attempts[-1].pop("wait", None)
        self._changed[row.node, row.iteration] = row

    def _touch(self, row: StepRow) -> None:
        row.seq = self._next()
        self._changed[row.node, row.iteration] = row

    def _next(self) -> int:
        self._seq += 1
        return self._seq


def _lost_a_worker(row: StepRow) -> bool:
    """Whether it has lost one before, or was in flight when the last claim was lost."""
    return row.seq_finished is None and (row.status == "running" or losses(row.attempts) > 0)


def read_time(written: str) -> datetime:
    """A moment as rows and events bear it."""
    return datetime.fromisoformat(written)
