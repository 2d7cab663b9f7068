"""Values are written into the form of a node, and nothing of it goes astray."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.graphs import graph, node
from tests.installation import Installation

pytestmark = pytest.mark.browser
EXPRESSION = "={{ $node.name }}"


@pytest.fixture
def mailing(installation: Installation) -> str:
    """A workflow that sends a mail and calls an address."""
    mail = {"to": "ada@example.org", "subject": ""}
    call = {"method": "GET", "url": "https://example.org", "query": {"q": ""}}
    return installation.workflow(
        graph(
            [
                node("start", "manual"),
                node("mail", "email", params=mail),
                node("call", "http_call", params=call),
            ],
            ["start -> mail", "mail -> call"],
        ),
        "Mails",
    )


def opened(page: Page, workflow: str, name: str) -> Locator:
    """The form of a node of the workflow."""
    page.goto(f"/workflows/{workflow}/edit")
    page.get_by_role("group", name=name, exact=True).click()
    return page.get_by_role("complementary", name="Node")


def nodes_of(installation: Installation, workflow: str) -> dict[str, dict[str, Any]]:
    """The params of the nodes of its draft, by their ids."""
    draft = installation.api("GET", f"workflows/{workflow}/draft")
    return {each["id"]: each["params"] for each in draft["graph"]["nodes"]}


def test_an_expression_is_typed_into_an_empty_field_while_its_editor_is_yet_to_come(
    signed_in: Page, installation: Installation, mailing: str
) -> None:
    page = signed_in
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/CodeEditor-*.js", hold)
    panel = opened(page, mailing, "mail")
    before = nodes_of(installation, mailing)
    panel.get_by_role("textbox", name="Subject").click()
    first, rest = EXPRESSION[:8], EXPRESSION[8:]
    page.keyboard.type(first)
    expect(panel.get_by_role("textbox", name="Subject")).to_have_value(first[1:])
    [editor] = held
    editor.continue_()
    page.keyboard.type(rest)
    written = panel.locator('[data-path="subject"] .cm-content')
    expect(written).to_have_text(EXPRESSION[1:])
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(written).to_be_focused()
    subject = {"subject": EXPRESSION}
    assert nodes_of(installation, mailing) == before | {"mail": before["mail"] | subject}


def test_an_equals_sign_before_a_text_makes_it_an_expression_and_a_button_makes_it_fixed(
    signed_in: Page, installation: Installation, mailing: str
) -> None:
    page = signed_in
    panel = opened(page, mailing, "call")
    panel.get_by_role("textbox", name="URL", exact=True).click()
    page.keyboard.press("Home")
    page.keyboard.type("=n{{ 1 }}")
    url = panel.locator('[data-path="url"]')
    expect(url.locator(".cm-content")).to_have_text("n{{ 1 }}https://example.org")
    panel.get_by_role("button", name="URL: expression", exact=True).click()
    page.keyboard.type("/n")
    expect(url.locator("input")).to_have_value("n{{ 1 }}https://example.org/n")
    panel.get_by_role("button", name="URL: expression", exact=True).click()
    page.keyboard.type("?n")
    expect(url.locator(".cm-content")).to_have_text("n{{ 1 }}https://example.org/n?n")

    panel.get_by_role("textbox", name="value 1").click()
    page.keyboard.type(EXPRESSION)
    value = panel.locator('[data-path="query"] .cm-content')
    expect(value).to_have_text(EXPRESSION[1:])
    expect(value).to_be_focused()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    nodes = nodes_of(installation, mailing)
    assert sorted(nodes) == ["call", "mail", "start"]
    assert nodes["call"]["query"] == {"q": EXPRESSION}
