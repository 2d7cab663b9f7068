"""One draft in two windows, and a network that goes away: nothing is lost, nothing overwritten."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.graphs import graph, node
from tests.installation import Installation

pytestmark = pytest.mark.browser


@pytest.fixture
def elsewhere(browser: Browser, installation: Installation) -> Iterator[Page]:
    """A window in which requests may fail."""
    with browser.new_context(base_url=installation.url) as context:
        page = context.new_page()
        who = {"email": installation.email, "password": installation.password}
        assert page.request.post("/api/v1/auth/login", data=who).ok
        yield page


def opened(page: Page, workflow: str) -> None:
    page.goto(f"/workflows/{workflow}/edit")
    expect_saved(page)


def rename(page: Page, before: str, after: str) -> None:
    page.get_by_role("group", name=before, exact=True).click()
    name = page.get_by_role("complementary", name="Node").get_by_role("textbox", name="Name")
    name.fill(after)
    name.press("Enter")
    expect(page.get_by_role("group", name=after, exact=True)).to_be_visible()


def expect_saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text=re.compile("^Saved$"))).to_be_visible()


def test_who_comes_second_sees_the_conflict_and_takes_theirs_or_keeps_mine(
    signed_in: Page, elsewhere: Page, installation: Installation
) -> None:
    nodes = [node("start", "manual"), node("end")]
    workflow = installation.workflow(graph(nodes, ["start -> end"]), "Of two")
    opened(signed_in, workflow)
    opened(elsewhere, workflow)
    conflict = elsewhere.get_by_role("status").filter(has_text="Somebody else has changed")

    rename(signed_in, "end", "Theirs")
    expect_saved(signed_in)
    rename(elsewhere, "end", "Mine")
    conflict.get_by_role("button", name="Take theirs").click()
    expect(elsewhere.get_by_role("group", name="Theirs", exact=True)).to_be_visible()
    expect(conflict).to_have_count(0)

    rename(signed_in, "start", "Their start")
    expect_saved(signed_in)
    rename(elsewhere, "Theirs", "Mine")
    conflict.get_by_role("button", name="Keep mine").click()
    expect_saved(elsewhere)
    signed_in.reload()
    expect(signed_in.get_by_role("group", name="Mine", exact=True)).to_be_visible()
    expect(signed_in.get_by_role("group", name="start", exact=True)).to_be_visible()


def test_what_is_edited_without_a_network_is_saved_once_it_is_back(
    elsewhere: Page, installation: Installation
) -> None:
    workflow = installation.workflow(graph([node("start", "manual")]), "Without a network")
    opened(elsewhere, workflow)
    elsewhere.context.set_offline(True)
    rename(elsewhere, "start", "Offline")
    expect(elsewhere.get_by_role("status").filter(has_text="Trying again")).to_be_visible()
    elsewhere.context.set_offline(False)
    expect_saved(elsewhere)
    elsewhere.reload()
    expect(elsewhere.get_by_role("group", name="Offline", exact=True)).to_be_visible()


def test_what_a_window_could_not_save_is_offered_by_the_next(
    elsewhere: Page, installation: Installation
) -> None:
    workflow = installation.workflow(graph([node("start", "manual")]), "Closed too early")
    opened(elsewhere, workflow)
    elsewhere.context.set_offline(True)
    rename(elsewhere, "start", "Kept here")
    expect(elsewhere.get_by_role("status").filter(has_text="Trying again")).to_be_visible()
    elsewhere.close()
    another = elsewhere.context.new_page()
    elsewhere.context.set_offline(False)
    another.goto(f"/workflows/{workflow}/edit")
    another.get_by_role("button", name="Take them in").click()
    expect(another.get_by_role("group", name="Kept here", exact=True)).to_be_visible()
    expect_saved(another)
