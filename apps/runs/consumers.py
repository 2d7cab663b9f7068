"""Live events: server-sent events for one run, a WebSocket for a workspace's runs.

Consumers and not views: a view would hold a thread and a database connection for each stream. Rows
are read on a few threads that give their connection back after each read; what several wait for is
read once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NoReturn, cast
from urllib.parse import parse_qs
from uuid import UUID

import orjson
from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.http import AsyncHttpConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import Fault
from apps.runs.listeners import may_watch_run, may_watch_workspace
from apps.runs.pages import Told, page_of
from apps.runs.reading import outages_borne, read
from apps.runs.watchers import TICKS_A_SIGN, Watcher
from apps.workspaces.problems import CONTENT_TYPE, SIGN_IN, problem


class Watching(AsyncConsumer):
    """Hears of runs as a watcher, and has no channel of its own: one would be a subscription at
    Redis for each connection."""

    watcher: Watcher

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        self.watcher = self.watching(cast(dict[str, Any], scope))
        asked = self._ask(receive)
        try:
            with suppress(StopConsumer):
                while True:
                    await self.watcher.roused()
                    if asked.done():
                        message, asked = asked.result(), self._ask(receive)
                        await self.dispatch(message)
                    await self.watch_new()
        finally:
            asked.cancel()
            self.watcher.leave()

    def _ask(self, receive: Any) -> "asyncio.Future[Any]":
        """Rouse the watcher by what the client sends too: to wait for either with a task for each
        would be a third of what it takes to tell an event."""
        asked: asyncio.Future[Any] = asyncio.ensure_future(receive())
        asked.add_done_callback(lambda _: self.watcher.rouse())
        return asked

    def watching(self, asked: dict[str, Any]) -> Watcher:
        """What this connection asks for."""
        raise NotImplementedError

    async def watch_new(self) -> None:
        """Tell what is new of what is watched, if anything is."""
        raise NotImplementedError

    async def dispatch(self, message: Any) -> None:
        await getattr(self, get_handler_name(message))(message)

    async def pages(self, run: UUID) -> AsyncIterator[Told]:
        """What there is to tell of a run that is followed, as far as it is known to be."""
        watcher = self.watcher
        while run in watcher.told and not watcher.is_refused:
            least = watcher.behind.pop(run, 0)
            told = await page_of(run, watcher.told[run], least=least)
            if run not in watcher.told:
                return
            watcher.told[run] = told.page.upto
            yield told
            if told.page.is_last or not (told.page.has_more or run in watcher.behind):
                return
            if told.page.has_more:
                # A long run takes longer to be told than rights may go unasked.
                await self.look_at_rights()

    async def look_at_rights(self) -> None:
        raise NotImplementedError


class RunEventStream(Watching, AsyncHttpConsumer):
    """`GET /runs/{id}/events` as server-sent events."""

    signs = 0

    def watching(self, asked: dict[str, Any]) -> Watcher:
        self.run: UUID = asked["url_route"]["kwargs"]["run"]
        return Watcher(asked)

    async def handle(self, body: bytes) -> None:
        raise NotImplementedError("a stream answers piece by piece: see http_request")

    async def http_request(self, message: Any) -> None:
        if message.get("more_body"):
            return
        if self.scope["method"] not in ("GET", "HEAD"):
            await self._refuse(405, "A stream can only be read.")
        after = _after(cast(dict[str, Any], self.scope))
        if after is None:
            await self._refuse(400, "`after` and `Last-Event-ID` take a number from 0.")
        answer, workspace = 503, None
        with outages_borne():
            answer, workspace = await read(may_watch_run, self.watcher.credentials, self.run)
        if workspace is None:
            await self._refuse(answer, _SENTENCES[answer])
        if self.scope["method"] == "HEAD":
            await self.send_response(200, b"", headers=_STREAM_HEADERS)
            raise StopConsumer
        await self.send_headers(headers=_STREAM_HEADERS)
        await self.send_body(b": FlowForge\nretry: 2000\n\n", more_body=True)
        self.watcher.enter()
        self.watcher.follow(workspace, self.run, after)

    async def watch_new(self) -> None:
        if self.watcher.is_refused:
            await self._end()
        if self.watcher.ticks // TICKS_A_SIGN > self.signs:
            self.signs = self.watcher.ticks // TICKS_A_SIGN
            await self.send_body(b": still here\n\n", more_body=True)
        if self.run in self.watcher.behind:
            with outages_borne():
                async for told in self.pages(self.run):
                    if told.page.events:
                        await self.send_body(told.as_stream, more_body=True)
                    if told.page.is_last:
                        await self._end()

    async def look_at_rights(self) -> None:
        _, workspace = await read(may_watch_run, self.watcher.credentials, self.run)
        if workspace is None:
            await self._end()

    async def _end(self) -> NoReturn:
        await self.send_body(b"")
        raise StopConsumer

    async def http_disconnect(self, message: Any) -> None:
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


class WorkspaceSocket(Watching, AsyncJsonWebsocketConsumer):
    """`/ws/workspaces/{id}`: status changes of a workspace's runs, and the events of those that
    are followed (`{"follow": run, "after": seq}`, `{"unfollow": run}`)."""

    MAX_FOLLOWED = 200

    def watching(self, asked: dict[str, Any]) -> Watcher:
        self.workspace: UUID = asked["url_route"]["kwargs"]["workspace"]
        return Watcher(asked, self.workspace)

    async def connect(self) -> None:
        is_allowed = None
        with outages_borne():
            is_allowed = await read(may_watch_workspace, self.watcher.credentials, self.workspace)
        if not is_allowed:
            await self.close(code=1013 if is_allowed is None else 4403)
            return
        await self.accept()
        self.watcher.enter()

    async def websocket_disconnect(self, message: Any) -> None:
        raise StopConsumer

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
        if following:
            await self._follow(run, after)
        else:
            self.watcher.unfollow(run)

    async def _follow(self, run: UUID, after: int) -> None:
        watcher = self.watcher
        if len(watcher.told) >= self.MAX_FOLLOWED and run not in watcher.told:
            await self._refuse(run, f"At most {self.MAX_FOLLOWED} runs can be followed at once.")
            return
        answer = 503
        with outages_borne():
            answer, _ = await read(may_watch_run, watcher.credentials, run, self.workspace)
        if answer == 200:
            watcher.follow(self.workspace, run, after)
        elif answer == 503:
            await self._refuse(run, _SENTENCES[503])
        else:
            await self._refuse(run, "There is no such run in this workspace.")

    async def _refuse(self, run: UUID, sentence: str) -> None:
        await self.send_json({"event": "error", "run": str(run), "message": sentence})

    async def watch_new(self) -> None:
        watcher = self.watcher
        if watcher.is_refused:
            await self._end()
            return
        while watcher.notices:
            await self.send(text_data=watcher.notices.popleft())
        with outages_borne():
            for run in list(watcher.behind):
                async for told in self.pages(run):
                    for text in told.as_messages:
                        await self.send(text_data=text)
                    if told.page.is_last:
                        # Nothing can follow: an ended run costs nothing more.
                        watcher.unfollow(run)

    async def look_at_rights(self) -> None:
        if not await read(may_watch_workspace, self.watcher.credentials, self.workspace):
            self.watcher.is_refused = True
            await self._end()

    async def _end(self) -> None:
        self.watcher.leave()
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
