"""To listen to streams as a client would, against the whole ASGI application."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

from asgiref.sync import sync_to_async
from channels.testing import HttpCommunicator, WebsocketCommunicator
from django.conf import settings

from flowforge import asgi
from tests.clients import ApiClient

WAIT_S = 10


def headers_of(client: ApiClient, **more: str) -> list[tuple[bytes, bytes]]:
    """The headers that a client's credentials are sent by; names as `last_event_id`."""
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.django.cookies.items())
    headers = {"host": "localhost"} | client.headers | ({"cookie": cookies} if cookies else {})
    given = {name.replace("_", "-"): value for name, value in more.items()}
    return [(name.lower().encode(), value.encode()) for name, value in (headers | given).items()]


async def in_database(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call what uses the database on the test's own thread."""
    return await sync_to_async(function)(*args, **kwargs)


class Stream:
    """A request for a run's events."""

    def __init__(self, path: str, client: ApiClient, method: str = "GET", **headers: str) -> None:
        sent = headers_of(client, **headers)
        self.asked = HttpCommunicator(asgi.application, method, path, headers=sent)
        self.text = ""
        self.is_open = True

    async def __aenter__(self) -> Self:
        await self.asked.send_input({"type": "http.request", "body": b""})
        start = await self.asked.receive_output(WAIT_S)
        self.status: int = start["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self.is_open:
            await self.asked.send_input({"type": "http.disconnect"})
        await self.asked.wait(WAIT_S)

    async def receive(self) -> None:
        message = await self.asked.receive_output(WAIT_S)
        self.text += message.get("body", b"").decode()
        self.is_open = message.get("more_body", False)

    async def read_until(self, name: str) -> list[dict[str, Any]]:
        """The events up to now, once one of this name is among them."""
        while name not in [event["event"] for event in self.events]:
            await self.receive()
        return self.events

    async def read_to_the_end(self) -> list[dict[str, Any]]:
        while self.is_open:
            await self.receive()
        return self.events

    @property
    def events(self) -> list[dict[str, Any]]:
        """All that came, with `id` as its text said it."""
        found = []
        for block in self.text.split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in fields:
                data = json.loads(fields["data"])
                found.append({"id": int(fields["id"]), "event": fields["event"], **data})
        return found


class Socket:
    """A WebSocket about a workspace."""

    def __init__(self, workspace: Any, client: ApiClient, **headers: str) -> None:
        sent = headers_of(client, **({"origin": settings.PUBLIC_URL} | headers))
        path = f"/ws/workspaces/{workspace}"
        self.asked = WebsocketCommunicator(asgi.application, path, headers=sent)

    async def __aenter__(self) -> Self:
        self.is_open, self.code = await self.asked.connect(WAIT_S)
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.asked.disconnect()

    async def send(self, message: Any) -> None:
        await self.asked.send_json_to(message)

    async def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.asked.receive_json_from(WAIT_S)
        return message

    async def receive_until(self, name: str) -> list[dict[str, Any]]:
        found = [await self.receive()]
        while found[-1]["event"] != name:
            found.append(await self.receive())
        return found

    async def is_silent(self) -> bool:
        return bool(await self.asked.receive_nothing(0.3))

    async def closing_code(self) -> int:
        """The code with which the other side closes."""
        while True:
            message = await self.asked.receive_output(WAIT_S)
            if message["type"] == "websocket.close":
                return int(message.get("code", 1000))
            await asyncio.sleep(0)
