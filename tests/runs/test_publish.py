"""Nudges to listeners: gathered, the last about each run, and never an error of who tells."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import orjson
import pytest
from channels.layers import get_channel_layer

from apps.runs import publish

WORKSPACE, WORKFLOW, RUN, OTHER = uuid4(), uuid4(), uuid4(), uuid4()
LONG_S = 3_600
"""No test waits for so long."""

Message = dict[str, Any]


@pytest.fixture(autouse=True)
def sends_here() -> Iterator[None]:
    before = publish._sender
    yield
    publish._sender = before


async def sender() -> publish._Sender:
    """That of this loop, in a workspace to which somebody listens as `me`."""
    publish.listen_on(asyncio.get_running_loop())
    await get_channel_layer().group_add(publish.group_of(WORKSPACE), "me")
    assert publish._sender is not None
    return publish._sender


async def heard() -> Message:
    async with asyncio.timeout(60):
        message: Message = await get_channel_layer().receive("me")
        return message


def statuses(message: Message) -> list[str]:
    return [orjson.loads(text)["status"] for text in message["notices"]]


def tell_many() -> None:
    for seq in (1, 2, 3):
        publish.tell_progress(WORKSPACE, RUN, seq)
    publish.tell_status(WORKSPACE, WORKFLOW, OTHER, "completed", 7)


def test_the_first_nudge_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "GATHER_S", LONG_S)

    async def told() -> Message:
        await sender()
        publish.tell_status(WORKSPACE, WORKFLOW, RUN, "completed", 7)
        return await heard()

    message = asyncio.run(told())
    assert (message["runs"], statuses(message)) == ({str(RUN): 7}, ["completed"])


def test_what_is_told_soon_after_another_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    async def told() -> Message:
        sends = await sender()
        publish.tell_progress(WORKSPACE, RUN, 1)
        await heard()
        monkeypatch.setattr(publish, "GATHER_S", LONG_S)
        await asyncio.to_thread(tell_many)
        await asyncio.sleep(0)
        sends._begin()  # as if the time were over
        return await heard()

    message = asyncio.run(told())
    assert (message["runs"], statuses(message)) == ({str(RUN): 3, str(OTHER): 7}, ["completed"])


def test_what_is_gathered_is_sent_by_itself() -> None:
    async def told() -> int:
        await sender()
        for seq in range(1, 101):
            await asyncio.to_thread(publish.tell_progress, WORKSPACE, RUN, seq)
        last = 0
        while last < 100:
            last = (await heard())["runs"][str(RUN)]
        return last

    assert asyncio.run(told()) == 100


def test_a_run_that_ends_as_soon_as_it_began_is_told_of_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publish, "GATHER_S", LONG_S)

    async def told() -> Message:
        await sender()
        publish.tell_begun(WORKSPACE, WORKFLOW, RUN)
        await asyncio.sleep(0)
        publish.tell_status(WORKSPACE, WORKFLOW, RUN, "completed", 7)
        return await heard()

    assert statuses(asyncio.run(told())) == ["completed"]


def test_the_beginning_of_a_run_is_told_though_nothing_follows() -> None:
    async def told() -> Message:
        await sender()
        publish.tell_begun(WORKSPACE, WORKFLOW, RUN)
        return await heard()

    message = asyncio.run(told())
    assert (message["runs"], statuses(message)) == ({}, ["running"])


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "MOST_WAITING", 2)

    async def told() -> Message:
        await sender()
        for run in (RUN, OTHER, uuid4(), RUN):
            publish.tell_progress(WORKSPACE, run, 5)
        return await heard()

    assert asyncio.run(told())["runs"] == {str(RUN): 5, str(OTHER): 5}


@pytest.mark.parametrize("meanwhile", [lambda: None, tell_many], ids=["", "told meanwhile"])
def test_a_layer_that_is_away_is_logged_and_the_next_nudge_goes_on(
    meanwhile: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def told() -> Message:
        await sender()
        layer, tried = get_channel_layer(), asyncio.Event()
        with monkeypatch.context() as patch:

            async def away(group: str, message: Message) -> None:
                meanwhile()
                patch.undo()
                tried.set()
                raise ConnectionError("Redis is away")

            patch.setattr(layer, "group_send", away)
            publish.tell_progress(WORKSPACE, RUN, 1)
            await tried.wait()
        publish.tell_progress(WORKSPACE, RUN, 4)
        return await heard()

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(told())["runs"][str(RUN)] == 4
    assert "Redis is away" in caplog.text


def test_a_loop_that_was_closed_is_no_error_of_who_tells() -> None:
    asyncio.run(sender())
    publish.tell_progress(WORKSPACE, RUN, 1)
