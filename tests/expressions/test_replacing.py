"""Children that hang, die or are spent make room for others, and what is lost is told."""

import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from apps.expressions import child as child_module
from apps.expressions import sandbox as sandbox_module
from apps.expressions.child import JSHOST
from apps.expressions.errors import JavaScriptError
from apps.expressions.sandbox import Sandbox
from tests.expressions.pool import hang, is_running, run, wait_for_idle, wait_until_gone


@pytest.fixture(autouse=True)
def hasty_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "GRACE_S", 0.1)


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
    for _ in range(2):
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
