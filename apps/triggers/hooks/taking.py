"""How a body that may be large comes in: to the door, to the disk, to the payloads, to the writer.

It is never whole in memory, and the thread that stores hooks waits for none of it.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields

from django.conf import settings
from django.db import close_old_connections, connection

from apps.runs.reading import read
from apps.triggers.bodies.arrival import Receive, on_disk
from apps.triggers.bodies.spool import Spool
from apps.triggers.bodies.uploads import read_upload
from apps.triggers.errors import RefusedError, too_large
from apps.triggers.hooks.addresses import Endpoint, endpoints_at
from apps.triggers.hooks.entry import Entry, ReadRequest, entered, tell_listeners
from apps.triggers.hooks.rates import Rates
from apps.triggers.hooks.receive import Outcome
from apps.triggers.hooks.request import HookRequest
from apps.triggers.hooks.settle import settled
from apps.triggers.hooks.writer import HookWriter

AT_ONCE = 2
"""So many are read and stored at the same time; what they hold besides files is in memory."""
_readers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="uploads")


async def take_upload(request: HookRequest, receive: Receive, writer: HookWriter) -> Outcome | None:
    """Store a request whose body is still to come; None where the client goes away.

    Who is not let in is refused before the body is read. Raises RefusedError.
    """
    entry = await read(_let_in, request)
    try:
        _check_size(request)
        spool = await on_disk(receive)
    except RefusedError as refused:
        refused.headers |= entry.shared
        if isinstance(entry.endpoint, Endpoint):
            refused.endpoint = entry.endpoint.id
        await read(tell_listeners, refused, entry.endpoint)
        raise
    if spool is None:
        return None
    outcome: Outcome = await settled(store_upload(request, spool, writer))
    return outcome


def store_upload(request: HookRequest, spool: Spool, writer: HookWriter) -> "Future[Outcome]":
    """Have a request stored with its body, which is closed whatever happens."""
    storing = _readers.submit(_store, request, spool, writer)
    storing.add_done_callback(lambda _: spool.close())
    return storing


def _check_size(request: HookRequest) -> None:
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told[:20]) > settings.MAX_UPLOAD_BYTES:
        raise too_large(settings.MAX_UPLOAD_BYTES)


def _let_in(request: HookRequest) -> Entry:
    """Check what can be checked without the body."""
    with entered(request, endpoints_at({request.parts}), Rates(), None) as entry:
        return entry


def _store(request: HookRequest, spool: Spool, writer: HookWriter) -> Outcome:
    close_old_connections()
    try:
        read_request = _read(request, spool)
    finally:
        if connection.vendor == "postgresql":
            connection.close()  # back to the pool
    # Waited for here, so that only a few bodies are in memory at once.
    return writer.submit(read_request).result()


def _read(request: HookRequest, spool: Spool) -> ReadRequest:
    with entered(request, endpoints_at({request.parts}), Rates(), spool) as entry:
        content = read_upload(request.headers, spool, entry.endpoint.workspace_id)
    is_small = spool.size <= settings.INBOX_BODY_BYTES
    head = {each.name: getattr(request, each.name) for each in fields(request)}
    return ReadRequest(
        **head | {"body": spool.read() if is_small else b""},
        entry=entry,
        content=content,
        body_size=spool.size,
    )
