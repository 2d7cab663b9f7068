"""Those who watch runs: how far each was told, what is new for it, and whether it still may.

One look at rights and rows every few seconds serves all of them. It is also the way on where a
nudge was lost.
"""

import asyncio
import logging
from collections import deque
from typing import Any, NoReturn
from uuid import UUID

from apps.runs.listeners import Credentials, credentials_of, seen_by
from apps.runs.nudges import ear
from apps.runs.reading import outages_borne, read
from apps.runs.states import TERMINAL

logger = logging.getLogger(__name__)

TICK_S = 5
"""How often rights are looked at again: whoever loses them hears nothing more soon after."""
TICKS_A_SIGN = 3
AT_ONCE = 100
"""Watchers that are looked after before others have a turn, and the runs that one query names."""
MOST_NOTICES = 1_000
"""What is kept for a watcher that takes nothing; the oldest goes first."""


class Watcher:
    """One connection: the runs that it follows, and the workspace whose changes it hears of."""

    def __init__(self, asked: dict[str, Any], workspace: UUID | None = None) -> None:
        self.credentials = credentials_of(asked)
        self.workspace = workspace
        self.told: dict[UUID, int] = {}
        """The runs that are followed, and the number up to which each was told."""
        self.behind: dict[UUID, int] = {}
        """Those of which there may be something new, and the number they have."""
        self._workspaces: dict[UUID, UUID] = {}
        self.notices: deque[str] | None = None
        self.ticks = 0
        self.is_refused = False
        self._new = asyncio.Event()

    def enter(self) -> None:
        """Begin to hear, and to be looked after."""
        _rounds().watchers.add(self)
        if self.workspace is not None:
            self.notices = deque(maxlen=MOST_NOTICES)
            ear().listen_to_notices(self.workspace, self.hear_notice)

    def leave(self) -> None:
        _rounds().watchers.discard(self)
        for run in list(self.told):
            self.unfollow(run)
        if self.workspace is not None:
            ear().leave_notices(self.workspace, self.hear_notice)

    def follow(self, workspace: UUID, run: UUID, after: int) -> None:
        """Be told of a run from behind this number on."""
        self.told[run] = after
        self._workspaces[run] = workspace
        self.mark(run, 0)
        ear().listen(workspace, run, self.hear)

    def unfollow(self, run: UUID) -> None:
        self.behind.pop(run, None)
        if self.told.pop(run, None) is not None:
            ear().leave(self._workspaces.pop(run), run, self.hear)

    def hear(self, run: UUID, seq: int) -> None:
        if seq == 0 or seq > self.told.get(run, 0):
            self.mark(run, seq)

    def hear_notice(self, text: str) -> None:
        if self.notices is not None:
            self.notices.append(text)
            self.rouse()

    def mark(self, run: UUID, seq: int) -> None:
        """There may be something new of a run."""
        if run in self.told:
            self.behind[run] = max(seq, self.behind.get(run, 0))
            self.rouse()

    def rouse(self) -> None:
        self._new.set()

    async def roused(self) -> None:
        """Wait until there is something to do."""
        await self._new.wait()
        self._new.clear()

    def see(self, runs: dict[UUID, tuple[int, str]], workspaces: set[UUID]) -> None:
        """Take note of what was seen for it: its runs with number and status, and where it may
        listen."""
        self.ticks += 1
        if self.workspace is not None:
            self.is_refused |= self.workspace not in workspaces
        for run, told in self.told.items():
            seq, status = runs.get(run, (0, ""))
            if not status and self.workspace is None:
                self.is_refused = True
            if not status or seq > told or status in TERMINAL:
                self.mark(run, seq)
        if self.is_refused or self.ticks % TICKS_A_SIGN == 0:
            self.rouse()


class Rounds:
    """Looks after all watchers of an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.watchers: set[Watcher] = set()
        self._task = loop.create_task(self._go())

    async def _go(self) -> NoReturn:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                with outages_borne():
                    await self._look()
            except Exception:
                # A fault of ours, which must not leave all without the next look.
                logger.exception("a look at the rights of streams failed")

    async def _look(self) -> None:
        alike: dict[Credentials, list[Watcher]] = {}
        for watcher in self.watchers:
            alike.setdefault(watcher.credentials, []).append(watcher)
        for credentials, watchers in alike.items():
            for begin in range(0, len(watchers), AT_ONCE):
                await self._look_for(credentials, watchers[begin : begin + AT_ONCE])

    async def _look_for(self, credentials: Credentials, watchers: list[Watcher]) -> None:
        # Those who come to follow more meanwhile were let in just now: the next look is theirs.
        watched = {watcher: set(watcher.told) for watcher in watchers}
        runs = set().union(*watched.values())
        workspaces = {watcher.workspace for watcher in watchers if watcher.workspace is not None}
        seen, allowed = await read(seen_by, credentials, runs, workspaces)
        for watcher in watchers:
            if set(watcher.told) <= watched[watcher]:
                watcher.see(seen, allowed)


_of_loop: Rounds | None = None


def _rounds() -> Rounds:
    global _of_loop
    loop = asyncio.get_running_loop()
    if _of_loop is None or _of_loop.loop is not loop:
        _of_loop = Rounds(loop)
    return _of_loop
