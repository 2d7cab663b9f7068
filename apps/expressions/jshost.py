"""The jshost: a child process that runs JavaScript and nothing else.

Started as `python -I -S jshost.py <folder of the engine's extension module>` by child.py. Requests
come on standard input and answers go to standard output, each behind a small header:

    request   op and parts (1 byte each), CPU milliseconds, memory in MB, largest answer in bytes,
              length; JSON
    answer    length; JSON. The first, unasked, says which walls the system refused

Every request has a fresh JavaScript context, made in advance while nothing is asked. There is one
that has luxon and more in it, too: to load them takes longer than most code. Nobody's data have
been in either. The engine's
own limits are the fast path to a good error; behind them stand the CPU limit and the alarm of the
operating system, and the parent, which kills what it has waited for long enough. The alarm also
ends a request whose parent has died; an idle child ends with its pipe.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import struct
import sys
import time
from _json import encode_basestring_ascii as quoted  # all of json that is needed, and 10 ms less

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

REQUEST = struct.Struct("!BBIIII")
ANSWER = struct.Struct("!I")
REQUESTS = select.poll()
OPS = {1: "evaluate", 2: "transform", 3: "check"}
PRELUDE = (
    "core",
    "functions",
    "names",
    "zones",
    "lazy",
    "compile",
    "evaluate",
    "console",
    "transform",
)
# What a request asks for beside it, by bits (child.Part): files of the prelude, and libraries.
PARTS = {
    1: ("luxon", "dates"),
    2: ("jmespath",),
    4: ("extend", "texts", "numbers", "arrays", "moments"),
    8: ("hash",),
    16: ("locales", "date_patterns", "date_format", "number_format", "intl"),
}
RICH = (1, 4, 16)  # parts that are loaded in advance, those first that take longest
LIBRARIES = {
    "luxon": "luxon/build/global/luxon.min.js",
    "jmespath": "jmespath/jmespath.js",
}
AS_PART = """(function(host){{const exports={{}};
{source}
host.{name}=typeof {name}==="undefined"?exports:{name}}})"""

ADDRESS_SPACE = 512 << 20
STACK_BYTES = 1 << 20
MAX_REQUEST_BYTES = 128 << 20
GRACE_S = 1.0  # from the engine's limit to the kernel's
ALARM_S = 10.0  # from that limit, on the wall: the parent kills sooner, if it lives
LOGS_S = 0.2
IDLE_MS = 3  # without a request, before a rich context is made


class EngineError(Exception):
    """The engine gave up: a code of errors.py and what it said."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Engine:
    """One JavaScript context with the prelude in it: good for one request."""

    def __init__(self, quickjs: Any, sources: dict[str, str]) -> None:
        self.quickjs = quickjs
        self.sources = sources
        self.context = quickjs.Context()
        self.context.set_max_stack_size(STACK_BYTES)
        self.host = self.context.eval("({})")
        self.loaded = 0
        for name in PRELUDE:
            self.context.eval(sources[name])(self.host)
        self.call = self.context.eval("(function(host){return host.call})")(self.host)

    def load(self, parts: int) -> None:
        """Load what is wanted beside the prelude and is not there yet."""
        for part, names in PARTS.items():
            if not part & parts & ~self.loaded:
                continue
            for name in names:
                if name not in self.sources:
                    raise EngineError("js_library", name)
                self.context.eval(self.sources[name])(self.host)
            self.loaded |= part

    def run(self, op: str, text: str, cpu_s: float, memory_mb: int) -> str:
        """Call an entry point of the prelude and let its promises come to an end."""
        self.context.set_memory_limit(memory_mb << 20)
        deadline = time.process_time() + cpu_s
        try:
            self.context.set_time_limit(cpu_s)
            answer = self.call(op, text)
            while answer is None:
                left = deadline - time.process_time()
                if left <= 0:
                    raise EngineError("js_timeout", "interrupted")
                self.context.set_time_limit(left)
                if not self.context.execute_pending_job():
                    raise EngineError(
                        "js_timeout", "The promise that it returned is never settled."
                    )
                answer = self.call("answer")
        except self.quickjs.JSException as error:
            raise self.failure(str(error)) from None
        except (MemoryError, UnicodeDecodeError, SystemError) as error:
            raise EngineError("js_memory", f"{type(error).__name__}: {error}") from None
        if not isinstance(answer, str):
            raise EngineError("js_error", "The result cannot be written as JSON.")
        return answer

    def logs(self) -> str:
        """What the code said before the engine gave up, if it can still be asked."""
        try:
            self.context.set_time_limit(LOGS_S)
            return str(self.call("logs", ""))
        except Exception:
            # An engine that has just given up may fail in any way; its first failure is told.
            return ""

    def failure(self, text: str) -> EngineError:
        if text.startswith("InternalError: interrupted"):
            return EngineError("js_timeout", "interrupted")
        if "out of memory" in text or text.startswith("null"):
            return EngineError("js_memory", "out of memory")
        return EngineError("js_error", text.partition("\n")[0][:2000])


