"""How a body comes in: into memory, or onto the disk where it may be large."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from apps.triggers.bodies.room import memory
from apps.triggers.bodies.spool import Spool
from apps.triggers.errors import too_large, too_slow

LONGEST_S = 15 * 60
"""So long an upload may take to come."""
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def in_memory(receive: Receive) -> bytes | None:
    """The whole body, for which room is taken; None where the client went away.

    Raises RefusedError, and does not read on, where it is larger than any may be, or than there is
    room.
    """
    parts: list[bytes] = []
    size = 0
    is_whole = False
    try:
        while not is_whole:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part = message.get("body", b"")
            memory.take(len(part))
            size += len(part)
            if size > settings.MAX_BODY_BYTES:
                raise too_large(settings.MAX_BODY_BYTES)
            parts.append(part)
            is_whole = not message.get("more_body")
    finally:
        if not is_whole:
            memory.give_back(size)
    return b"".join(parts)


async def on_disk(receive: Receive) -> Spool | None:
    """The whole body; None where the client goes away. Raises RefusedError."""
    spool = Spool()
    is_whole = False
    try:
        async with asyncio.timeout(LONGEST_S):
            is_whole = await _fill(spool, receive)
    except TimeoutError:
        raise too_slow() from None
    finally:
        if not is_whole:
            spool.close()
    return spool if is_whole else None


async def _fill(spool: Spool, receive: Receive) -> bool:
    """Whether the whole body came."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        spool.write(message.get("body", b""))
        if not message.get("more_body"):
            return True
