"""Keeps what senders reach on a host of its own, where HOOKS_HOST names one."""

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings

from apps.engine.errors import Fault
from apps.triggers.hooks.ingress import SAFE_HEADERS
from apps.workspaces.problems import CONTENT_TYPE, problem
from flowforge.outside import OUTSIDE

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[..., Awaitable[None]]


def apart(application: Application) -> Application:
    """Answer hooks on HOOKS_HOST only, and nothing else there: then no answer of a workflow
    shares an origin, and so a session, with the app."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_hook = scope["path"].startswith(OUTSIDE)
        if settings.HOOKS_HOST and is_hook != (host_of(scope) == settings.HOOKS_HOST):
            fault = Fault("", "not_found", "This is not answered on this host.")
            body = orjson.dumps(problem(HTTPStatus.NOT_FOUND, fault.message, [fault]))
            headers = [
                (b"content-type", CONTENT_TYPE.encode()),
                # Else a client that still sends would not know where the answer ends.
                (b"content-length", str(len(body)).encode()),
                *SAFE_HEADERS,
            ]
            await send({"type": "http.response.start", "status": 404, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            await application(scope, receive, send)

    return answer


def host_of(scope: Scope) -> str:
    """The host that was asked, in lower case and without its port."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return str(host.decode("latin-1").partition(":")[0].lower())
