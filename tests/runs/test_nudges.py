"""To hear that a run went on."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import InMemoryChannelLayer

from apps.runs import nudges as nudges_module
from apps.runs.nudges import nudges
from apps.runs.publish import group_of

WORKSPACE = uuid4()


def news(runs: dict[UUID, int]) -> dict[str, Any]:
    told = {str(run): seq for run, seq in runs.items()}
    return {"type": "workspace.news", "group": group_of(WORKSPACE), "runs": told, "notices": []}


class Layer(InMemoryChannelLayer):
    """One that knows which channels were made."""

    def __init__(self) -> None:
        super().__init__()
        self.made: set[str] = set()

    async def new_channel(self, prefix: str = "specific.") -> str:
        channel = str(await super().new_channel(prefix))
        self.made.add(channel)
        return channel


def test_all_who_wait_share_one_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer()
    monkeypatch.setattr(nudges_module, "get_channel_layer", lambda: layer)

    async def wait(run: UUID) -> None:
        async with nudges(WORKSPACE, run) as nudged:
            await nudged.wait()
            nudged.clear()
            await layer.group_send(group_of(WORKSPACE), news({run: 1}))
            await nudged.wait()

    async def two_wait_at_once() -> None:
        run = uuid4()
        await asyncio.gather(wait(run), wait(run), wait(uuid4()))
        while layer.groups:
            await asyncio.sleep(0.01)

    asyncio.run(two_wait_at_once())
    assert len(layer.made) == 1


def test_who_waits_for_a_run_is_not_woken_by_others(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer()
    monkeypatch.setattr(nudges_module, "get_channel_layer", lambda: layer)
    run, other = uuid4(), uuid4()

    async def are_woken() -> tuple[bool, bool]:
        async with nudges(WORKSPACE, run) as mine, nudges(WORKSPACE, other) as others:
            await mine.wait()
            await others.wait()
            mine.clear()
            others.clear()
            await layer.group_send(group_of(WORKSPACE), news({run: 1, uuid4(): 2}))
            await mine.wait()
            return mine.is_set(), others.is_set()

    assert asyncio.run(are_woken()) == (True, False)


def test_a_layer_that_was_away_is_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer()
    monkeypatch.setattr(nudges_module, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(nudges_module, "AGAIN_S", 0.01)
    join, is_away = layer.group_add, iter([True, True])

    async def join_if_there(group: str, channel: str) -> None:
        if next(is_away, False):
            raise ConnectionError("Redis is away")
        await join(group, channel)

    monkeypatch.setattr(layer, "group_add", join_if_there)

    async def wait() -> None:
        async with asyncio.timeout(10), nudges(WORKSPACE, uuid4()) as nudged:
            await nudged.wait()

    asyncio.run(wait())
