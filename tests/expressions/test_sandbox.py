"""The pool of jshost processes: who starts and ends them, threads and forks."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apps.expressions import sandbox as sandbox_module
from apps.expressions.errors import JavaScriptError
from apps.expressions.sandbox import Sandbox
from tests.expressions.pool import is_running, run, spin, wait_for_idle, wait_until_gone
from tests.services import wait_for


def test_nothing_starts_before_it_is_used(small: Sandbox) -> None:
    assert small.child_count == 0
    run("return 1", small)
    assert small.child_count == 1


def test_one_process_serves_many_calls(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    assert [run("return 1", small) for _ in range(20)] == [1] * 20
    assert small.pids == [pid]


def test_a_child_leaves_the_signals_that_end_a_worker_to_the_worker(small: Sandbox) -> None:
    run("return 1", small)
    [pid] = small.pids
    timer = threading.Timer(0.1, lambda: [os.kill(pid, s) for s in (signal.SIGTERM, signal.SIGINT)])
    timer.start()
    spin = "const end = Date.now() + 300; while (Date.now() < end); return 2"
    assert run(spin, small) == 2
    assert small.pids == [pid]
    assert os.getpgid(pid) == pid  # what a terminal sends goes by groups


def test_threads_share_the_pool(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: run(f"return {n} * 2", sandbox), range(100)))
    assert answers == [n * 2 for n in range(100)]
    assert sandbox.child_count <= 2


def test_a_killed_script_costs_its_neighbours_nothing(wide: Sandbox) -> None:
    with ThreadPoolExecutor(3) as threads:
        hanging = [threads.submit(spin, wide) for _ in range(3)]
        assert [run("return 1", wide) for _ in range(50)] == [1] * 50
        for each in hanging:
            each.result()


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
        hanging = threads.submit(spin, hasty, wall_s=2)
        wait_for(lambda: hasty.child_count == 1)
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
def run(code, wall_s=10):
    return transform(code, Scope(items=[]), sandbox, mode="all", limits=Limits(wall_s=wall_s))
run("return 1")
print(sandbox.pids[0], flush=True)
run(sys.argv[1], wall_s=0.4)
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


def test_the_processes_of_a_pool_that_nobody_holds_end() -> None:
    sandbox = Sandbox(size=1)
    sandbox.missing_walls()
    [pid] = sandbox.pids
    del sandbox
    gc.collect()
    assert not Path(f"/proc/{pid}").exists()
