"""What any ASGI server serves: hooks and streams beside Django."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")

# Sets Django up; what follows may import models.
django_application = get_asgi_application()

from django import urls  # noqa: E402

from apps.runs.consumers import RunEventStream, WorkspaceSocket  # noqa: E402
from apps.triggers.bodies.bounded import bounded  # noqa: E402
from apps.triggers.hooks.ingress import hooks  # noqa: E402
from flowforge.hosts import Receive, Scope, Send, apart  # noqa: E402

# The stubs know only views behind a path; Channels' router takes any ASGI application.
path: Any = urls.path
re_path: Any = urls.re_path


async def no_such_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket at an address that has none."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


stream = RunEventStream.as_asgi()
routes: Any = URLRouter(
    [
        path("api/v1/runs/<uuid:run>/events", stream),
        path("runs/<uuid:run>/events", stream),
        re_path(r"^(?:wait|decide|forms?|files)/", bounded(django_application)),
        re_path(r"", django_application),
    ]
)
sockets = URLRouter(
    [
        path("ws/workspaces/<uuid:workspace>", WorkspaceSocket.as_asgi()),
        re_path(r"", no_such_socket),
    ]
)


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Hooks come before all routes: they are many, and to look for a route takes time."""
    is_hook = scope["path"].startswith("/hooks/")
    await (hooks if is_hook else routes)(scope, receive, send)


application = ProtocolTypeRouter({"http": apart(http), "websocket": sockets})
