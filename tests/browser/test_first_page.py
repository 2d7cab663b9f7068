"""How much the browser must load before the first page stands."""

import gzip
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.installation import ROOT

pytestmark = pytest.mark.browser

MOST_KB = 250


@pytest.mark.parametrize(("path", "heading"), [("/login", "Sign in"), ("/workflows", "Workflows")])
def test_the_first_page_is_small(
    path: str, heading: str, signed_in: Page, figures: Callable[[str], None]
) -> None:
    page = signed_in
    if path == "/login":
        page.context.clear_cookies()
    loaded: set[str] = set()
    page.on("request", lambda request: loaded.add(urlsplit(request.url).path))

    page.goto(path)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.wait_for_load_state("networkidle")

    built = [each.removeprefix("/static/app/") for each in loaded if "/static/app/" in each]
    sizes = [len(gzip.compress((ROOT / "frontend/dist" / each).read_bytes())) for each in built]
    kb = sum(sizes) / 1000
    figures(f"{path}: {kb:.0f} kB gzipped in {len(built)} files")
    assert any(each.endswith(".js") for each in built)
    assert kb < MOST_KB
