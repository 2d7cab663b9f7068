"""Bodies on their way in: bounded, and large uploads handed on as they come.

Daphne waits for the end of a body, and then hands all of it to the application, out of memory.
"""

import asyncio
from typing import Any
from urllib.parse import unquote

from django.conf import settings

from apps.triggers.bodies.read import is_upload
from flowforge.outside import OUTSIDE

LARGE_BYTES = 100_000
"""Twisted keeps what is smaller in memory."""
AHEAD_BYTES = 256 * 1024
"""How much a client may send before the application has taken it."""


class Incoming:
    """The body of one request of Twisted, which knows it as `incoming`."""

    def __init__(self, request: Any) -> None:
        self._request = request
        request.incoming = self
        self._keep = request.handleContentChunk
        self._got_length = request.gotLength
        self._queue: asyncio.Queue[dict[str, Any]] | None = None
        self._most = settings.MAX_BODY_BYTES
        self._size = self._ahead = 0
        self.is_streamed = self._is_whole = self._is_answered = False
        # The decoder of the body takes this one before the length is known.
        request.handleContentChunk = self._take
        request.gotLength = self._begin

    def hand_to(self, queue: Any) -> None:
        """From this asyncio.Queue the application takes the messages of a streamed body."""
        self._queue = queue
        if queue is not None:
            take = queue._get  # which is there to be overridden

            def taken() -> dict[str, Any]:
                message: dict[str, Any] = take()
                self._let_flow(len(message.get("body", b"")))
                return message

            queue._get = taken

    def _begin(self, length: int | None) -> None:
        """All headers are there; None is the length of a body in chunks."""
        request, channel = self._request, self._request.channel
        is_upload = self._is_upload(channel._path)
        self._most = settings.MAX_UPLOAD_BYTES if is_upload else settings.MAX_BODY_BYTES
        if not is_upload or (length is not None and length < LARGE_BYTES):
            self._got_length(length)
            return
        self.is_streamed = True
        request.content = Nothing()
        come = request.requestReceived
        request.requestReceived = self._end
        self._finish = request.finish
        request.finish = self._answered
        # Twisted would call this at the end of the body.
        come(channel._command, channel._path, channel._version)

    def _is_upload(self, path: bytes) -> bool:
        if not unquote(path).startswith(OUTSIDE):
            return False
        raw = self._request.requestHeaders.getRawHeaders
        headers = {
            name: b", ".join(raw(name.encode()) or ()).decode("latin-1")
            for name in ("content-type", "content-encoding")
        }
        # Daphne goes by the first of several.
        is_socket = (raw(b"upgrade") or (b"",))[0].lower() == b"websocket"
        return is_upload(headers) and not is_socket

    def _take(self, chunk: bytes) -> None:
        if not self.is_streamed:
            # No more than shows that it is too large.
            room = self._most + 1 - self._request.content.tell()
            self._keep(chunk[: max(0, room)])
            return
        room = self._most + 1 - self._size
        self._size += len(chunk)
        if self._is_answered or room <= 0:
            # Read on for a while: who still sends would not see the answer.
            if self._size > 2 * self._most:
                self._request.channel.transport.abortConnection()
            return
        self._put(chunk[:room], more_body=len(chunk) < room)
        self._ahead += len(chunk[:room])
        if self._ahead > AHEAD_BYTES:
            self._request.channel.transport.pauseProducing()

    def _let_flow(self, size: int) -> None:
        was_ahead, self._ahead = self._ahead > AHEAD_BYTES, self._ahead - size
        if was_ahead and self._ahead <= AHEAD_BYTES and self._request.channel is not None:
            self._request.channel.transport.resumeProducing()

    def _put(self, body: bytes, *, more_body: bool) -> None:
        if self._queue is not None:
            message = {"type": "http.request", "body": body, "more_body": more_body}
            self._queue.put_nowait(message)

    def _end(self, *line: bytes) -> None:
        """The whole body has come."""
        self._is_whole = True
        if self._is_answered:
            self._finish()
        elif self._size <= self._most:
            self._put(b"", more_body=False)

    def _answered(self) -> None:
        """The answer is written. The connection is good for another request once all has come."""
        if self._is_whole:
            self._finish()
            return
        self._is_answered = True
        self._let_flow(self._ahead)


class Nothing:
    """What Daphne finds in place of a body that is not kept: it reads nothing of it."""

    closed = True

    def tell(self) -> int:
        return 0

    def seek(self, *place: int) -> None: ...

    def close(self) -> None: ...
