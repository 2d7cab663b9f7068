"""Processes that execute one run alone: how they are started."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from apps.engine.branches import Leave
from apps.engine.errors import RevokedError
from apps.runs import alone
from apps.runs.walk import new_branches
from tests.services import wait_for

RUNS = 6


class Starts:
    """Processes that give a sign when they are told to, and end when they are told to."""

    def __init__(self) -> None:
        self.begun: list[subprocess.Popen[bytes]] = []
        self.signed = 0
        self.most_at_once = 0

    def __call__(self, task: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.begun.append(process)
        self.most_at_once = max(self.most_at_once, len(self.begun) - self.signed)
        return process

    def sign(self, number: int) -> None:
        wait_for(lambda: len(self.begun) > number)
        self.signed += 1
        told = self.begun[number].stdin
        assert told is not None
        told.write(b".")
        told.flush()


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> Starts:
    starts = Starts()
    monkeypatch.setattr(alone, "_start", starts)
    return starts


def held(*, is_revoked: bool = False) -> Any:
    return SimpleNamespace(is_revoked=is_revoked, branches=new_branches())


def test_few_processes_start_at_once_and_the_next_at_the_sign_of_one(starts: Starts) -> None:
    with ThreadPoolExecutor(RUNS) as threads:
        codes = [threads.submit(alone._outcome, held(), None) for _ in range(RUNS)]
        for number in range(RUNS):
            starts.sign(number)
        # All of them run now: who has started holds up nobody.
        wait_for(lambda: len(starts.begun) == RUNS)
        for process in starts.begun:
            assert process.stdin is not None
            process.stdin.close()
        assert [code.result() for code in codes] == [0] * RUNS
    assert starts.most_at_once <= alone.STARTS_AT_ONCE


def test_who_is_to_leave_before_its_turn_starts_nothing(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "_starts", SimpleNamespace(acquire=lambda timeout: False))
    leaving = held()
    leaving.branches.post(Leave())
    assert alone._outcome(leaving, None) == alone.Ended.LEFT
    assert not starts.begun


def test_who_loses_its_claim_before_its_turn_starts_nothing(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "_starts", SimpleNamespace(acquire=lambda timeout: False))
    with pytest.raises(RevokedError):
        alone._outcome(held(is_revoked=True), None)
    assert not starts.begun
