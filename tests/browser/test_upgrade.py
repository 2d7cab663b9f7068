"""A tab that was open before an upgrade goes on with what is there after it."""

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.journeys import expect_signed_in, fill_sign_in, hooked
from tests.installation import Installation

pytestmark = pytest.mark.browser
OPEN_FOR_LONG = """
    const now = performance.now.bind(performance);
    performance.now = () => now() + 3_600_000;
"""


def test_a_page_whose_code_is_gone_is_loaded_again_where_it_was_asked_for(
    browser: Browser, installation: Installation
) -> None:
    workflow = installation.workflow(hooked("upgraded"), "Upgraded")
    gone: list[str] = []

    def once(route: Route) -> None:
        if gone:
            route.fallback()
        else:
            gone.append(route.request.url)
            route.fulfill(status=404)

    # Not the window of other journeys: that a file is gone would count as a complaint there.
    with browser.new_context(base_url=installation.url) as context:
        context.add_init_script(OPEN_FOR_LONG)
        page = context.new_page()
        page.goto("/login")
        fill_sign_in(page, installation.email, installation.password)
        page.get_by_role("button", name="Sign in").click()
        expect_signed_in(page)
        page.route("**/assets/WorkflowPage-*.js", once)
        page.get_by_role("link", name="Upgraded").click()
        expect(page.get_by_role("group", name="Hook", exact=True)).to_be_visible()
        expect(page).to_have_url(f"{installation.url}/workflows/{workflow}")
    assert len(gone) == 1
