"""Uploads to views: Django writes them to the disk before a view is asked, so they are bounded on
their way."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.triggers.bodies.arrival import LONGEST_S, Receive
from apps.triggers.bodies.headers import headers_of
from apps.triggers.bodies.read import is_upload
from apps.triggers.bodies.room import disk
from apps.triggers.errors import RefusedError, too_large, too_slow

Scope = MutableMapping[str, Any]
Application = Callable[..., Awaitable[None]]
_REFUSED = "flowforge.refused"


def bounded(application: Application) -> Application:
    """Let an upload end where it is larger than it may be, or than there is room for, or comes too
    slowly; the view that `raise_refused` tells answers why."""

    async def answer(scope: Scope, receive: Receive, send: Any) -> None:
        fields = scope["headers"]
        headers = headers_of(fields)
        if not is_upload(headers):
            await application(scope, receive, send)
            return
        taken, is_whole = 0, False
        until = asyncio.get_running_loop().time() + LONGEST_S

        async def receive_bounded() -> MutableMapping[str, Any]:
            nonlocal taken, is_whole
            try:
                async with asyncio.timeout_at(None if is_whole else until):
                    message = await receive()
                    while _REFUSED in scope and message["type"] == "http.request":
                        message = await receive()  # what still comes of a body that was ended
                size = len(message.get("body", b""))
                if taken + size > settings.MAX_UPLOAD_BYTES:
                    raise too_large(settings.MAX_UPLOAD_BYTES)
                disk.take(size)
            except (RefusedError, TimeoutError) as error:
                scope[_REFUSED] = error if isinstance(error, RefusedError) else too_slow()
                message, size = {"type": "http.request", "body": b"", "more_body": False}, 0
            is_whole = not message.get("more_body")
            taken += size
            if "content-length" not in headers and is_whole:
                # Of a body in chunks Django must be told the length: it would take it for empty,
                # or read it whole in memory to know.
                scope["headers"] = [*fields, (b"content-length", str(taken).encode())]
            return message

        try:
            await application(scope, receive_bounded, send)
        finally:
            disk.give_back(taken)

    return answer


def raise_refused(request: HttpRequest) -> None:
    """Raise the RefusedError by which the body of a request was ended, if it was."""
    refused = getattr(request, "scope", {}).get(_REFUSED)
    if refused is not None:
        raise refused
