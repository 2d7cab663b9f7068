"""What tests of the pool of processes share: to use a child, to hang it, to see its end."""

import os
import signal
import time
from pathlib import Path

import pytest

from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import Limits
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.transform import transform

ONE = Scope(items=[{"json": {}}])


def run(code: str, sandbox: Sandbox, wall_s: float = 5) -> object:
    return transform(code, ONE, sandbox, mode="all", limits=Limits(wall_s=wall_s)).value


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


def hang(sandbox: Sandbox) -> None:
    """Let a call take a child that does not even heed the engine's own limit, and is killed."""
    for pid in sandbox.pids:
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(JavaScriptError) as caught:
        run("return 1", sandbox, wall_s=0.1)
    assert caught.value.code == "js_timeout"


def spin(sandbox: Sandbox, wall_s: float = 0.5) -> None:
    with pytest.raises(JavaScriptError) as caught:
        run("for (;;);", sandbox, wall_s=wall_s)
    assert caught.value.code == "js_timeout"


def wait_for_idle(sandbox: Sandbox, count: int = 1) -> list[int]:
    end = time.monotonic() + 30
    while len(sandbox.pids) < count and time.monotonic() < end:
        time.sleep(0.01)
    return sandbox.pids
