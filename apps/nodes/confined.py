"""Runs what reads other people's files in a process of its own, which can be stopped.

Parsers of HTML, PDF or spreadsheets have inputs on which they take hours or all memory, and no way
to stop them but to end their process. The process knows no secret: its environment is empty.
"""

import json
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.engine.ports import Attempt

SECONDS = 20
MEMORY_MB = 1_024
MAX_RESULT = 64 * 1024 * 1024
START_S = 60  # on a machine that has far more to do than it can
HEAD = struct.Struct("!II")
ROOT = str(Path(__file__).parents[2])
CODE = """
import sys
sys.path.insert(0, sys.argv[1])
from apps.nodes.confined_child import main
main()
"""


class Confined:
    """A task in a process, which starts at the first call. For one thread; close it.

    The task is named as `module:function`, so that only that process imports it: a function of
    arguments (JSON) and content, which gives JSON or raises NodeError.
    """

    def __init__(self, task: str, attempt: Attempt) -> None:
        self._task = task
        self._attempt = attempt
        self._process: subprocess.Popen[bytes] | None = None
        attempt.on_revoke(self._cut)

    def __enter__(self) -> "Confined":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def __call__(self, arguments: Json, content: bytes) -> Json:
        """Run the task. Raises what it raises, NodeError `too_costly` where it took more time or
        memory than it may (the next call then starts a new process), `timeout` where the step has
        no time left, and RevokedError as soon as the attempt is over."""
        self._attempt.check()
        process = self._process or self._start()
        seconds = min(SECONDS, self._attempt.remaining_s())
        written = json.dumps(arguments).encode()
        answer = self._exchange(
            process, HEAD.pack(len(written), len(content)) + written + content, seconds
        )
        if answer is None:
            self._attempt.check()
            if self._attempt.remaining_s() <= 0:
                raise NodeError("timeout", "The time of the step is over.", retryable=True)
            raise NodeError(
                "too_costly",
                f"Reading this took more than {SECONDS:g} s or {MEMORY_MB:,} MB, or "
                f"gave more than {MAX_RESULT:,} bytes.",
            )
        result = json.loads(answer)
        if "error" in result:
            raise NodeError(*result["error"])
        return result["value"]

    def _start(self) -> subprocess.Popen[bytes]:
        limits = (str(MEMORY_MB), str(SECONDS))
        self._process = process = subprocess.Popen(  # noqa: S603  # nothing of it is from outside
            [sys.executable, "-I", "-c", CODE, ROOT, self._task, *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            process_group=0,  # what a terminal or a supervisor sends to ours is not for it
        )
        if self._exchange(process, b"", START_S) is None:
            raise NodeError("not_started", "The process that reads files did not start.")
        self._attempt.check()  # it may have ended while there was no process to end with it
        return process

    def _exchange(
        self, process: subprocess.Popen[bytes], request: bytes, seconds: float
    ) -> bytes | None:
        """Send a request and read the answer; None, and an ended process, where none comes."""
        assert process.stdin is not None
        assert process.stdout is not None
        clock = threading.Timer(seconds, process.kill)
        clock.daemon = True
        clock.start()
        try:
            process.stdin.write(request)
            process.stdin.flush()
            length, _ = HEAD.unpack(process.stdout.read(HEAD.size))
            answer = process.stdout.read(length) if length <= MAX_RESULT else b""
            if len(answer) == length:
                return answer
        except (OSError, struct.error):
            pass  # it has ended
        finally:
            clock.cancel()
        self._end()
        return None

    def _cut(self) -> None:
        """End the process, whatever it does: whoever waits for it then sees why."""
        if (process := self._process) is not None:
            process.kill()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what it did not take is lost with it
                    pipe.close()
        process.wait()
