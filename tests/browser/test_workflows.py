"""A workflow's page: its graph, and what its nodes are set to do."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import hooked, named
from tests.installation import Installation

pytestmark = pytest.mark.browser


def test_a_click_on_a_node_shows_what_it_is_set_to_do(
    signed_in: Page, installation: Installation
) -> None:
    code = "const seen = items;\nreturn seen;"
    say = named("say", "transform", "Say so", params={"code": code})
    workflow = installation.workflow(hooked("set", say), "Looked into")
    signed_in.goto(f"/workflows/{workflow}")
    detail = signed_in.get_by_role("complementary", name="Node")

    signed_in.get_by_role("group", name="Hook", exact=True).click()
    expect(detail).to_contain_text(f"POST {installation.url}/hooks/set")
    signed_in.get_by_role("group", name="Say so", exact=True).click()
    expect(detail.locator("pre")).to_have_text(code)
    detail.get_by_role("button", name="Close node").click()
    expect(detail).to_have_count(0)
