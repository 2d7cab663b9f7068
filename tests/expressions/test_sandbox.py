"""The pool of jshost processes: confinement, supervision, threads and forks."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from apps.expressions import child as child_module
from apps.expressions import confine
from apps.expressions import sandbox as sandbox_module
from apps.expressions.child import JSHOST, Child, engine_folder
from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import Limits
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.transform import transform

ONE = Scope(items=[{"json": {}}])


def run(code: str, sandbox: Sandbox, wall_s: float = 5) -> object:
    return transform(code, ONE, sandbox, mode="all", limits=Limits(wall_s=wall_s)).value


@pytest.fixture
def small() -> Iterator[Sandbox]:
    sandbox = Sandbox(size=1)
    yield sandbox
    sandbox.close()


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    child.start()
    yield child
    child.kill()


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def is_running(pid: int) -> bool:
    try:
        return status_of(pid)["State"][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


def test_a_child_has_put_up_every_wall(child: Child) -> None:
    assert child.missing_walls == {}
    status = status_of(child.pid)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_walls_that_are_missing_are_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def start_without_a_filter(child: Child) -> None:
        start(child)
        child.missing_walls = {"seccomp": "Operation not permitted"}

    start = Child.start
    monkeypatch.setattr(Child, "start", start_without_a_filter)
    for _ in range(2):
        sandbox = Sandbox(size=1)
        assert sandbox.missing_walls() == {"seccomp": "Operation not permitted"}
        sandbox.close()
    [told] = caplog.messages
    assert "seccomp: Operation not permitted" in told


@pytest.mark.skipif(os.geteuid() != 0, reason="LEFT OUT: only root may look into a child")
def test_a_child_has_no_environment_and_only_its_pipe(child: Child) -> None:
    process = Path(f"/proc/{child.pid}")
    assert (process / "environ").read_bytes() == b""
    assert (process / "cwd").readlink() == Path("/")
    ends = {int(end.name): str(end.readlink()) for end in (process / "fd").iterdir()}
    assert set(ends) == {0, 1, 2}
    assert ends[0].startswith("pipe:")
    assert ends[1].startswith("pipe:")
    assert ends[2] == "/dev/null"


ATTEMPTS = """
import ctypes, mmap, os, socket, sys, resource
sys.path.append(sys.argv[1])
import confine
assert not confine.confine(512 << 20)
def fails(attempt):
    try:
        attempt()
    except (OSError, MemoryError):
        return True
    return False
print([name for name, attempt in {
    "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "list": lambda: os.listdir("/"),
    "socket": lambda: socket.socket(),
    "fork": lambda: os.fork() or os._exit(0),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "kill": lambda: os.kill(os.getppid(), 0),
    "limits of the parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
    "executable memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
    "memory": lambda: bytearray(600 << 20),
    "pipe": lambda: os.pipe(),
}.items() if not fails(attempt)])
"""


def test_the_walls_hold() -> None:
    command = [sys.executable, "-I", "-S", "-c", ATTEMPTS, str(JSHOST.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("machine", confine.MACHINES.values(), ids=confine.MACHINES)
def test_the_filter_jumps_to_where_it_should(machine: confine.Machine) -> None:
    program = confine.filter_program(machine)
    assert all(len(instruction) == 8 for instruction in program)
    assert len({*machine.free.values(), *machine.with_prot.values()}) == len(machine.free) + 2


def test_nothing_starts_before_it_is_used(small: Sandbox) -> None:
    assert small.child_count == 0
    run("return 1", small)
    assert small.child_count == 1


def test_one_process_serves_many_calls(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    assert [run("return 1", small) for _ in range(20)] == [1] * 20
    assert small.pids == [pid]


def test_a_child_that_hangs_is_killed_and_replaced(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    hang(small)
    assert run("return 2", small) == 2
    assert not is_running(pid)


def test_a_child_that_was_killed_from_outside_is_replaced(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    os.kill(pid, signal.SIGKILL)
    assert wait_until_gone(pid, 2)
    assert run("return 2", small) == 2


def test_a_child_that_dies_at_work_is_told(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    timer = threading.Timer(0.2, os.kill, (pid, signal.SIGSEGV))
    timer.start()
    with pytest.raises(JavaScriptError) as caught:
        run("for (;;);", small)
    assert (caught.value.code, caught.value.retryable) == ("js_host", True)


def test_a_child_leaves_the_signals_that_end_a_worker_to_the_worker(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    timer = threading.Timer(0.1, lambda: [os.kill(pid, s) for s in (signal.SIGTERM, signal.SIGINT)])
    timer.start()
    spin = "const end = Date.now() + 300; while (Date.now() < end); return 2"
    assert run(spin, small) == 2
    assert small.pids == [pid]
    assert os.getpgid(pid) == pid  # what a terminal sends goes by groups


def test_what_does_not_start_says_how_it_ended(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "jshost.py"
    broken.write_text("raise SystemExit(7)")
    monkeypatch.setattr(child_module, "JSHOST", broken)
    with pytest.raises(JavaScriptError, match="ended with status 7") as caught:
        run("return 1", small)
    assert (caught.value.code, caught.value.retryable) == ("js_host", True)
    assert small.child_count == 0


def test_a_child_that_fails_to_start_is_started_once_more(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "jshost.py"
    broken.write_text("raise SystemExit(7)")
    hosts = [broken, JSHOST]

    def popen(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        command[3] = str(hosts.pop(0))
        return start(command, **options)

    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", popen)
    assert run("return 1", small) == 1


def test_a_child_is_replaced_after_its_share_of_requests(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_module, "MAX_REQUESTS", 3)
    seen = set()
    for _ in range(6):
        run("return 1", small)
        seen.update(small.pids)
    assert len(seen) == 2


def test_a_child_of_a_large_parent_is_kept(small: Sandbox) -> None:
    ballast = bytearray(300 << 20)
    ballast[::4096] = b"1" * len(ballast[::4096])
    run("return 1", small)
    assert small.child_count == 1
    del ballast


def test_a_child_that_grew_large_is_replaced(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    run("return new Uint8Array(2.2e8).fill(1).length", small)
    assert pid not in small.pids


def test_threads_share_the_pool(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: run(f"return {n} * 2", sandbox), range(100)))
    assert answers == [n * 2 for n in range(100)]
    assert sandbox.child_count <= 2


def hang(sandbox: Sandbox) -> None:
    """Let a call take a child that does not even heed the engine's own limit, and is killed."""
    for pid in sandbox.pids:
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(JavaScriptError) as caught:
        run("return 1", sandbox, wall_s=0.1)
    assert caught.value.code == "js_timeout"


