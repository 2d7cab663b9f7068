"""A task in a process of its own: what it gives, what it raises, and its end."""

import os
import subprocess
import threading
from typing import Any

import pytest

from apps.engine.errors import NodeError, RevokedError
from apps.nodes import confined
from apps.nodes.confined import Confined
from tests.nodes.confined_task import TASK
from tests.nodes.twins import MemoryAttempt


def test_it_gives_what_the_task_gives() -> None:
    with Confined(TASK, MemoryAttempt()) as run:
        assert run({"a": [1, None, "é"]}, b"content") == [{"a": [1, None, "é"]}, "content"]
        assert run(1, b"x" * 3_000_000) == [1, "x" * 3_000_000]


def test_one_process_serves_all_calls_and_knows_nothing() -> None:
    with Confined(TASK, MemoryAttempt()) as run:
        assert run("pid", b"") == run("pid", b"") != os.getpid()
        assert not {"PATH", "HOME"} & set(run("environment", b""))  # type: ignore[arg-type]


def test_a_named_error_of_the_task_is_raised() -> None:
    with Confined(TASK, MemoryAttempt()) as run:
        with pytest.raises(NodeError) as failure:
            run("raise", b"")
        assert failure.value.told() == {
            "code": "named",
            "message": "What is wrong.",
            "hint": "What helps.",
        }
        with pytest.raises(NodeError, match=r"cannot be read: KeyError\.$") as failure:
            run("break", b"")
        assert failure.value.code == "unreadable"


@pytest.mark.parametrize("way", ["memory", "recursion", "sleep", "die", "huge"])
def test_what_goes_beyond_its_bounds_is_ended_and_the_next_call_works(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Confined(TASK, MemoryAttempt()) as run:
        with monkeypatch.context() as short:
            short.setattr(confined, "SECONDS", 0.2 if way == "sleep" else 20)
            with pytest.raises(NodeError) as failure:
                run(way, b"")
        assert failure.value.code == "too_costly"
        assert run("next", b"") == ["next", ""]


def test_it_takes_no_longer_than_its_step_may() -> None:
    attempt = MemoryAttempt(timeout_s=1)
    with Confined(TASK, attempt) as run:
        with pytest.raises(NodeError) as failure:
            run("sleep", b"")
        assert failure.value.code == "timeout"
        attempt.revoke()
        with pytest.raises(RevokedError):
            run("pid", b"")


def test_it_ends_with_its_attempt() -> None:
    attempt = MemoryAttempt()
    with Confined(TASK, attempt) as run:
        run("pid", b"")
        threading.Timer(0.1, attempt.revoke).start()
        with pytest.raises(RevokedError):
            run("sleep", b"")


def test_an_attempt_that_ends_while_the_process_starts_has_no_work_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def popen(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        attempt.revoke()
        return start(*args, **options)

    attempt, start = MemoryAttempt(), subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", popen)
    with Confined(TASK, attempt) as run, pytest.raises(RevokedError):
        run("pid", b"")


def test_nothing_is_left_running() -> None:
    with Confined(TASK, MemoryAttempt()) as run:
        pid = run("pid", b"")
    assert isinstance(pid, int)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
