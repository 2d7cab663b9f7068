"""Memory twins of what a step meets: its attempt, its run, the outside."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import httpx

from apps.engine.errors import RevokedError
from apps.engine.graph import Node, OnError
from apps.engine.items import Item, Items, Json, Outputs
from apps.engine.masking import Masker
from apps.engine.outcomes import Done, LoopBatch, Outcome
from apps.engine.ports import RunInfo, StepCall
from apps.expressions.history import MemoryHistory
from apps.nodes.contract import Answer, ExampleFile, NodeType
from apps.nodes.files import Files
from apps.nodes.inner import Callee, ChildEnd, NoOtherRuns
from apps.nodes.outside.pinned import Connections
from apps.nodes.registry import library

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ID = UUID("00000000-0000-7000-8000-000000000001")
RUN = RunInfo(ID, ID, ID, "Demo", 1, "manual", "Europe/Riga", NOW)


class MemoryAttempt:
    """An attempt that is current until it is revoked."""

    def __init__(self, timeout_s: float = 30) -> None:
        self.lines: list[tuple[str, str]] = []
        self.hidden: list[str] = []
        self.checks = 0
        self._deadline = time.monotonic() + timeout_s
        self._lock = threading.Lock()
        self._is_revoked = False
        self._closers: list[Callable[[], None]] = []

    def check(self) -> None:
        self.checks += 1
        if self._is_revoked:
            raise RevokedError()

    def ends_in(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    def remaining_s(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def log(self, level: str, text: str) -> None:
        self.lines.append((level, text))

    def hide(self, secrets: Iterable[str]) -> None:
        self.hidden += secrets

    def masked(self, content: bytes) -> bytes:
        return Masker(self.hidden).content(content)

    def keep(self, size: int) -> None:
        pass

    def key(self, item: int, request: int = 0) -> str:
        return f"run:node:0:{item}:{request}"

    def on_revoke(self, close: Callable[[], None]) -> None:
        with self._lock:
            if not self._is_revoked:
                self._closers.append(close)
                return
        close()

    def revoke(self) -> None:
        with self._lock:
            self._is_revoked = True
            closers, self._closers = self._closers, []
        for close in closers:
            close()


class StubHttp(httpx.BaseTransport):
    """Answers requests in order from a list, and keeps what was asked."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.requests: list[httpx.Request] = []
        self.left = list(answers)

    def __call__(self, connections: Connections) -> "StubHttp":
        return self

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.left.pop(0)
        headers, body = dict(answer.headers), answer.body
        if not isinstance(body, bytes):
            headers = {"content-type": "application/json", **headers}
            body = json.dumps(body).encode()
        return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(body))


class MemoryFiles:
    """Files of a run, in memory."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def keep(self, run: RunInfo, content: bytes, media_type: str) -> str:
        id = f"file-{len(self._contents)}"
        self._contents[id] = content
        return id

    def read(self, run: RunInfo, id: str) -> bytes | None:
        return self._contents.get(id)

    def contents(self) -> Sequence[bytes]:
        return list(self._contents.values())

    def reference(self, file: ExampleFile) -> dict[str, Json]:
        """A file that an item may bear."""
        files = Files(RUN, self, 1 << 30)
        return files.keep(file.content, name=file.name, media_type=file.media_type)

    def told(self, item: Item, wanted: Mapping[str, ExampleFile]) -> dict[str, ExampleFile]:
        """An item's files, as far as an example says what it wants of them."""
        told = {}
        for name, reference in (item.binary or {}).items():
            want = wanted.get(name, ExampleFile(b""))
            told[name] = ExampleFile(
                self._contents[reference["id"]],
                reference["fileName"] if want.name else "",
                reference["mimeType"] if want.media_type else "",
            )
        return told


class ReadFiles(MemoryFiles):
    """Counts how often a file is read."""

    reads = 0

    def read(self, run: RunInfo, id: str) -> bytes | None:
        self.reads += 1
        return super().read(run, id)


class MemoryRuns(NoOtherRuns):
    """Every workflow can be run here; how its runs ended is what the test says."""

    def __init__(self, ends: Sequence[ChildEnd] = (), open: int = 0) -> None:
        self._ends = ends
        self._open = open

    def callee(self, run: RunInfo, workflow: str) -> Callee:
        return Callee(ID, ID, "start")

    def open_children(self, step: UUID) -> int:
        return self._open

    def children(self, step: UUID) -> Iterator[ChildEnd]:
        return iter(self._ends)


@dataclass
class Ran:
    """What a step gave, and its attempt."""

    outcome: Outcome
    attempt: MemoryAttempt = field(default_factory=MemoryAttempt)


def type_of(name: str) -> NodeType:
    type = library().find(name, 1)
    assert type is not None
    return type


def items_of(values: Sequence[Json]) -> Items:
    return [value if isinstance(value, Item) else Item(value) for value in values]


def make_call(
    type: NodeType,
    params: Mapping[str, Json],
    takes: Sequence[Json] | Mapping[str, Sequence[Json]] = ({},),
    *,
    batch: LoopBatch | None = None,
    nodes: Mapping[str, Sequence[Json]] | None = None,
    signal: Mapping[str, Json] | None = None,
    node: Node | None = None,
    retries_left: int = 0,
) -> StepCall:
    if not isinstance(takes, Mapping):
        names = type.inputs(params) or ("main",)
        takes = {names[0]: takes}
    earlier = {name: [{"json": json} for json in given] for name, given in (nodes or {}).items()}
    return StepCall(
        run=RUN,
        node=node or Node("n1", type.type, "Step", params),
        step=ID,
        iteration=0,
        attempt=1,
        inputs={name: items_of(values) for name, values in takes.items()},
        history=MemoryHistory(earlier),
        now=NOW,
        retries_left=retries_left,
        batch=batch,
        signal=signal,
    )


def run_step(
    type: NodeType,
    params: Mapping[str, Json],
    takes: Sequence[Json] | Mapping[str, Sequence[Json]] = ({},),
    *,
    batch: LoopBatch | None = None,
    nodes: Mapping[str, Sequence[Json]] | None = None,
) -> Ran:
    """Prepare and run one step in memory."""
    attempt = MemoryAttempt()
    call = make_call(type, params, takes, batch=batch, nodes=nodes)
    return Ran(type.prepare(call).run(attempt), attempt)


def outputs_of(
    type: str,
    params: Mapping[str, Json],
    takes: Sequence[Json] | Mapping[str, Sequence[Json]] = ({},),
) -> Outputs:
    """What a step of the type gives, by output."""
    outcome = run_step(type_of(type), params, takes).outcome
    assert isinstance(outcome, Done)
    return outcome.outputs


def going_on(
    type: str, params: Mapping[str, Json], on_error: OnError, takes: Sequence[Json]
) -> Done:
    """How a step of the type ends whose node goes on after errors."""
    node = Node("n1", type, "Step", params, on_error=on_error)
    call = make_call(type_of(type), params, takes, node=node)
    outcome = type_of(type).prepare(call).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome


def jsons_of(
    type: str,
    params: Mapping[str, Json],
    takes: Sequence[Json] | Mapping[str, Sequence[Json]] = ({},),
    output: str = "main",
) -> list[Json]:
    """The json of the items that a step of the type gives by one output."""
    return [item.json for item in outputs_of(type, params, takes)[output]]


def sources_of(items: Items) -> list[list[int | tuple[int, int]]]:
    """From which input items each of these comes: their places, with the input where it is not the
    first."""
    return [
        [(pair.input, pair.item) if pair.input else pair.item for pair in item.paired or ()]
        for item in items
    ]
