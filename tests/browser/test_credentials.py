"""A credential from its form to its last use; its secret is written, and never shown."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge
from tests.graphs import graph, node
from tests.installation import Installation

pytestmark = pytest.mark.browser


def test_a_credential_is_made_tried_used_in_a_node_and_deleted(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    asked = f"{installation.url}/api/v1/workspaces"
    nodes = [node("start", "manual"), node("ask", "http_call", params={"url": asked})]
    workflow = installation.workflow(graph(nodes, ["start -> ask"]), "Asks itself")

    page.goto("/credentials")
    page.get_by_role("link", name="New credential").click()
    page.get_by_role("link", name="HTTP bearer token").click()
    form = page.get_by_role("complementary", name="New credential")
    form.get_by_role("textbox", name="Name").fill("Own API")
    form.get_by_role("textbox", name="Token").fill("no-such-key")
    form.get_by_role("button", name="Save").click()

    detail = page.get_by_role("complementary", name="Credential", exact=True)
    detail.get_by_role("textbox", name="URL").fill(asked)
    detail.get_by_role("button", name="Try it").click()
    expect(detail.get_by_role("alert")).to_contain_text("401")
    detail.get_by_role("group", name="Token").get_by_role("button", name="Replace").click()
    detail.get_by_role("textbox", name="Token").fill(installation.api_key)
    detail.get_by_role("button", name="Save").click()
    expect(detail.get_by_role("group", name="Token")).to_contain_text("never shown")
    detail.get_by_role("button", name="Try it").click()
    expect(detail.get_by_role("status")).to_contain_text("It works")
    expect(detail).to_contain_text("No workflow yet")

    page.goto(f"/workflows/{workflow}/edit")
    badge_of_ask = page.get_by_role("group", name="ask", exact=True)
    badge_of_ask.click()
    panel = page.get_by_role("complementary", name="Node")
    panel.get_by_role("combobox", name="Credential").click()
    page.get_by_role("option", name="Own API").click()
    page.get_by_role("button", name="Run the draft").click()
    expect(badge(page, "ask", "completed")).to_be_visible()

    page.goto("/credentials")
    answers: list[str] = []
    page.on("response", lambda each: answers.append(each.text()) if is_of_api(each.url) else None)
    page.get_by_role("link", name="Own API").click()
    expect(detail.get_by_role("link", name="Asks itself")).to_be_visible()
    expect(detail).to_contain_text("its draft")
    expect(detail.get_by_role("group", name="Token")).to_contain_text("never shown")
    assert answers
    assert installation.api_key not in page.content() + "".join(answers)

    detail.get_by_role("button", name="Delete…").click()
    asking = page.get_by_role("dialog", name="Delete “Own API”?")
    expect(asking).to_contain_text("Their steps fail without it")
    asking.get_by_role("button", name="Keep it").click()
    expect(asking).to_have_count(0)
    expect(page.get_by_role("link", name="Own API")).to_be_visible()
    detail.get_by_role("button", name="Delete…").click()
    asking.get_by_role("button", name="Delete all the same").click()
    expect(page.get_by_role("link", name="Own API")).to_have_count(0)


def is_of_api(url: str) -> bool:
    return re.search(r"/api/v1/credentials/", url) is not None
