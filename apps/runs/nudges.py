"""To hear what is told of runs: over one channel of the layer, however many listen in a process.

Nobody waits for the layer. Who listens reads the rows, and is nudged once all that follows is heard
too. Where the layer is away nothing is heard meanwhile, and it is asked for again all the time.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn
from uuid import UUID

from channels.layers import get_channel_layer

from apps.runs import publish

logger = logging.getLogger(__name__)

Message = dict[str, Any]
Hear = Callable[[UUID, int], None]
"""Takes a run and the number that it has reached; 0 once all that follows is heard."""
HearNotice = Callable[[str], None]

PATIENCE_S = 2.0
"""How long the layer may take for one thing."""
AGAIN_S = 1.0


@dataclass(slots=True)
class Hearers:
    """Who hears what is told of one workspace: of which run, and all notices."""

    of_runs: defaultdict[str, set[Hear]] = field(default_factory=lambda: defaultdict(set))
    of_notices: set[HearNotice] = field(default_factory=set)

    def hear(self, message: Message) -> None:
        for run, seq in message.get("runs", {}).items():
            self.reach(run, seq)
        for notice in message.get("notices", ()):
            for hear in list(self.of_notices):
                hear(notice)

    def reach(self, run: str, seq: int) -> None:
        if hearers := self.of_runs.get(run):
            id = UUID(run)
            for hear in list(hearers):
                hear(id, seq)


class Ear:
    """What an event loop hears, told apart by workspaces and runs."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._layer: Any = get_channel_layer()
        self._channel = ""
        self._hearers: defaultdict[str, Hearers] = defaultdict(Hearers)
        self._joined: set[str] = set()
        self._changed = asyncio.Event()
        self._tasks = [loop.create_task(self._keep_joined())]

    def listen(self, workspace: UUID, run: UUID, hear: Hear) -> None:
        group = publish.group_of(workspace)
        self._hearers[group].of_runs[str(run)].add(hear)
        if group in self._joined:
            hear(run, 0)
        else:
            self._changed.set()

    def leave(self, workspace: UUID, run: UUID, hear: Hear) -> None:
        group = publish.group_of(workspace)
        of_runs = self._hearers[group].of_runs
        of_runs[str(run)].discard(hear)
        if not of_runs[str(run)]:
            del of_runs[str(run)]
        self._leave_group(group)

    def listen_to_notices(self, workspace: UUID, hear: HearNotice) -> None:
        self._hearers[publish.group_of(workspace)].of_notices.add(hear)
        self._changed.set()

    def leave_notices(self, workspace: UUID, hear: HearNotice) -> None:
        group = publish.group_of(workspace)
        self._hearers[group].of_notices.discard(hear)
        self._leave_group(group)

    def _leave_group(self, group: str) -> None:
        hearers = self._hearers[group]
        if not hearers.of_runs and not hearers.of_notices:
            del self._hearers[group]
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
            if hearers := self._hearers.get(group):
                for run in list(hearers.of_runs):
                    hearers.reach(run, 0)

    async def _hear_all(self, channel: str) -> NoReturn:
        while True:
            message = await self._layer.receive(channel)
            if hearers := self._hearers.get(message["group"]):
                hearers.hear(message)


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
async def nudges(workspace: UUID, run: UUID) -> AsyncIterator[asyncio.Event]:
    """Give an event that is set each time the run goes on, and first once all that follows is
    heard. Where nudges are not to be had it is never set."""
    nudged = asyncio.Event()
    here = ear()

    def hear(run: UUID, seq: int) -> None:
        nudged.set()

    here.listen(workspace, run, hear)
    try:
        yield nudged
    finally:
        here.leave(workspace, run, hear)
