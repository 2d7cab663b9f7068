"""Tells listeners that runs went on: "run X is at seq N". The rows are the truth, this a nudge.

What is told of a workspace within a few milliseconds is one message: each costs far more than what
it says. Called from worker threads; sending happens on an event loop: the server's own in one
process (the in-memory channel layer lives there), a background one with Redis.
"""

import asyncio
import logging
import math
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
"""How long lies between two sendings at least: what is told meanwhile is gathered."""
SEND_S = 5
MOST_WAITING = 10_000

Message = dict[str, Any]


class _Sender:
    """Sends on one event loop, what is told from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._lock = threading.Lock()
        self._waiting: dict[tuple[UUID, UUID], tuple[int, str]] = {}
        """By workspace and what it is about: the number that a run has reached, and a notice."""
        self._due = math.inf
        """When what waits is to be sent, on the loop's clock."""
        self._sent_at = -math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._sending: asyncio.Task[None] | None = None

    def put(
        self, workspace: UUID, about: UUID, seq: int, notice: str, *, can_wait: bool = False
    ) -> None:
        """Have it sent: at once, where nothing was sent just now. `can_wait`: something that is to
        be sent with it may follow soon."""
        now, key = self.loop.time(), (workspace, about)
        with self._lock:
            if key in self._waiting or len(self._waiting) < MOST_WAITING:
                before, said = self._waiting.get(key, (0, ""))
                self._waiting[key] = max(seq, before), notice or said
            due = now + GATHER_S if can_wait else max(now, self._sent_at + GATHER_S)
            is_sooner, self._due = due < self._due, min(due, self._due)
        if is_sooner:
            with suppress(RuntimeError):  # the loop was closed: nobody listens any more
                self.loop.call_soon_threadsafe(self._set_timer)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due < math.inf and (self._sending is None or self._sending.done()):
            self._timer = self.loop.call_at(self._due, self._begin)

    def _begin(self) -> None:
        self._sending = self.loop.create_task(self._send())
        self._sending.add_done_callback(lambda _: self._set_timer())

    async def _send(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            self._due, self._sent_at = math.inf, self.loop.time()
        messages: dict[UUID, Message] = {}
        for (workspace, about), (seq, notice) in waiting.items():
            message = messages.get(workspace) or messages.setdefault(workspace, _empty(workspace))
            if seq:
                message["runs"][str(about)] = seq
            if notice:
                message["notices"].append(notice)
        layer = get_channel_layer()
        assert layer is not None
        try:
            async with asyncio.timeout(SEND_S):
                for message in messages.values():
                    await layer.group_send(message["group"], message)
        except Exception as error:
            # A fault of the layer is none of the runs': their rows are durable, and streams look
            # by themselves every few seconds. A status that is lost is not told again.
            logger.warning("%d nudges could not be sent: %s", len(waiting), error)


def _empty(workspace: UUID) -> Message:
    return {"type": "workspace.news", "group": group_of(workspace), "runs": {}, "notices": []}


_sender: _Sender | None = None
_lock = threading.Lock()


def group_of(workspace: UUID) -> str:
    return f"workspace.{workspace}"


def listen_on(loop: asyncio.AbstractEventLoop) -> None:
    """Send on this loop from now on: the one on which listeners of this process live."""
    global _sender
    with _lock:
        if _sender is None or _sender.loop is not loop:
            _sender = _Sender(loop)


def tell_progress(workspace: UUID, run: UUID, seq: int) -> None:
    """The run's events up to `seq` are durable."""
    _send(workspace, run, seq)


def tell_begun(workspace: UUID, workflow: UUID, run: UUID) -> None:
    """A worker executes the run now. Of one that ends at once nothing but its end is told."""
    notice = _status_notice(workflow, run, "running")
    _send(workspace, run, notice=notice, can_wait=True)


def tell_status(workspace: UUID, workflow: UUID, run: UUID, status: str, seq: int = 0) -> None:
    """The run has another status, and its events up to `seq` are durable."""
    _send(workspace, run, seq, _status_notice(workflow, run, status))


def tell_heard(workspace: UUID, workflow: UUID, node: str, request: UUID, run: UUID | None) -> None:
    """A node that listened for a request has got one, and started a run where it was to."""
    told = {
        "workflow": str(workflow),
        "node": node,
        "request": str(request),
        "run": run and str(run),
    }
    _send(workspace, request, notice=_notice("hook_request", told))


def tell_refused(
    workspace: UUID, workflow: UUID, node: str, refusal: Mapping[str, int | str]
) -> None:
    """A node that listens for a request has not let one in."""
    told = {"workflow": str(workflow), "node": node, **refusal}
    _send(workspace, workflow, notice=_notice("hook_refused", told))


def tell_hold(workspace: UUID, about: UUID, what: str) -> None:
    """The workspace, one of its workflows, or everything was paused or resumed."""
    _send(workspace, about, notice=_notice("hold", {"what": what, "id": str(about)}))


def _status_notice(workflow: UUID, run: UUID, status: str) -> str:
    told = {
        "run": str(run),
        "workflow": str(workflow),
        "status": status,
        "at": write_time(timezone.now()),
    }
    return _notice("run_status", told)


def _notice(event: str, told: Mapping[str, Any]) -> str:
    """What all who listen to the workspace are told, in these very words."""
    return orjson.dumps({"event": event, **told}).decode()


def _send(
    workspace: UUID, about: UUID, seq: int = 0, notice: str = "", *, can_wait: bool = False
) -> None:
    layer = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer) and group_of(workspace) not in layer.groups:
        return  # nobody listens; who joins from now on reads what is durable by now
    sender = _sender or _background_sender()
    if sender is not None:
        sender.put(workspace, about, seq, notice, can_wait=can_wait)


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
