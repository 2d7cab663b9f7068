"""The web app shows what comes to webhooks: while it listens, and in the inbox, to be replayed."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, hooked, named
from tests.installation import TLS, Installation

pytestmark = pytest.mark.browser


def test_a_builder_listens_for_a_request_and_sees_the_run_that_it_starts(
    signed_in: Page, installation: Installation
) -> None:
    workflow = installation.workflow(hooked("tried", named("end", "no_operation", "End")), "Tried")
    signed_in.goto(f"/workflows/{workflow}")
    signed_in.get_by_role("group", name="Hook", exact=True).click()
    detail = signed_in.get_by_role("complementary", name="Node")
    detail.get_by_label("and run the draft").check()
    detail.get_by_role("button", name="Listen for a test request").click()
    expect(detail.get_by_text("Listening for a request")).to_be_visible()
    address = detail.get_by_text(re.compile(r"^http.*/hooks/test-")).inner_text()

    httpx.get(address, verify=TLS)
    expect(detail.get_by_text("Not let in: 405")).to_be_visible()
    answer = httpx.post(address, json={"customer": "Ada"}, headers={"X-Shop": "5"}, verify=TLS)
    assert answer.status_code == 202
    expect(detail.get_by_text("POST came")).to_be_visible()
    expect(detail.get_by_text('"Ada"')).to_be_visible()
    expect(detail.get_by_text("x-shop")).to_be_visible()

    detail.get_by_role("link", name="Show its run").click()
    expect(signed_in).to_have_url(re.compile(f"/runs/{answer.json()['run']}$"))
    expect(badge(signed_in, "End", "completed")).to_be_visible()


def test_a_request_of_a_run_is_found_and_replayed(
    signed_in: Page, installation: Installation
) -> None:
    workflow = installation.workflow(hooked("again", named("end", "no_operation", "End")), "Again")
    first = installation.hook("again", {"order": 12345678901234567890})
    installation.ended(first)
    signed_in.goto(f"/runs/{first}")
    signed_in.get_by_role("link", name="webhook", exact=True).click()
    expect(signed_in.get_by_text("The request of one run")).to_be_visible()
    signed_in.get_by_role("link", name="POST /hooks/again").press("Enter")
    detail = signed_in.get_by_role("complementary", name="Request")
    expect(detail.get_by_text("12345678901234567890")).to_be_visible()

    detail.get_by_role("button", name="Replay").press("Enter")
    signed_in.get_by_role("menuitem", name="On the published version").press("Enter")
    expect(signed_in).to_have_url(re.compile(f"/runs/(?!{first})"))
    expect(badge(signed_in, "End", "completed")).to_be_visible()
    signed_in.get_by_role("link", name="webhook", exact=True).click()
    # The whole row opens it: the link lies over it, which is why the click must be forced.
    signed_in.get_by_role("cell", name=re.compile(r"^\d+ bytes$")).click(force=True)
    expect(detail.get_by_text("replay on v1")).to_be_visible()
    assert len(installation.api("GET", f"runs?workflow={workflow}")["results"]) == 2
