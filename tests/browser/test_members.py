"""Who may do what: members in their roles, and the keys of programs."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.journeys import choose_in_menu, expect_signed_in
from tests.installation import TLS, Installation

pytestmark = pytest.mark.browser
BOB = "bob@example.org"
PASSWORD = "a quiet green lake"


@pytest.fixture
def elsewhere(browser: Browser, installation: Installation) -> Iterator[Page]:
    """A window of somebody else, who is not signed in."""
    with browser.new_context(base_url=installation.url) as context:
        yield context.new_page()


def test_who_is_invited_joins_may_do_more_in_another_role_and_is_removed(
    signed_in: Page, elsewhere: Page, installation: Installation
) -> None:
    page = signed_in
    page.goto("/workflows")
    choose_in_menu(page, "Members")
    page.get_by_role("button", name="Invite member").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Email").fill(BOB)
    dialog.get_by_role("button", name="Invite").click()
    link = dialog.get_by_text("/account/invitation/").inner_text()
    dialog.get_by_role("button", name="I have it").click()
    expect(page.get_by_role("table", name="Invited, not here yet")).to_contain_text(BOB)

    elsewhere.goto(link)
    elsewhere.locator("input[name=new_password1]").fill(PASSWORD)
    elsewhere.locator("input[name=new_password2]").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Set password and join").click()
    expect_signed_in(elsewhere)
    expect(elsewhere.get_by_role("table").get_by_role("link").first).to_be_visible()
    expect(elsewhere.get_by_role("button", name="New workflow")).to_have_count(0)

    page.goto("/members")
    role = page.get_by_role("combobox", name=f"Role of {BOB}")
    expect(role).to_have_value("Viewer")
    role.click()
    page.get_by_role("option", name="Editor").click()
    expect(role).to_have_value("Editor")
    expect(role).to_be_enabled()
    elsewhere.reload()
    expect(elsewhere.get_by_role("button", name="New workflow")).to_be_visible()

    page.get_by_role("button", name=f"Remove {BOB}").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(role).to_have_count(0)
    elsewhere.reload()
    expect(elsewhere.get_by_text("You are in no workspace yet")).to_be_visible()


def test_a_key_is_shown_once_opens_the_api_and_is_revoked(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    page.goto("/workflows")
    choose_in_menu(page, "API keys")
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Deployment")
    dialog.get_by_role("button", name="Make it").click()
    key = (
        page.get_by_role("dialog", name="The new key").get_by_text(re.compile("^ff_")).inner_text()
    )
    assert status_with(key, installation) == 200
    dialog.get_by_role("button", name="I have it").click()
    expect(dialog).to_have_count(0)
    page.reload()
    row = page.get_by_role("row").filter(has_text="Deployment")
    expect(row).to_contain_text("Operator")
    assert key not in page.content()

    row.get_by_role("button", name="Revoke Deployment").click()
    dialog.get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    assert status_with(key, installation) == 401


def status_with(key: str, installation: Installation) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{installation.url}/api/v1/workspaces"
    return httpx.get(url, headers=headers, verify=TLS).status_code
