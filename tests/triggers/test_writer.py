"""Hooks are stored many at once, and not too much of them."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from pytest_django import Settings

from apps.runs.models import Run
from apps.triggers.hooks import writer
from apps.triggers.hooks.request import HookRequest
from apps.triggers.hooks.writer import (
    AT_ONCE,
    AT_ONCE_BYTES,
    LONG_BACKLOG,
    HookWriter,
    is_long_backlog,
)
from tests.factories import make_run, make_version


@pytest.fixture(autouse=True)
def no_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "is_long_backlog", lambda: False)


def stored_together(monkeypatch: pytest.MonkeyPatch, bodies: list[bytes]) -> list[int]:
    """How many were stored at once, all of them waiting behind a first that takes its time."""
    batches: list[int] = []
    first_began, first_is_done = threading.Event(), threading.Event()

    def store(requests: Sequence[HookRequest]) -> list[Any]:
        first_began.set()
        first_is_done.wait(10)
        batches.append(len(requests))
        return [Run() for _ in requests]

    monkeypatch.setattr(writer, "receive_all", store)
    hooks = HookWriter()
    requests = [HookRequest("POST", ("x",), "", {}, body) for body in (b"", *bodies)]
    futures = [hooks.submit(requests[0])]
    first_began.wait(10)
    futures += [hooks.submit(request) for request in requests[1:]]
    first_is_done.set()
    for future in futures:
        future.result(timeout=10)
    # One more alone: once it is stored, the thread has done with what came before.
    hooks.submit(requests[0]).result(timeout=10)
    return batches[1:-1]


def test_hooks_that_wait_are_stored_together(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stored_together(monkeypatch, [b"{}"] * (AT_ONCE + 1)) == [AT_ONCE, 1]


def test_large_ones_are_stored_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    half = b"x" * (AT_ONCE_BYTES // 2)
    assert stored_together(monkeypatch, [half] * 3) == [2, 1]


@pytest.mark.parametrize(("redis_url", "pauses"), [("", [writer.PAUSE_S]), ("redis://q", [])])
def test_those_who_execute_have_a_turn_where_they_share_the_process(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, redis_url: str, pauses: list[float]
) -> None:
    settings.REDIS_URL = redis_url
    made: list[float] = []
    monkeypatch.setattr(writer, "is_long_backlog", lambda: True)
    monkeypatch.setattr(writer, "pause", lambda: made.append(writer.PAUSE_S))
    stored_together(monkeypatch, [b"{}"] * 3)
    assert made == pauses


@pytest.mark.django_db(transaction=True)
def test_a_backlog_is_long_when_so_many_runs_are_pending() -> None:
    version = make_version()
    for _ in range(LONG_BACKLOG - 1):
        make_run(version)
    make_run(version, status="waiting")
    assert not is_long_backlog()
    make_run(version)
    assert is_long_backlog()
