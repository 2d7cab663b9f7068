"""Tells listeners that a run went on: "run X is at seq N". The rows are the truth, this a nudge.

Called from worker threads; sending happens on an event loop: the server's own in one process (the
in-memory channel layer lives there), a background one with Redis.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.utils import timezone

from apps.engine.events import write_time

_loop: asyncio.AbstractEventLoop | None = None
_lock = threading.Lock()
_sending: set[asyncio.Task[None]] = set()


def run_group(run: UUID) -> str:
    return f"run.{run}"


def workspace_group(workspace: UUID) -> str:
    return f"workspace.{workspace}"


def listen_on(loop: asyncio.AbstractEventLoop) -> None:
    """Send on this loop from now on: the one on which listeners of this process live."""
    global _loop
    _loop = loop


def tell_progress(run: UUID, seq: int) -> None:
    """The run's events up to `seq` are durable."""
    _send(run_group(run), {"type": "run.progress", "run": str(run), "seq": seq})


def tell_status(workspace: UUID, workflow: UUID, run: UUID, status: str) -> None:
    """The run has another status."""
    message = {
        "run": str(run),
        "workflow": str(workflow),
        "status": status,
        "at": write_time(timezone.now()),
    }
    _send(workspace_group(workspace), {"type": "run.status", **message})


def _send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer) and group not in layer.groups:
        return  # nobody listens; who joins from now on reads what is durable by now
    loop = _loop or _background_loop()
    if loop is not None and not loop.is_closed():
        loop.call_soon_threadsafe(_start, _group_send(group, message))


async def _group_send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(group, message)


def _start(sending: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(sending)
    _sending.add(task)
    task.add_done_callback(_sending.discard)


def _background_loop() -> asyncio.AbstractEventLoop | None:
    """A loop of our own for a process without listeners; none is needed where nobody can hear."""
    global _loop
    if not settings.REDIS_URL:
        return None
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="publish", daemon=True).start()
    return _loop
