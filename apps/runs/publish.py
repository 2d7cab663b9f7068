"""Tells listeners that a run went on: "run X is at seq N". The rows are the truth, this a nudge.

Called from worker threads; sending happens on an event loop: the server's own in one process (the
in-memory channel layer lives there), a background one with Redis.
"""

import asyncio
import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.utils import timezone

from apps.engine.events import write_time

logger = logging.getLogger(__name__)

GATHER_S = 0.005
"""How long nudges are gathered: of several about one thing only the last is sent."""
SEND_S = 5
MOST_WAITING = 10_000

Message = dict[str, Any]


class _Sender:
    """Sends on one event loop, what is told from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, UUID], Message] = {}
        self._sending: asyncio.Task[None] | None = None
        self._is_asked = False

    def put(self, group: str, about: UUID, message: Message) -> None:
        with self._lock:
            key = group, about
            if key in self._waiting or len(self._waiting) < MOST_WAITING:
                self._waiting[key] = message
            is_asked, self._is_asked = self._is_asked, True
        if not is_asked:
            with suppress(RuntimeError):  # the loop was closed: nobody listens any more
                self.loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        self._sending = asyncio.ensure_future(self._send_all())

    async def _send_all(self) -> None:
        layer = get_channel_layer()
        assert layer is not None
        while messages := await self._gathered():
            try:
                async with asyncio.timeout(SEND_S):
                    for (group, _), message in messages.items():
                        await layer.group_send(group, message)
            except Exception as error:
                # A fault of the layer is none of the run's: its rows are durable, and streams look
                # by themselves every few seconds. A status that is lost is not told again.
                logger.warning("%d nudges could not be sent: %s", len(messages), error)

    async def _gathered(self) -> dict[tuple[str, UUID], Message]:
        await asyncio.sleep(GATHER_S)
        with self._lock:
            messages, self._waiting = self._waiting, {}
            self._is_asked = bool(messages)
        return messages


_sender: _Sender | None = None
_lock = threading.Lock()


def run_group(run: UUID) -> str:
    return f"run.{run}"


def workspace_group(workspace: UUID) -> str:
    return f"workspace.{workspace}"


def run_of(group: str) -> UUID | None:
    """The run that a group is about, where it is one's."""
    kind, _, id = group.partition(".")
    return UUID(id) if kind == "run" else None


def listen_on(loop: asyncio.AbstractEventLoop) -> None:
    """Send on this loop from now on: the one on which listeners of this process live."""
    global _sender
    with _lock:
        if _sender is None or _sender.loop is not loop:
            _sender = _Sender(loop)


def tell_progress(run: UUID, seq: int) -> None:
    """The run's events up to `seq` are durable."""
    _send(run_group(run), run, {"type": "run.progress", "run": str(run), "seq": seq})


def tell_status(workspace: UUID, workflow: UUID, run: UUID, status: str) -> None:
    """The run has another status."""
    told = {
        "run": str(run),
        "workflow": str(workflow),
        "status": status,
        "at": write_time(timezone.now()),
    }
    _give_notice(workspace, run, "run_status", told)


def tell_heard(workspace: UUID, workflow: UUID, node: str, request: UUID, run: UUID | None) -> None:
    """A node that listened for a request has got one, and started a run where it was to."""
    told = {
        "workflow": str(workflow),
        "node": node,
        "request": str(request),
        "run": run and str(run),
    }
    _give_notice(workspace, request, "hook_request", told)


def tell_refused(
    workspace: UUID, workflow: UUID, node: str, refusal: Mapping[str, int | str]
) -> None:
    """A node that listens for a request has not let one in."""
    told = {"workflow": str(workflow), "node": node, **refusal}
    _give_notice(workspace, workflow, "hook_refused", told)


def _give_notice(workspace: UUID, about: UUID, event: str, told: Message) -> None:
    """Tell all who listen to the workspace, each in these very words."""
    text = orjson.dumps({"event": event, **told}).decode()
    _send(workspace_group(workspace), about, {"type": "workspace.notice", "text": text})


def _send(group: str, about: UUID, message: Message) -> None:
    layer = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer) and group not in layer.groups:
        return  # nobody listens; who joins from now on reads what is durable by now
    sender = _sender or _background_sender()
    if sender is not None:
        sender.put(group, about, {"group": group, **message})


def _background_sender() -> _Sender | None:
    """One with a loop of its own for a process without listeners; none where nobody can hear."""
    if not settings.REDIS_URL:
        return None
    with _lock:
        global _sender
        if _sender is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="publish", daemon=True).start()
            _sender = _Sender(loop)
        return _sender
