"""One FlowForge and one Chromium for all journeys."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.installation import ROOT, Installation
from tests.services import leave_out

SECONDS_S = 15


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Take Debian's Chromium; as root it starts only without its own sandbox."""
    chromium = shutil.which("chromium")
    if chromium is None:
        leave_out("chromium is not installed")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": chromium, "args": arguments}


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    assert (ROOT / "frontend/dist/index.html").exists(), "make frontend/dist/index.html"
    with Installation(tmp_path_factory.mktemp("browser")) as installation:
        installation.serve()
        yield installation


@pytest.fixture(scope="session")
def base_url(installation: Installation) -> str:
    """Paths in `page.goto` begin here."""
    return installation.url


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page on which nothing may go wrong unseen: errors of its scripts fail the test."""
    expect.set_options(timeout=SECONDS_S * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def signed_in(page: Page, installation: Installation) -> Page:
    """A page of the admin whom the first start made."""
    page.goto("/login")
    page.get_by_label("Email").fill(installation.email)
    page.get_by_role("textbox", name="Password").fill(installation.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    return page