def read_exactly(count: int) -> bytes | None:
    """Read from the pipe; None at its end."""
    parts = []
    while count:
        part = os.read(0, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def write_answer(body: bytes) -> None:
    view = memoryview(ANSWER.pack(len(body)) + body)
    while view:
        view = view[os.write(1, view) :]


def write_failure(error: EngineError, logs: str) -> None:
    told = f'{{"code":{quoted(error.code)},"message":{quoted(str(error))}}}'
    write_answer(f'{{"error":{told},"logs":[{logs}]}}'.encode())


def allow_cpu(seconds: float) -> None:
    """CPU time adds up over the process's life, so the limit moves with each request."""
    used = time.process_time()
    resource.setrlimit(
        resource.RLIMIT_CPU, (int(used + seconds + GRACE_S) + 1, resource.RLIM_INFINITY)
    )
    signal.setitimer(signal.ITIMER_REAL, seconds + ALARM_S)


class Spares:
    """Contexts made in advance, each for one request: one plain, one rich in what code may need."""

    def __init__(self, quickjs: Any, sources: dict[str, str]) -> None:
        self.quickjs = quickjs
        self.sources = sources
        self.plain: Engine | None = None
        self.rich: Engine | None = None
        self.parts = [part for part in RICH if all(name in sources for name in PARTS[part])]

    def fill(self) -> None:
        """Make what is missing, the rich one part by part as long as nothing is asked."""
        if self.plain is None:
            self.plain = Engine(self.quickjs, self.sources)
        idle_ms = IDLE_MS
        for part in self.parts:
            if self.rich is not None and self.rich.loaded & part:
                continue
            if REQUESTS.poll(idle_ms):
                return
            idle_ms = 0
            if self.rich is None:
                self.rich = Engine(self.quickjs, self.sources)
            self.rich.load(part)

    def take(self, parts: int) -> Engine:
        """Give the context away that is nearest to what a request asks for."""
        if self.rich is not None and parts & self.rich.loaded:
            engine, self.rich = self.rich, None
        else:
            engine, self.plain = self.plain or Engine(self.quickjs, self.sources), None
        return engine


def serve(quickjs: Any, sources: dict[str, str]) -> None:
    """Answer requests until the pipe ends."""
    REQUESTS.register(0, select.POLLIN)
    spares = Spares(quickjs, sources)
    spares.fill()
    while (head := read_exactly(REQUEST.size)) is not None:
        op, parts, cpu_ms, memory_mb, largest, length = REQUEST.unpack(head)
        if length > MAX_REQUEST_BYTES or (body := read_exactly(length)) is None:
            return
        allow_cpu(cpu_ms / 1000)
        engine = spares.take(parts)
        try:
            engine.load(parts)
            answer = engine.run(OPS[op], str(body, "ascii"), cpu_ms / 1000, memory_mb).encode()
            if len(answer) > largest:
                raise EngineError("js_output_too_large", "too large")
            write_answer(answer)
        except EngineError as error:
            write_failure(error, engine.logs())
        except MemoryError:
            write_failure(EngineError("js_memory", "out of memory"), engine.logs())
        signal.setitimer(signal.ITIMER_REAL, 0)
        del body, engine  # before the next context is made
        spares.fill()


def read_sources(folder: str) -> dict[str, str]:
    """All that may be loaded into a context, by name, without libraries that are missing."""
    paths = {
        name: os.path.join(folder, "prelude", f"{name}.js")
        for name in (*PRELUDE, *(name for names in PARTS.values() for name in names))
    }
    for name, path in LIBRARIES.items():
        paths[name] = os.path.join(folder, "vendor", "node_modules", path)
    sources = {}
    for name, path in paths.items():
        if name in LIBRARIES and not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            source = file.read()
        sources[name] = AS_PART.format(name=name, source=source) if name in LIBRARIES else source
    return sources


def find_modules(folders: list[str]) -> tuple[Any, Any]:
    """Import the two modules that are not the standard library's, and close the way to others."""
    sys.path += folders
    import _quickjs  # type: ignore[import-not-found]
    import confine  # type: ignore[import-not-found]

    del sys.path[-len(folders) :]
    return _quickjs, confine


def main() -> None:
    os.environ["TZ"] = "UTC0"
    time.tzset()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are the parent's; the pipe's end is ours
    folder = os.path.dirname(os.path.abspath(__file__))
    sources = read_sources(folder)
    quickjs, confine = find_modules([folder, sys.argv[1]])
    missing = confine.confine(ADDRESS_SPACE)
    told = ",".join(f"{quoted(wall)}:{quoted(reason)}" for wall, reason in missing.items())
    write_answer(f'{{"missing":{{{told}}}}}'.encode())
    serve(quickjs, sources)


if __name__ == "__main__":
    main()
