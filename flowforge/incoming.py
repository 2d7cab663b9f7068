"""Bodies on their way in: bounded, and large uploads handed on as they come.

Daphne waits for the end of a body, and then hands all of it to the application, out of memory.
"""

import asyncio
from typing import Any
from urllib.parse import unquote

from daphne.http_protocol import WebRequest
from django.conf import settings

from apps.triggers.bodies.read import is_upload
from flowforge.outside import OUTSIDE

LARGE_BYTES = 100_000
"""Twisted keeps what is smaller in memory."""
AHEAD_BYTES = 256 * 1024
"""How much a client may send before the application has taken it."""


class Request(WebRequest):
    """A request of Daphne, whose body is bounded and, where it may be large, handed on."""

    def __init__(self, *given: Any) -> None:
        # Twisted would read forms by itself, whole in memory, before the application sees them.
        super().__init__(*given, parsePOSTFormSubmission=False)
        self._queue: asyncio.Queue[dict[str, Any]] | None = None
        self._most = settings.MAX_BODY_BYTES
        self._size = self._ahead = 0
        self.is_streamed = self._is_whole = self._is_answered = False

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

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """All headers are there; None is the length of a body in chunks."""
        channel: Any = self.channel
        if not self._is_upload(channel._path):
            super().gotLength(length)
            return
        self._most = settings.MAX_UPLOAD_BYTES
        if length is not None and length < LARGE_BYTES:
            super().gotLength(length)
            return
        self.is_streamed = True
        self.content = Nothing()
        # Twisted would call this at the end of the body.
        super().requestReceived(channel._command, channel._path, channel._version)

    def _is_upload(self, path: bytes) -> bool:
        if not unquote(path).startswith(OUTSIDE):
            return False
        raw: Any = self.requestHeaders.getRawHeaders
        headers = {
            name: b", ".join(raw(name.encode()) or ()).decode("latin-1")
            for name in ("content-type", "content-encoding")
        }
        # Daphne goes by the first of several.
        is_socket = (raw(b"upgrade") or (b"",))[0].lower() == b"websocket"
        return is_upload(headers) and not is_socket

    def handleContentChunk(self, chunk: bytes) -> None:  # noqa: N802 - Twisted's name
        """Some of the body has come."""
        if not self.is_streamed:
            # No more than shows that it is too large.
            room = self._most + 1 - self.content.tell()
            super().handleContentChunk(chunk[: max(0, room)])
            return
        room = self._most + 1 - self._size
        self._size += len(chunk)
        if self._is_answered or room <= 0:
            # Read on for a while: who still sends would not see the answer.
            if self._size > 2 * self._most:
                self.channel.transport.abortConnection()
            return
        self._put(chunk[:room], more_body=len(chunk) < room)
        self._ahead += len(chunk[:room])
        if self._ahead > AHEAD_BYTES:
            self.channel.transport.pauseProducing()

    def _let_flow(self, size: int) -> None:
        was_ahead, self._ahead = self._ahead > AHEAD_BYTES, self._ahead - size
        if was_ahead and self._ahead <= AHEAD_BYTES and self.channel is not None:
            self.channel.transport.resumeProducing()

    def _put(self, body: bytes, *, more_body: bool) -> None:
        if self._queue is not None:
            message = {"type": "http.request", "body": body, "more_body": more_body}
            self._queue.put_nowait(message)

    def requestReceived(self, *line: bytes) -> None:  # noqa: N802 - Twisted's name
        """The whole body has come."""
        if not self.is_streamed:
            super().requestReceived(*line)
            return
        self._is_whole = True
        if self._is_answered:
            super().finish()
        elif self._size <= self._most:
            self._put(b"", more_body=False)

    def finish(self) -> None:
        """The answer is written. The connection is good for another request once all has come."""
        if self._is_whole or not self.is_streamed:
            super().finish()
            return
        self._is_answered = True
        self._let_flow(self._ahead)

    def handle_exception(self, exception: Exception) -> None:
        """End an answer whose application failed. Daphne would begin another answer behind the
        first, stumble over that, and never again look after any connection."""
        if not self._response_started:
            super().handle_exception(exception)
        elif self.channel is not None:
            self.channel.transport.abortConnection()


class Nothing:
    """What Daphne finds in place of a body that is not kept: it reads nothing of it."""

    closed = True

    def tell(self) -> int:
        return 0

    def seek(self, *place: int) -> None: ...

    def close(self) -> None: ...
