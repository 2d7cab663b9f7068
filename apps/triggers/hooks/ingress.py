"""The way in for webhooks: an ASGI application of its own, before Django's handler.

Django's middlewares would be most of the time that a hook takes, and none of them concerns it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from concurrent.futures import Future
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from django.db import DatabaseError, InterfaceError

from apps.triggers.bodies.arrival import Receive, in_memory
from apps.triggers.bodies.headers import headers_of
from apps.triggers.bodies.read import is_text, is_upload
from apps.triggers.bodies.room import memory
from apps.triggers.bodies.spool import Spool
from apps.triggers.errors import RefusedError, failed
from apps.triggers.hooks.answer import HookAnswer, accepted, answer_of, refusal
from apps.triggers.hooks.receive import Accepted, Outcome
from apps.triggers.hooks.refusals import Address, refusals
from apps.triggers.hooks.request import HookRequest, parts_of
from apps.triggers.hooks.senders import senders
from apps.triggers.hooks.settle import settled
from apps.triggers.hooks.taking import store_upload, take_upload
from apps.triggers.hooks.writer import HookWriter
from apps.workspaces.client_address import address_of

logger = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

writer = HookWriter()
LENGTHLESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
BODILESS = (*LENGTHLESS, HTTPStatus.RESET_CONTENT)
SAFE_HEADERS = [
    (b"content-security-policy", b"sandbox"),
    (b"x-content-type-options", b"nosniff"),
]
"""Of every answer to a sender: a browser does nothing with it."""


async def hooks(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """`ANY /hooks/{endpoint}`: 202 with the run's id once the run is durable, or what the run
    answers."""
    headers = headers_of(scope["headers"])
    if is_upload(headers):
        storing = take_upload(_request(scope, headers), receive, writer)
    else:
        storing = _take(scope, headers, receive)
    # What is under way is finished, also for a client that goes away.
    stored = await _stored(storing, scope)
    if stored is None:
        return
    if isinstance(stored, HookAnswer):
        await _send(send, stored)
    elif stored.params.respond == "at_once":
        await _send(send, accepted(stored.run.id), stored.headers)
    else:
        workspace, run = stored.run.workspace_id, stored.answered_by or stored.run.id
        params, shared = stored.params, stored.headers
        del stored  # with what the run is given: who waits long must not keep that in memory
        with senders.one_more():
            answer = await _unless_gone(receive, answer_of(workspace, run, params))
            if answer is not None:
                await _send(send, answer, shared)


async def _take(
    scope: MutableMapping[str, Any], headers: dict[str, str], receive: Receive
) -> Outcome | None:
    """Store a request whose body is read in memory; None where the client goes away.

    Raises RefusedError.
    """
    body = await in_memory(receive)
    if body is None:
        return None
    size = len(body)
    try:
        storing = _storing(_request(scope, headers, body))
    except BaseException:
        memory.give_back(size)
        raise
    storing.add_done_callback(lambda _: memory.give_back(size))
    outcome: Outcome = await settled(storing)
    return outcome


def _storing(request: HookRequest) -> "Future[Outcome]":
    """Have a request stored whose body is in memory. Raises RefusedError."""
    if is_text(request.body, request.headers.get("content-type", "")):
        return writer.submit(request)
    return store_upload(request, Spool.of(request.body), writer)


async def _unless_gone(
    receive: Receive, answering: Coroutine[Any, Any, HookAnswer]
) -> HookAnswer | None:
    """What is to be answered; None where the client goes away, which the run does not mind."""
    answer, gone = asyncio.ensure_future(answering), asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else None
    finally:
        answer.cancel()
        gone.cancel()
        await asyncio.gather(answer, gone, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(
    send: Send, answer: HookAnswer, more: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Send an answer; `more` are headers that go before its own."""
    own = {name.lower(): value for name, value in answer.headers.items()}
    headers = own | dict(more)
    if "vary" in own and "vary" in more:
        headers["vary"] = f"{own['vary']}, {more['vary']}"
    body = b"" if answer.status in BODILESS else answer.body
    if isinstance(body, bytes) and answer.status not in LENGTHLESS:
        # Else it would be sent in chunks.
        headers["content-length"] = str(len(body))
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [*fields, *SAFE_HEADERS],
        }
    )
    if isinstance(body, bytes):
        await send({"type": "http.response.body", "body": body})
        return
    async for piece in body:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _request(
    scope: MutableMapping[str, Any], headers: dict[str, str], body: bytes = b""
) -> HookRequest:
    return HookRequest(
        method=scope["method"],
        parts=parts_of(scope),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        address=_address(scope, headers),
    )


def _address(scope: MutableMapping[str, Any], headers: Mapping[str, str]) -> str:
    peer = (scope.get("client") or [""])[0]
    return address_of(peer, headers.get("x-forwarded-for", ""))


async def _stored(
    storing: Awaitable[Outcome | None], scope: Mapping[str, Any]
) -> Accepted | HookAnswer | None:
    """The run that was stored, or why there is none; None where nobody waits for it."""
    outcome = await _outcome(storing)
    if isinstance(outcome, RefusedError):
        refusals.count(outcome, Address(parts_of(scope), scope["method"]))
        return refusal(outcome)
    return outcome


async def _outcome(storing: Awaitable[Outcome | None]) -> Outcome | None:
    try:
        return await storing
    except RefusedError as refused:
        return refused
    except (DatabaseError, InterfaceError):
        logger.exception("a hook could not be stored")
        sentence = "The database does not answer; send the request again."
        return RefusedError(503, "unavailable", sentence, **{"Retry-After": "1"})
    except OSError:
        logger.exception("a hook could not be stored")
        sentence = "The body cannot be kept at the moment; send the request again."
        return RefusedError(503, "unavailable", sentence, **{"Retry-After": "1"})
    except Exception:
        # A fault of ours: its sender is told that, and no more.
        logger.exception("a hook failed")
        return failed()
