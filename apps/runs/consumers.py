"""Live events: server-sent events for one run, a WebSocket for a workspace's runs.

Consumers and not views: a view would hold a thread and a database connection for each stream. Rows
are read on a few threads that give their connection back after each read.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any, NoReturn, ParamSpec, TypeVar, cast
from urllib.parse import parse_qs
from uuid import UUID

import orjson
from channels.exceptions import ChannelFull, StopConsumer
from channels.generic.http import AsyncHttpConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import BaseChannelLayer
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import Fault
from apps.runs import publish
from apps.runs.events import read_events
from apps.runs.listeners import may_watch_run, may_watch_workspace
from apps.workspaces.problems import CONTENT_TYPE, SIGN_IN, problem

logger = logging.getLogger(__name__)

TICK_S = 5
"""How often rights are looked at again: whoever loses them hears nothing more soon after."""
TICKS_A_COMMENT = 3
P = ParamSpec("P")
T = TypeVar("T")

_readers = ThreadPoolExecutor(4, thread_name_prefix="stream")


async def read(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call what reads the database, on a thread of ours."""

    def call() -> T:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            if connection.vendor == "postgresql":
                connection.close()  # back to the pool

    return await asyncio.get_running_loop().run_in_executor(_readers, call)


async def ticks(layer: BaseChannelLayer, channel: str) -> NoReturn:
    """Have a consumer look again, from time to time; one that has a long backlog the next time."""
    while True:
        await asyncio.sleep(TICK_S)
        with suppress(ChannelFull):
            await layer.send(channel, {"type": "stream.tick"})


