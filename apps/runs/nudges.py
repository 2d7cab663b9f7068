"""To hear what is told of runs: over one channel of the layer, however many listen in a process.

Nobody waits for the layer. Who listens reads the rows, and is nudged once all that follows is heard
too. Where the layer is away nothing is heard meanwhile, and it is asked for again all the time.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn
from uuid import UUID

from channels.layers import get_channel_layer

from apps.runs import publish

logger = logging.getLogger(__name__)

Message = dict[str, Any]
Hear = Callable[[Message], None]

PATIENCE_S = 2.0
"""How long the layer may take for one thing."""
AGAIN_S = 1.0


class Ear:
    """What an event loop hears, told apart by groups."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._layer: Any = get_channel_layer()
        self._channel = ""
        self._hearers: dict[str, set[Hear]] = {}
        self._joined: set[str] = set()
        self._changed = asyncio.Event()
        self._tasks = [loop.create_task(self._keep_joined())]

    def listen(self, group: str, hear: Hear) -> None:
        self._hearers.setdefault(group, set()).add(hear)
        if group in self._joined:
            hear(_joined(group))
        else:
            self._changed.set()

    def leave(self, group: str, hear: Hear) -> None:
        hearers = self._hearers.get(group, set())
        hearers.discard(hear)
        if not hearers and self._hearers.pop(group, None) is not None:
            self._changed.set()

    async def _keep_joined(self) -> NoReturn:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._join()
            except Exception as error:
                # A fault of the layer is none of who listens: the rows are looked at all the same.
                logger.warning("nudges are not heard: %s", error)
                await asyncio.sleep(AGAIN_S)
                self._changed.set()

    async def _join(self) -> None:
        if not self._channel:
            async with asyncio.timeout(PATIENCE_S):
                channel = await self._layer.new_channel()
            self._tasks.append(self.loop.create_task(self._hear_all(channel)))
            self._channel = channel
        for group in self._joined - self._hearers.keys():
            self._joined.discard(group)
            async with asyncio.timeout(PATIENCE_S):
                await self._layer.group_discard(group, self._channel)
        for group in self._hearers.keys() - self._joined:
            async with asyncio.timeout(PATIENCE_S):
                await self._layer.group_add(group, self._channel)
            self._joined.add(group)
            self._pass_on(_joined(group))

    async def _hear_all(self, channel: str) -> NoReturn:
        while True:
            message = await self._layer.receive(channel)
            self._pass_on(message)

    def _pass_on(self, message: Message) -> None:
        for hear in list(self._hearers.get(message["group"], ())):
            hear(message)


def _joined(group: str) -> Message:
    """What is heard of a group first: all that is told of it from now on is heard."""
    return {"type": "group.joined", "group": group}


_ear: Ear | None = None


def ear() -> Ear:
    """The one of the running loop."""
    global _ear
    loop = asyncio.get_running_loop()
    if _ear is None or _ear.loop is not loop:
        publish.listen_on(loop)
        _ear = Ear(loop)
    return _ear


@asynccontextmanager
async def nudges(run: UUID) -> AsyncIterator[asyncio.Event]:
    """Give an event that is set each time the run goes on, and first once all that follows is
    heard. Where nudges are not to be had it is never set."""
    nudged = asyncio.Event()
    here, group = ear(), publish.run_group(run)

    def hear(message: Message) -> None:
        nudged.set()

    here.listen(group, hear)
    try:
        yield nudged
    finally:
        here.leave(group, hear)
