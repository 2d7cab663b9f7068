"""What others write is shown as they wrote it, and is nothing but text."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, hooked, named
from tests.installation import Installation

pytestmark = pytest.mark.browser

EVIL = '<img src=x onerror="window.isHurt = true"> \u202egnp\u202c {{ 7 * 7 }} \' --'


def test_names_and_data_are_text_on_every_page(signed_in: Page, installation: Installation) -> None:
    workflow = installation.workflow(hooked("evil", named("set", "set_fields", EVIL)), EVIL)
    run = installation.hook("evil", {EVIL: EVIL, "n": {"__html": EVIL}})
    installation.ended(run)
    for path in (
        "/workflows",
        "/runs",
        f"/workflows/{workflow}",
        "/admin/runs/run/",
        f"/admin/runs/run/{run}/change/",
        f"/admin/workflows/workflow/{workflow}/change/",
    ):
        signed_in.goto(path)
        expect(signed_in.get_by_text(EVIL, exact=True).first).to_be_attached()
        assert is_unhurt(signed_in)
    signed_in.goto(f"/runs/{run}")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text(EVIL)
    badge(signed_in, EVIL, "completed").click()
    step = signed_in.get_by_role("complementary", name="Step")
    step.get_by_role("button", name="body").click()
    expect(step.get_by_text(EVIL).first).to_be_visible()
    assert is_unhurt(signed_in)


def is_unhurt(page: Page) -> bool:
    return bool(page.evaluate("!('isHurt' in window) && !document.querySelector('img[src=x]')"))