@contextmanager
def outages_borne() -> Iterator[None]:
    """Bear a database that is away for a moment: the next tick looks again."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        logger.warning("a stream did not reach the database: %s", error)


class RunEventStream(AsyncHttpConsumer):
    """`GET /runs/{id}/events` as server-sent events."""

    async def handle(self, body: bytes) -> None:
        raise NotImplementedError("a stream answers piece by piece: see http_request")

    async def http_request(self, message: Any) -> None:
        if message.get("more_body"):
            return
        publish.listen_on(asyncio.get_running_loop())
        self.asked = cast(dict[str, Any], self.scope)
        self.run: UUID = self.asked["url_route"]["kwargs"]["run"]
        self.ticking: asyncio.Task[None] | None = None
        self.ticks = 0
        if self.scope["method"] not in ("GET", "HEAD"):
            await self._refuse(405, "A stream can only be read.")
        after = _after(self.asked)
        if after is None:
            await self._refuse(400, "`after` and `Last-Event-ID` take a number from 0.")
        self.after = after
        answer = 503
        with outages_borne():
            answer = await read(may_watch_run, self.asked, self.run)
        if answer != 200:
            await self._refuse(answer, _SENTENCES[answer])
        if self.scope["method"] == "HEAD":
            await self.send_response(200, b"", headers=_STREAM_HEADERS)
            raise StopConsumer
        await self.channel_layer.group_add(publish.run_group(self.run), self.channel_name)
        await self.send_headers(headers=_STREAM_HEADERS)
        await self.send_body(b": FlowForge\nretry: 2000\n\n", more_body=True)
        self.ticking = asyncio.create_task(ticks(self.channel_layer, self.channel_name))
        with outages_borne():
            await self._forward()

    async def run_progress(self, message: dict[str, Any]) -> None:
        if message["seq"] > self.after:
            with outages_borne():
                await self._forward()

    async def stream_tick(self, message: dict[str, Any]) -> None:
        """Look at the rights again; also the way on where a nudge was lost."""
        self.ticks += 1
        if self.ticks % TICKS_A_COMMENT == 0:
            await self.send_body(b": still here\n\n", more_body=True)
        with outages_borne():
            await self._look_at_rights()
            await self._forward()

    async def disconnect(self) -> None:
        if self.ticking is not None:
            self.ticking.cancel()
            await self.channel_layer.group_discard(publish.run_group(self.run), self.channel_name)

    async def _forward(self) -> None:
        while True:
            page = await read(read_events, self.run, self.after)
            self.after = page.upto
            if page.events:
                await self.send_body(b"".join(map(_written, page.events)), more_body=True)
            if page.is_last:
                await self._end()
            if not page.has_more:
                return
            # A long run takes longer to be told than rights may go unasked.
            await self._look_at_rights()

    async def _look_at_rights(self) -> None:
        if await read(may_watch_run, self.asked, self.run) != 200:
            await self._end()

    async def _end(self) -> NoReturn:
        await self.send_body(b"")
        await self.disconnect()
        raise StopConsumer

    async def _refuse(self, status: int, sentence: str) -> NoReturn:
        answer = HTTPStatus(status)
        fault = Fault("", answer.name.lower(), sentence)
        body = orjson.dumps(problem(answer, sentence, [fault]))
        headers = [(b"Content-Type", CONTENT_TYPE.encode())]
        if status == 401:
            headers.append((b"WWW-Authenticate", b'Bearer realm="FlowForge"'))
        await self.send_response(status, body, headers=headers)
        raise StopConsumer


class WorkspaceSocket(AsyncJsonWebsocketConsumer):
    """`/ws/workspaces/{id}`: status changes of a workspace's runs, and the events of those that
    are followed (`{"follow": run, "after": seq}`, `{"unfollow": run}`)."""

    MAX_FOLLOWED = 200

    async def connect(self) -> None:
        publish.listen_on(asyncio.get_running_loop())
        self.asked = cast(dict[str, Any], self.scope)
        self.workspace: UUID = self.asked["url_route"]["kwargs"]["workspace"]
        self.followed: dict[UUID, int] = {}
        self.is_closed = False
        self.ticking: asyncio.Task[None] | None = None
        if not await read(may_watch_workspace, self.asked, self.workspace):
            await self.close(code=4403)
            return
        await self.channel_layer.group_add(
            publish.workspace_group(self.workspace), self.channel_name
        )
        await self.accept()
        self.ticking = asyncio.create_task(ticks(self.channel_layer, self.channel_name))

    async def disconnect(self, code: int) -> None:
        if self.ticking is None:
            return
        self.ticking.cancel()
        groups = [publish.workspace_group(self.workspace), *map(publish.run_group, self.followed)]
        for group in groups:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        try:
            content = read_json((text_data or "").encode(errors="replace"))
        except NotJsonError:
            content = None
        await self.receive_json(content)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        try:
            following = "follow" in content
            run = UUID(content["follow" if following else "unfollow"])
            after = content.get("after", 0)
            if not isinstance(after, int) or isinstance(after, bool) or after < 0:
                raise ValueError
        except (KeyError, TypeError, ValueError, AttributeError):
            await self.send_json({"event": "error", "message": _SOCKET_FORM})
            return
        if not following:
            self.followed.pop(run, None)
            await self.channel_layer.group_discard(publish.run_group(run), self.channel_name)
        elif len(self.followed) >= self.MAX_FOLLOWED and run not in self.followed:
            sentence = f"At most {self.MAX_FOLLOWED} runs can be followed at once."
            await self.send_json({"event": "error", "run": str(run), "message": sentence})
        elif await read(may_watch_run, self.asked, run, self.workspace) != 200:
            sentence = "There is no such run in this workspace."
            await self.send_json({"event": "error", "run": str(run), "message": sentence})
        else:
            self.followed[run] = after
            await self.channel_layer.group_add(publish.run_group(run), self.channel_name)
            await self._forward(run)

    async def run_progress(self, message: dict[str, Any]) -> None:
        run = UUID(message["run"])
        if run in self.followed and message["seq"] > self.followed[run]:
            with outages_borne():
                await self._forward(run)

    async def run_status(self, message: dict[str, Any]) -> None:
        await self._tell("run_status", message)

    async def hook_request(self, message: dict[str, Any]) -> None:
        await self._tell("hook_request", message)

    async def hook_refused(self, message: dict[str, Any]) -> None:
        await self._tell("hook_refused", message)

    async def _tell(self, event: str, message: dict[str, Any]) -> None:
        told = {key: value for key, value in message.items() if key != "type"}
        await self.send_json({"event": event, **told})

    async def stream_tick(self, message: dict[str, Any]) -> None:
        with outages_borne():
            await self._look_at_rights()
            for run in list(self.followed):
                await self._forward(run)

    async def _forward(self, run: UUID) -> None:
        while run in self.followed and not self.is_closed:
            page = await read(read_events, run, self.followed[run])
            self.followed[run] = page.upto
            for event in page.events:
                await self.send_json(event)
            if page.is_last:
                # Nothing can follow: an ended run costs nothing more.
                self.followed.pop(run, None)
                await self.channel_layer.group_discard(publish.run_group(run), self.channel_name)
            elif not page.has_more:
                return
            else:
                await self._look_at_rights()

    async def _look_at_rights(self) -> None:
        if not await read(may_watch_workspace, self.asked, self.workspace):
            self.is_closed = True
            await self.close(code=4403)


_STREAM_HEADERS = [
    (b"Content-Type", b"text/event-stream; charset=utf-8"),
    (b"Cache-Control", b"no-cache, no-transform"),
    (b"X-Accel-Buffering", b"no"),
    (b"X-Content-Type-Options", b"nosniff"),
]
_SENTENCES = {
    401: SIGN_IN,
    403: "Streams are not served to pages of other origins.",
    404: "There is nothing here, or nothing that you may see.",
    503: "The database does not answer; try again.",
}
_SOCKET_FORM = 'Send {"follow": run id, "after": number} or {"unfollow": run id}.'


def _after(scope: dict[str, Any]) -> int | None:
    """The cursor: `Last-Event-ID`, as a reconnecting browser sends it, before `?after=`."""
    given = (
        dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
        or (parse_qs(scope["query_string"].decode("latin-1")).get("after", ["0"])[0])
    )
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _written(event: dict[str, Any]) -> bytes:
    data = {key: value for key, value in event.items() if key != "event"}
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        event["seq"],
        event["event"].encode(),
        orjson.dumps(data),
    )