def spin(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        run("for (;;);", sandbox, wall_s=0.5)
    assert caught.value.code == "js_timeout"


def wait_for_idle(sandbox: Sandbox, count: int = 1) -> list[int]:
    end = time.monotonic() + 30
    while len(sandbox.pids) < count and time.monotonic() < end:
        time.sleep(0.01)
    return sandbox.pids


@pytest.fixture
def wide() -> Iterator[Sandbox]:
    sandbox = Sandbox(size=4)
    yield sandbox
    sandbox.close()


def test_a_killed_script_costs_its_neighbours_nothing(wide: Sandbox) -> None:
    with ThreadPoolExecutor(3) as threads:
        hanging = [threads.submit(spin, wide) for _ in range(3)]
        assert [run("return 1", wide) for _ in range(50)] == [1] * 50
        for each in hanging:
            each.result()


def test_what_was_killed_is_replaced_before_anybody_needs_it(small: Sandbox) -> None:
    run("return 1", small)
    [killed] = small.pids
    hang(small)
    [pid] = wait_for_idle(small)
    assert pid != killed
    assert run("return 2", small) == 2
    assert small.pids == [pid]


def test_who_comes_while_one_is_being_replaced_starts_no_other(wide: Sandbox) -> None:
    run("return 1", wide)
    for _ in range(3):
        hang(wide)
        assert run("return 2", wide) == 2
        assert wide.child_count == 1


def test_a_replacement_that_does_not_start_is_told_to_who_needs_it(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("return 1", small)
    broken = tmp_path / "jshost.py"
    broken.write_text("raise SystemExit(7)")
    with monkeypatch.context() as patch:
        patch.setattr(child_module, "JSHOST", broken)
        hang(small)
        with pytest.raises(JavaScriptError, match="ended with status 7"):
            run("return 2", small)
    assert small.child_count == 0
    assert run("return 3", small) == 3


def test_a_child_is_started_for_who_will_come_first(small: Sandbox) -> None:
    small.warm()
    small.warm()
    [pid] = wait_for_idle(small)
    assert run("return 1", small) == 1
    assert small.pids == [pid]


def test_children_that_nobody_needs_any_more_end(
    wide: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = "const end = Date.now() + 100; while (Date.now() < end);"
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: run(rest, wide), range(3)))
    assert wide.child_count == 3
    monkeypatch.setattr(sandbox_module, "KEEP_S", 0)
    pids = wide.pids
    for _ in range(3):
        run("return 1", wide)
    assert wide.child_count == 1
    assert sum(map(is_running, pids)) == 1


def test_who_waits_too_long_for_a_child_is_told() -> None:
    hasty = Sandbox(size=1, wait_s=0.05)
    with ThreadPoolExecutor(1) as threads:
        hanging = threads.submit(spin, hasty)
        time.sleep(0.1)
        with pytest.raises(JavaScriptError, match="at work") as caught:
            run("return 1", hasty)
        hanging.result()
    assert (caught.value.code, caught.value.retryable) == ("js_host", True)
    hasty.close()


def test_a_sandbox_that_is_closed_keeps_no_child(wide: Sandbox) -> None:
    with ThreadPoolExecutor(1) as threads:
        spinning = threads.submit(spin, wide)
        run("return 1", wide)
        wide.close()
        spinning.result()
    assert wide.child_count == 0


def test_threads_that_end_take_no_child_with_them(small: Sandbox) -> None:
    thread = threading.Thread(target=run, args=("return 1", small))
    thread.start()
    thread.join()
    [pid] = small.pids
    assert run("return 2", small) == 2
    assert small.pids == [pid]


def test_a_fork_starts_children_of_its_own(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    reader, writer = os.pipe()
    forked = os.fork()
    if forked == 0:
        answer = run("return 2", small)
        os.write(writer, json.dumps([answer, small.pids != [pid]]).encode())
        small.close()
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        assert json.loads(pipe.read()) == [2, True]
    os.waitpid(forked, 0)
    assert run("return 3", small) == 3
    assert small.pids == [pid]


PARENT = """
import sys
from apps.expressions.limits import Limits
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.transform import transform
sandbox = Sandbox(size=1)
def run(code):
    return transform(code, Scope(items=[]), sandbox, mode="all", limits=Limits(wall_s=1))
run("return 1")
print(sandbox.pids[0], flush=True)
run(sys.argv[1])
sys.stdin.read()
"""


@pytest.mark.parametrize(("code", "seconds"), [("return 1", 10), ("for (;;);", 20)])
def test_children_do_not_outlive_a_killed_parent(code: str, seconds: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.2)
        parent.kill()
        assert wait_until_gone(pid, seconds)


def test_interrupting_the_caller_leaves_no_half_answer(small: Sandbox) -> None:
    run("return 1", small)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            run("for (;;);", small)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert run("return 2", small) == 2


def test_the_parent_never_loads_the_engine() -> None:
    code = (
        "import sys; from apps.expressions.child import Child; Child().kill();"
        "print('_quickjs' in sys.modules, 'django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
    assert Path(engine_folder()).is_dir()


# --- Contexts made in advance ---------------------------------------------------------------------

POLLUTE = """
Object.prototype.stolen = $json.secret;
Array.prototype.map = () => $json.secret;
DateTime.now = () => $json.secret;
DateTime.prototype.toISO = () => $json.secret;
DateTime.stolen = globalThis.stolen = $json.secret;
luxonWas = DateTime;
JSON.stringify = JSON.parse = () => $json.secret;
Date.prototype.toJSON = () => $json.secret;
/(secret)/.exec("a secret");
return [DateTime.now()];
"""
LEFT = """
const found = [{}.stolen, [1].map(x => x), globalThis.stolen, typeof luxonWas, RegExp.$1,
  JSON.stringify(1), JSON.parse("1"), new Date(0).toJSON()];
"""
PROBES = [
    f"{LEFT} return found;",
    f"{LEFT} return [...found, DateTime.stolen, DateTime.fromMillis(0, {{zone: 'UTC'}}).toISO()];",
]


def test_nothing_of_one_evaluation_reaches_the_next(small: Sandbox) -> None:
    secret = Scope(items=[{"json": {"secret": "hunter2"}}])
    clean = [run(probe, small) for probe in PROBES]
    assert "hunter2" not in json.dumps(clean)
    for _ in range(3):
        time.sleep(0.05)  # for the next contexts to be made
        assert transform(POLLUTE, secret, small, mode="all").value == ["hunter2"]
        assert [run(probe, small) for probe in PROBES] == clean


def test_code_that_asks_for_nothing_has_nothing_of_a_library(small: Sandbox) -> None:
    seen = "return [Object.keys(globalThis), Object.getOwnPropertyNames(globalThis)]"
    first = run(seen, small)
    time.sleep(0.05)
    assert run("return DateTime.now().isValid", small) is True
    assert run(seen, small) == first


def test_a_library_is_there_at_once_and_after_a_rest(small: Sandbox) -> None:
    year = "return DateTime.fromMillis(0, {zone: 'UTC'}).year"
    for rest in (0, 0, 0.05, 0, 0.05):
        time.sleep(rest)
        assert run(year, small) == 1970


def test_the_processes_of_a_pool_that_nobody_holds_end() -> None:
    sandbox = Sandbox(size=1)
    sandbox.missing_walls()
    [pid] = sandbox.pids
    del sandbox
    gc.collect()
    assert not Path(f"/proc/{pid}").exists()
