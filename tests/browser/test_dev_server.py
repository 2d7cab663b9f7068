"""`npm run dev` serves the pages from their sources, beside a running FlowForge."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.journeys import choose_in_menu, expect_signed_in, fill_sign_in
from tests.installation import ROOT, TLS, Installation, Process
from tests.services import free_port, leave_out, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture
def dev_url(installation: Installation, tmp_path: Path) -> Iterator[str]:
    """Where Vite's server answers."""
    node, vite = shutil.which("node"), ROOT / "frontend/node_modules/.bin/vite"
    if node is None or not vite.exists():
        leave_out("the frontend's packages are not installed")
    port = free_port()
    url = f"http://localhost:{port}"

    def is_up() -> bool:
        try:
            return httpx.get(url, verify=TLS).status_code > 0
        except httpx.TransportError:
            return False

    command = [node, str(vite), "frontend", "--port", str(port), "--strictPort"]
    process = Process(
        command, installation.environment | {"FLOWFORGE_URL": installation.url}, tmp_path / "log"
    )
    try:
        wait_for(lambda: is_up() or process.popen.poll() is not None, 30, every=0.1)
        assert process.popen.poll() is None, process.output()
        yield url
    finally:
        process.end()


def test_the_dev_server_shows_the_pages_and_lets_a_session_write(
    browser: Browser, installation: Installation, dev_url: str
) -> None:
    page = browser.new_page(base_url=dev_url)
    page.goto("/workflows")
    fill_sign_in(page, installation.email, installation.password)
    page.get_by_role("button", name="Sign in").click()
    expect_signed_in(page)
    page.goto("/workflows?search=GitHub")  # others have made a great many meanwhile
    row = page.get_by_role("row").filter(has_text="GitHub events")
    row.get_by_role("button", name="Run now").click()
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("log", name="Console")).to_contain_text("Run started")
    choose_in_menu(page, "Admin")
    expect(page.get_by_role("link", name="FlowForge").first).to_be_visible()
    page.close()
