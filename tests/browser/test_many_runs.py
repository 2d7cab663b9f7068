"""A service is away: its workflow is paused, all that failed is retried, and waits for the end of
the pause."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import head, hooked, named
from tests.installation import Installation

pytestmark = pytest.mark.browser


def test_all_that_failed_is_retried_and_waits_until_the_workflow_is_resumed(
    signed_in: Page, installation: Installation
) -> None:
    refused = named("call", "http_call", "Call", params={"url": "http://10.0.0.1/"})
    workflow = installation.workflow(hooked("refund", refused), "Pay back")
    for _ in range(3):
        assert installation.ended(installation.hook("refund", {}))["status"] == "failed"

    signed_in.goto(f"/workflows/{workflow}")
    signed_in.get_by_role("button", name="Pause…").click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("The bank is away")
    dialog.get_by_role("button", name="Pause", exact=True).click()
    expect(signed_in.get_by_text("The workflow is paused")).to_contain_text("The bank is away")

    signed_in.goto(f"/runs?status=failed&workflow={workflow}")
    signed_in.get_by_role("button", name="Act on all…").click()
    expect(dialog).to_contain_text("All failed runs of “Pay back”.")
    expect(dialog).to_contain_text("3 runs, 3 steps executed again")
    expect(dialog).to_contain_text("HTTP Call: 3 steps")
    dialog.get_by_role("button", name="Retry 3 runs").click()
    expect(signed_in.get_by_text("3 runs retried")).to_be_visible()

    signed_in.goto(f"/runs?status=pending&workflow={workflow}")
    rows = signed_in.get_by_role("table", name="Runs").get_by_role("row")
    expect(rows).to_have_count(4)
    rows.last.get_by_role("link").click()
    expect(signed_in.get_by_text("place 1 in line")).to_contain_text("The bank is away")
    signed_in.get_by_role("button", name="Resume").click()
    expect(head(signed_in, "Failed")).to_be_visible()
    expect(signed_in.get_by_text("The workflow is paused")).to_have_count(0)
