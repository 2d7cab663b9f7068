"""One jshost process, seen from its parent, which holds the wall clock and kills."""

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
import weakref
from enum import IntEnum, IntFlag
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from apps.expressions.errors import JavaScriptError
from apps.expressions.jshost import LIBRARIES
from apps.expressions.limits import Limits

REQUEST = struct.Struct("!BBIIII")
ANSWER = struct.Struct("!I")
JSHOST = Path(__file__).with_name("jshost.py")
START_S = 60.0  # on a machine that has far more to do than it can
PEAK = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)
GRACE_S = 0.5
PIPE_BYTES = 1 << 20
CHUNK = 1 << 20
MAX_REQUEST_BYTES = 128 << 20


class Op(IntEnum):
    """The entry points of the prelude."""

    EVALUATE = 1
    TRANSFORM = 2
    CHECK = 3


class Part(IntFlag):
    """What a request needs beside the prelude; `parts.py` says which code needs what."""

    NONE = 0
    DATES = 1
    JMESPATH = 2
    EXTENSIONS = 4
    HASHES = 8
    INTL = 16


@cache
def engine_folder() -> str:
    """Find the extension module without importing it: the parent runs no JavaScript."""
    spec = find_spec("_quickjs")
    if spec is None or spec.origin is None:
        raise JavaScriptError("js_host", "The package quickjs-ng is not installed.")
    return str(Path(spec.origin).parent)


def missing_libraries() -> list[Path]:
    """Which libraries that code may name are not installed: where each should lie."""
    folder = JSHOST.parent / "vendor" / "node_modules"
    return [folder / path for path in LIBRARIES.values() if not (folder / path).is_file()]


class _LateError(Exception):
    """The child did not answer in time."""


class _GoneError(Exception):
    """The child ended instead of answering."""


class _TooLargeError(Exception):
    """The child announced a longer answer than was allowed."""


class Child:
    """A running jshost. For one thread at a time; stop() may be called by any."""

    def __init__(self) -> None:
        self.requests = 0
        self._process = subprocess.Popen(  # noqa: S603  # nothing in it comes from outside
            [sys.executable, "-I", "-S", str(JSHOST), engine_folder()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            process_group=0,  # what a terminal or a supervisor sends to ours is not for it
        )
        # A child that nobody holds any more, as of a pool that was never closed, ends too.
        self._end = weakref.finalize(self, _end, self._process)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to = self._process.stdin.fileno()
        self._from = self._process.stdout.fileno()
        for descriptor in (self._to, self._from):
            os.set_blocking(descriptor, False)
            _widen(descriptor)
        self.missing_walls: dict[str, str] = {}
        """What its system refused when it confined itself, and why."""

    def start(self) -> None:
        """Wait until it is ready; it has then taken off all that it does not need."""
        try:
            hello = self._answer(time.monotonic() + START_S, MAX_REQUEST_BYTES)
        except _LateError:
            self.kill()
            raise _not_started(f"it was not ready within {START_S:g} s") from None
        except _GoneError:
            self.kill()
            raise _not_started(f"it ended with status {self._process.returncode}") from None
        except BaseException:
            self.kill()
            raise
        self.missing_walls = json.loads(hello)["missing"]

    def call(self, op: Op, request: bytes, limits: Limits, parts: Part = Part.NONE) -> bytes:
        """Send a request (ASCII JSON) and return the answer (JSON); on any failure it is killed."""
        if len(request) > MAX_REQUEST_BYTES:
            raise too_much_data()
        self.requests += 1
        largest = limits.output_mb << 20
        head = REQUEST.pack(
            op, parts, int(limits.wall_s * 1000), limits.memory_mb, largest, len(request)
        )
        deadline = time.monotonic() + limits.wall_s + GRACE_S
        try:
            self._send(head, deadline)
            self._send(request, deadline)
            return self._answer(deadline, largest + 4096)
        except _LateError:
            self.kill()
            raise limits.exceeded("js_timeout") from None
        except _TooLargeError:
            self.kill()
            raise limits.exceeded("js_output_too_large") from None
        except _GoneError:
            self.kill()
            raise self._cause_of_death(limits) from None
        except BaseException:
            self.kill()  # half a frame may be on the way
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def peak_kb(self) -> int:
        """The most memory that it ever held; 0 where that cannot be told.

        Asked of its own memory map: what `getrusage` tells of a process begins with the size that
        its parent had when it was started.
        """
        try:
            status = Path(f"/proc/{self.pid}/status").read_bytes()
        except OSError:
            return 0
        found = PEAK.search(status)
        return int(found[1]) if found else 0

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process; for a thread that does not hold it: whoever does finds it gone."""
        self._process.kill()

    def kill(self) -> None:
        """End the process at once and reap it."""
        self._end()
        self._process.wait()

    def forget(self) -> None:
        """Close our ends of the pipe: for a forked copy of the parent, whose child it is not."""
        self._end.detach()
        _close_pipes(self._process)

    def _cause_of_death(self, limits: Limits) -> JavaScriptError:
        match -self._process.returncode:
            case signal.SIGALRM | signal.SIGXCPU:
                return limits.exceeded("js_timeout")
            case signal.SIGABRT | signal.SIGKILL:
                return limits.exceeded("js_memory")
        return JavaScriptError("js_host", "The JavaScript process ended unexpectedly.")

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._to, view[:CHUNK]) :]
            except BlockingIOError:
                _wait(self._to, select.POLLOUT, deadline)
            except BrokenPipeError:
                raise _GoneError from None

    def _receive(self, count: int, deadline: float) -> bytes:
        parts = []
        while count:
            try:
                part = os.read(self._from, min(count, CHUNK))
            except BlockingIOError:
                _wait(self._from, select.POLLIN, deadline)
                continue
            if not part:
                raise _GoneError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _answer(self, deadline: float, largest: int) -> bytes:
        (length,) = ANSWER.unpack(self._receive(ANSWER.size, deadline))
        if length > largest:
            raise _TooLargeError
        return self._receive(length, deadline)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    _close_pipes(process)
    process.wait()


def _close_pipes(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def too_much_data() -> JavaScriptError:
    """The error of a request that is longer than a child takes."""
    return JavaScriptError(
        "js_memory", f"The data for JavaScript are over {MAX_REQUEST_BYTES >> 20} MB."
    )


def _not_started(why: str) -> JavaScriptError:
    return JavaScriptError("js_host", f"The JavaScript process did not start: {why}.")


def _widen(descriptor: int) -> None:
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except OSError:
        return  # a narrow pipe is slower and no less right


def _wait(descriptor: int, event: int, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise _LateError
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(left * 1000):
        raise _LateError
