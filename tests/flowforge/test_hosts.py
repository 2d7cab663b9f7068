"""A host of their own for what senders reach."""

import asyncio
import json
from typing import Any

import pytest
from pytest_django import Settings

from flowforge.hosts import apart


async def reached(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def status(path: str, host: str) -> int:
    return int(sent_for(path, host)[0]["status"])


def sent_for(path: str, host: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read to choose the host")

    scope = {"type": "http", "path": path, "headers": [(b"host", host.encode())]}
    asyncio.run(apart(reached)(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        ("/hooks/demo", "hooks.example.org", 200),
        ("/hooks/demo", "Hooks.example.org:443", 200),
        ("/wait/token", "hooks.example.org", 200),
        ("/wait/token", "app.example.org", 404),
        ("/forms/party", "hooks.example.org", 200),
        ("/forms/party", "app.example.org", 404),
        ("/form/token", "hooks.example.org", 200),
        ("/form/token", "app.example.org", 404),
        ("/files/token", "hooks.example.org", 200),
        ("/files/token", "app.example.org", 404),
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


def test_who_is_not_answered_is_told_where_that_ends(settings: Settings) -> None:
    settings.HOOKS_HOST = "hooks.example.org"
    start, body = sent_for("/hooks/demo", "app.example.org")
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()


@pytest.mark.parametrize(("path", "host"), [("/hooks/demo", "app"), ("/api/v1/me", "hooks")])
def test_what_is_elsewhere_is_a_problem_that_no_browser_acts_on(
    settings: Settings, path: str, host: str
) -> None:
    settings.HOOKS_HOST = "hooks"
    start, body = sent_for(path, host)
    headers = dict(start["headers"])
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers[b"content-security-policy"] == b"sandbox"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert json.loads(body["body"])["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/hooks/demo", "/api/v1/me"])
def test_without_one_a_host_answers_all(settings: Settings, path: str) -> None:
    settings.HOOKS_HOST = ""
    assert status(path, "localhost:8000") == 200
