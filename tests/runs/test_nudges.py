"""To hear that a run went on."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from channels.layers import InMemoryChannelLayer

from apps.runs import nudges as nudges_module
from apps.runs.nudges import nudges


class Layer(InMemoryChannelLayer):
    """One that knows which channels were made, and which of them is listened to by nobody now."""

    def __init__(self) -> None:
        super().__init__()
        self.made: set[str] = set()
        self.left: set[str] = set()

    async def new_channel(self, prefix: str = "specific.") -> str:
        channel = str(await super().new_channel(prefix))
        self.made.add(channel)
        return channel

    async def receive(self, channel: str) -> Any:
        try:
            return await super().receive(channel)
        finally:
            self.left.add(channel)


def test_one_channel_stays_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Layer()
    monkeypatch.setattr(nudges_module, "get_channel_layer", lambda: layer)

    async def wait() -> None:
        async with nudges(uuid4()) as nudged:
            await nudged.wait()
            await asyncio.sleep(0)  # it is listened to

    async def two_wait_at_once() -> None:
        await asyncio.gather(wait(), wait())

    asyncio.run(two_wait_at_once())
    assert len(layer.left) == 2
    assert len(layer.made - layer.left) == 1
