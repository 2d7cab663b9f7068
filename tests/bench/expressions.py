"""How fast expressions are: plain paths in Python, batches and first calls in the sandbox."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import Limits
from apps.expressions.path import parse_path
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve

ITEMS = 10_000
PATHS = ("$json.n", "$json.user.name", "$json.user.tags[1]", "$input.item.json['n']")
SCRIPT = "={{ $json.n * 2 + $json.user.name.length }}"
DATES = "={{ $now.plus({ days: $json.n }).toISO() }}"
ALL = "={{ $now.format('dd LLL yyyy') + $json.user.name.toTitleCase() + (5).toLocaleString() }}"

HANG = "={{ Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1) }}"
"""It does not heed the engine's own limit: its process is killed."""

Figure = tuple[str, str, str]


def figures() -> Iterator[Figure]:
    """Name, figure and what is to be said of it."""
    scope = Scope(items=[item(n) for n in range(ITEMS)])
    paths, places = [path for each in PATHS if (path := parse_path(each))], range(ITEMS)
    seconds = best(lambda: [path.values(scope, places) for path in paths])
    yield "plain paths", f"{ITEMS * len(paths) / seconds:,.0f} /s", "in one thread"
    params = compile_params({f"p{n}": f"={{{{ {path} }}}}" for n, path in enumerate(PATHS[:3])})
    sandbox = Sandbox()
    seconds = best(lambda: resolve(params, scope, sandbox))
    yield "params of 10,000 items, 3 paths", f"{seconds * 1000:.0f} ms", ""
    begun = time.perf_counter()
    evaluate(SCRIPT, Scope(items=[item(0)]), sandbox)
    yield "first process", f"{(time.perf_counter() - begun) * 1000:.0f} ms", "started by nobody"
    for name, text in (("without luxon", SCRIPT), ("with luxon", DATES)):
        seconds = best(partial(evaluate, text, scope, sandbox))
        yield f"JavaScript {name}", f"{ITEMS / seconds:,.0f} /s", "in one call for all items"
    for name, text in (("plain", SCRIPT), ("luxon", DATES), ("all there is", ALL)):
        yield f"first call: {name}", first(text, sandbox), "in a fresh run of a warm worker"
    yield from neighbours(sandbox)
    sandbox.close()


def item(n: int) -> dict[str, object]:
    return {"json": {"n": n, "user": {"name": "ada lovelace", "tags": ["a", "b"]}}}


def evaluate(text: str, scope: Scope, sandbox: Sandbox) -> None:
    resolve(compile_params({"value": text}), scope, sandbox)


def best(work: Callable[[], object], times: int = 5) -> float:
    return min(timed(work) for _ in range(times))


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def first(text: str, sandbox: Sandbox) -> str:
    """One item, after a rest in which the next context could be made."""
    scope = Scope(items=[item(1)])
    seconds = []
    for _ in range(20):
        time.sleep(0.1)
        seconds.append(timed(lambda: evaluate(text, scope, sandbox)))
    return percentiles(seconds)


def neighbours(sandbox: Sandbox) -> Iterator[Figure]:
    """What a call takes, alone and while the process next door is killed over and over.

    A script without end takes a core: that is what a busy machine costs, and not the kill.
    """
    scope = Scope(items=[item(1)])
    for name, is_disturbed in (("alone", False), ("beside killed scripts", True)):
        stop = threading.Event()
        spoiler = threading.Thread(target=spoil, args=(sandbox, stop))
        if is_disturbed:
            spoiler.start()
        seconds = []
        for _ in range(100):
            time.sleep(0.02)
            seconds.append(timed(lambda: evaluate(SCRIPT, scope, sandbox)))
        stop.set()
        if is_disturbed:
            spoiler.join()
        yield f"a call {name}", percentiles(seconds), ""


def spoil(sandbox: Sandbox, stop: threading.Event) -> None:
    """Have one process after the other killed."""
    params, scope = compile_params({"value": HANG}), Scope(items=[item(1)])
    while not stop.is_set():
        with suppress(JavaScriptError):
            resolve(params, scope, sandbox, Limits(wall_s=0.05))


def percentiles(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[int(len(ordered) * 0.95)]
    return f"p50 {statistics.median(ordered) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms"
