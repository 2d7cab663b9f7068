"""An event loop hears of what other threads have done."""

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest

from apps.triggers.hooks.settle import Settler, settled


def test_who_waits_gets_the_result_or_the_error() -> None:
    async def wait() -> list[Any]:
        good, bad = Future[int](), Future[int]()
        waiting = [settled(good), settled(bad)]
        good.set_result(7)
        bad.set_exception(ValueError("no"))
        return await asyncio.gather(*waiting, return_exceptions=True)

    number, error = asyncio.run(wait())
    assert number == 7
    assert isinstance(error, ValueError)


def test_what_is_settled_together_wakes_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait() -> int:
        loop, woken = asyncio.get_running_loop(), []
        settler = Settler(loop)
        wake = loop.call_soon_threadsafe
        monkeypatch.setattr(
            loop, "call_soon_threadsafe", lambda *call: woken.append(1) or wake(*call)
        )
        work = [Future[int]() for _ in range(10)]
        waiting = [settler.awaitable(each) for each in work]
        for each in work:
            each.set_result(1)
        assert sum(await asyncio.gather(*waiting)) == 10
        return len(woken)

    assert asyncio.run(wait()) == 1


def test_to_give_up_waiting_does_not_end_the_work() -> None:
    async def give_up() -> Future[int]:
        work = Future[int]()
        waiting = settled(work)
        waiting.cancel()
        work.set_result(7)
        await asyncio.sleep(0)
        return work

    assert asyncio.run(give_up()).result() == 7


def test_a_loop_that_is_closed_is_told_nothing() -> None:
    work = Future[int]()

    async def wait() -> None:
        settled(work)

    asyncio.run(wait())
    work.set_result(7)
    assert work.result() == 7
