"""What `claim_and_journal` is about: the database, two workers, and what is on the way."""

from typing import NamedTuple


class Event(NamedTuple):
    """A number and what it says; `E start 1` is the row `running` of the effect's first attempt."""

    seq: int
    text: str


class Batch(NamedTuple):
    """One journal transaction: UPDATE ... WHERE fence AND running AND seq = old, and its events."""

    fence: int
    old: int
    events: tuple[Event, ...]

    @property
    def new(self) -> int:
        return self.events[-1].seq

    @property
    def status(self) -> str:
        last = self.events[-1].text
        return last.removeprefix("run ") if last.startswith("run ") else "running"


class Run(NamedTuple):
    """The database's row, and the events that its steps tell."""

    status: str = "pending"
    owner: tuple[int, int] | None = None  # which worker, and which of its lives
    fence: int = 0
    seq: int = 0
    log: tuple[Event | None, ...] = ()
    decision: str = ""


class Mind(NamedTuple):
    """What the executing worker has in memory."""

    fence: int
    seq: int  # the last number it knows to be committed
    buffer: tuple[Event, ...] = ()
    in_doubt: int = 0  # how many of the buffer were sent without an answer
    drawn: tuple[Event, ...] = ()  # numbered and not yet buffered: only when numbering is broken
    effect: str = "to start"  # to start, starting, started, asking, ended
    attempt: int = 0
    pure_ended: bool = False

    @property
    def is_ending(self) -> bool:
        return any(event.text.startswith("run ") for event in (*self.buffer, *self.drawn))


class Orphan(NamedTuple):
    """What a sweep has seen before it acts: the run's fence and its owner's beat."""

    fence: int
    beat: int


class Worker(NamedTuple):
    life: int = 0  # a new process is a new worker: identities are never reused
    is_silent: bool = False  # its last confirmed heartbeat is older than half the limit
    beat: int = 0  # moves when it is heard again after a silence
    mind: Mind | None = None
    orphan: Orphan | None = None


class State(NamedTuple):
    crashes_left: int
    silences_left: int
    answers_left: int
    run: Run = Run()
    workers: tuple[Worker, Worker] = (Worker(), Worker())
    late: Batch | None = None  # given up by its sender, still on the way to the database
    starts: int = 0
    allowed: int = 1  # starts that the failures so far excuse

    def with_worker(self, who: int, worker: Worker) -> "State":
        pair = (worker, self.workers[1]) if who == 0 else (self.workers[0], worker)
        return self._replace(workers=pair)

    def with_mind(self, who: int, mind: Mind | None) -> "State":
        return self.with_worker(who, self.workers[who]._replace(mind=mind))


def texts_of(run: Run) -> list[str]:
    return [event.text for event in run.log if event]


def count(texts: list[str], beginning: str) -> int:
    return sum(text.startswith(beginning) for text in texts)


def next_number(mind: Mind) -> int:
    return mind.seq + len(mind.buffer) + len(mind.drawn) + 1


def buffered(mind: Mind, text: str) -> Mind:
    return mind._replace(buffer=(*mind.buffer, Event(next_number(mind), text)))


def buffered_again(mind: Mind) -> Mind:
    """Buffer the number drawn last: the threads come to the second lock in any order."""
    return mind._replace(buffer=(*mind.buffer, mind.drawn[-1]), drawn=mind.drawn[:-1])


def committed(mind: Mind, batch: Batch) -> Mind | None:
    if batch.status != "running":
        return None
    rest = mind.buffer[len(batch.events) :]
    return mind._replace(seq=batch.new, buffer=rest, in_doubt=0)


def in_doubt(state: State, who: int, mind: Mind, size: int) -> State:
    state = state._replace(answers_left=state.answers_left - 1)
    return state.with_mind(who, mind._replace(in_doubt=size))


def overwritten(
    log: tuple[Event | None, ...], events: tuple[Event, ...]
) -> tuple[Event | None, ...]:
    """Write each event at its number, as rows are written: over what is there, or past a gap."""
    rows = list(log)
    for event in events:
        rows.extend([None] * (event.seq - len(rows)))
        rows[event.seq - 1] = event
    return tuple(rows)
