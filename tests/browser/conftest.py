"""One FlowForge, one world outside and one Chromium for all journeys."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.installation import ROOT, Installation
from tests.integration.effects import EffectServer
from tests.migrated import migrated_sqlite
from tests.services import leave_out

SECONDS_S = 20


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Take Debian's Chromium; as root it starts only without its own sandbox."""
    chromium = shutil.which("chromium")
    if chromium is None:
        leave_out("chromium is not installed")
    arguments = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    return browser_type_launch_args | {"executable_path": chromium, "args": arguments}


@pytest.fixture(scope="session")
def effects() -> Iterator[EffectServer]:
    """The world outside, which a test may hold."""
    with EffectServer() as effects:
        yield effects


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, effects: EffectServer
) -> Iterator[Installation]:
    assert (ROOT / "frontend/dist/index.html").exists(), "make frontend/dist/index.html"
    folder = tmp_path_factory.mktemp("browser")
    with Installation(folder, migrated_sqlite(folder)) as installation:
        installation.environment["EGRESS_ALLOW"] += f",{effects.address}"
        installation.serve()
        yield installation


@pytest.fixture(scope="session")
def base_url(installation: Installation) -> str:
    """Paths in `page.goto` begin here."""
    return installation.url


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """Windows in which nothing may go wrong unseen: what a page complains of fails the test."""
    complaints: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(complaint_in(message)))

    expect.set_options(timeout=SECONDS_S * 1000)
    context.set_default_timeout(SECONDS_S * 1000)
    context.on("page", listen)
    yield context
    assert complaints == []


def complaint_in(message: ConsoleMessage) -> list[str]:
    """What a page says is wrong, breaches of the content policy too.

    Chromium also reports each answer of 400 and above; those that say who one is are meant, and
    those that tell what is wrong with what was entered, or that somebody else was first.
    """
    asks_who = message.location["url"].endswith(("/api/v1/me", "/api/v1/auth/login"))
    is_answer = message.text.startswith("Failed to load resource")
    is_told = "status of 422" in message.text or "status of 409" in message.text
    is_meant = is_answer and (asks_who or is_told)
    if message.type not in ("error", "warning") or is_meant:
        return []
    return [f"{message.text} ({message.location['url']})"]


@pytest.fixture
def signed_in(page: Page, installation: Installation) -> Page:
    """A page of the admin whom the first start made, that shows nothing yet."""
    who = {"email": installation.email, "password": installation.password}
    assert page.request.post("/api/v1/auth/login", data=who).ok
    return page
