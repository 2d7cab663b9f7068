"""What is set for a workspace: variables, who changed what, and the pause."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, choose_in_menu, head, hooked, named
from tests.installation import Installation

pytestmark = pytest.mark.browser


def test_a_variable_is_read_by_runs_and_its_change_is_in_the_audit_trail(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    params = {"assignments": [{"name": "shop", "value": "={{ $vars.shop }}"}]}
    installation.workflow(hooked("shop", named("say", "set_fields", "Say", params=params)))
    page.goto("/workflows")
    choose_in_menu(page, "Settings")
    page.get_by_role("link", name="Variables").click()
    page.get_by_role("button", name="Add variable").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("shop")
    dialog.get_by_role("textbox", name="Value").fill("Corner")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Edit shop").click()
    dialog.get_by_role("textbox", name="Value").fill("Corner of Elm Street")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="Corner of Elm Street")).to_be_visible()

    page.get_by_role("link", name="Audit trail").click()
    change = page.get_by_role("row").filter(has_text="Variable: change")
    expect(change).to_contain_text("shop")
    expect(change).to_contain_text(installation.email)

    run = installation.hook("shop", {})
    installation.ended(run)
    page.goto(f"/runs/{run}")
    badge(page, "Say", "completed").click()
    expect(page.get_by_role("complementary", name="Step")).to_contain_text("Corner of Elm Street")


def test_a_run_of_a_paused_workspace_waits_until_it_is_resumed(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    installation.workflow(hooked("paused", named("end", "no_operation", "End")))
    page.goto("/settings")
    page.get_by_role("button", name="Pause workspace…").click()
    dialog = page.get_by_role("dialog", name="Pause this workspace?")
    dialog.get_by_role("textbox", name="Reason").fill("Month end")
    dialog.get_by_role("button", name="Pause").click()
    notice = page.get_by_role("status").filter(has_text="The workspace is paused")
    expect(notice).to_contain_text("Month end")

    run = installation.hook("paused", {})
    page.goto(f"/runs/{run}")
    expect(page.get_by_role("main")).to_contain_text("paused: Month end")
    expect(head(page, "Pending")).to_be_visible()
    notice.get_by_role("button", name="Resume").click()
    expect(head(page, "Completed")).to_be_visible()
    expect(notice).to_have_count(0)
