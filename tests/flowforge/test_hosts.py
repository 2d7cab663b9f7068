import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from flowforge.hosts import apart


async def reached(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def status(path: str, host: str) -> int:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read to choose the host")

    scope = {"type": "http", "path": path, "headers": [(b"host", host.encode())]}
    asyncio.run(apart(reached)(scope, receive, send))
    return int(sent[0]["status"])


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        ("/hooks/demo", "hooks.example.org", 200),
        ("/hooks/demo", "Hooks.example.org:443", 200),
        # the app's own origin answers nothing that a sender made
        ("/hooks/demo", "app.example.org", 404),
        # and the hooks' origin shows no page and takes no session
        ("/api/v1/me", "hooks.example.org", 404),
        ("/api/v1/me", "app.example.org", 200),
    ],
)
def test_hooks_have_a_host_of_their_own(
    settings: Settings, path: str, host: str, expected: int
) -> None:
    settings.HOOKS_HOST = "hooks.example.org"
    assert status(path, host) == expected


@pytest.mark.parametrize("path", ["/hooks/demo", "/api/v1/me"])
def test_without_one_a_host_answers_all(settings: Settings, path: str) -> None:
    settings.HOOKS_HOST = ""
    assert status(path, "localhost:8000") == 200
