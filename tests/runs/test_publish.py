"""Nudges to listeners: gathered, the last about each run, and never an error of who tells."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer

from apps.runs import publish

RUN = uuid4()


@pytest.fixture(autouse=True)
def sends_here() -> Iterator[None]:
    before = publish._sender
    yield
    publish._sender = before


async def heard(channel: str, seconds: float = 0.5) -> list[dict[str, Any]]:
    layer = get_channel_layer()
    messages = []
    try:
        while True:
            messages.append(await asyncio.wait_for(layer.receive(channel), seconds))
    except TimeoutError:
        return messages


def test_of_several_nudges_about_a_run_the_last_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "GATHER_S", 0.2)

    async def told() -> list[dict[str, Any]]:
        publish.listen_on(asyncio.get_running_loop())
        layer = get_channel_layer()
        await layer.group_add(publish.run_group(RUN), "me")
        await asyncio.to_thread(lambda: [publish.tell_progress(RUN, seq) for seq in (1, 2, 3)])
        first = await heard("me")
        publish.tell_progress(RUN, 4)
        return first + await heard("me")

    assert [message["seq"] for message in asyncio.run(told())] == [3, 4]


def test_a_layer_that_is_away_is_logged_and_the_next_nudge_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def told() -> list[dict[str, Any]]:
        publish.listen_on(asyncio.get_running_loop())
        layer = get_channel_layer()
        await layer.group_add(publish.run_group(RUN), "me")
        with monkeypatch.context() as patch:

            async def away(group: str, message: dict[str, Any]) -> None:
                raise ConnectionError("Redis is away")

            patch.setattr(layer, "group_send", away)
            publish.tell_progress(RUN, 1)
            await asyncio.sleep(0.1)
        publish.tell_progress(RUN, 2)
        return await heard("me")

    with caplog.at_level(logging.WARNING):
        assert [message["seq"] for message in asyncio.run(told())] == [2]
    assert "Redis is away" in caplog.text


def test_a_loop_that_was_closed_is_no_error_of_who_tells() -> None:
    async def listen() -> None:
        publish.listen_on(asyncio.get_running_loop())
        await get_channel_layer().group_add(publish.run_group(RUN), "me")

    asyncio.run(listen())
    publish.tell_progress(RUN, 1)
