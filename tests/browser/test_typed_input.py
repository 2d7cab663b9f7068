"""A workflow that says what its input must be asks for it by a form."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, head, named
from tests.graphs import graph
from tests.installation import Installation

pytestmark = pytest.mark.browser
SCHEMA = {
    "type": "object",
    "required": ["email", "copies"],
    "properties": {
        "email": {
            "type": "string",
            "format": "email",
            "title": "Email",
            "description": "Where the order is confirmed.",
        },
        "copies": {"type": "integer", "title": "Copies", "minimum": 1, "default": 1},
        "plan": {"enum": ["free", "team"], "title": "Plan", "default": "free"},
        "due": {"type": "string", "format": "date", "title": "Due"},
        "rush": {"type": "boolean", "title": "Rush"},
        "tags": {"type": "array", "items": {"type": "string"}, "title": "Tags"},
        "note": {"type": "string", "title": "Note", "x-widget": "textarea"},
        "address": {"type": "object", "title": "Address"},
    },
}


def test_a_form_is_filled_in_put_right_and_starts_the_run(
    signed_in: Page, installation: Installation
) -> None:
    start = named("start", "manual", "Order", params={"input_schema": SCHEMA})
    workflow = installation.workflow(graph([start]), "Typed")
    signed_in.goto(f"/workflows/{workflow}")
    expect(signed_in.get_by_role("group", name="Order", exact=True)).to_be_visible()
    signed_in.get_by_role("button", name="Run now").click()
    dialog = signed_in.get_by_role("dialog", name="Run Typed")
    email, copies = dialog.get_by_label("Email"), dialog.get_by_label("Copies")
    expect(copies).to_have_value("1")
    email.fill("ada")
    copies.fill("0")
    dialog.get_by_label("Due").fill("2026-03-01")
    dialog.get_by_label("Tags").fill("new\nurgent")

    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(email).to_have_accessible_description(re.compile("It must be an email address"))
    expect(copies).to_have_accessible_description(re.compile("It must be at least 1"))

    email.fill("ada@example.org")
    copies.fill("12345678901234567890")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(head(signed_in, "Completed")).to_be_visible()
    badge(signed_in, "Order", "completed").click()
    for entered in ("ada@example.org", "12345678901234567890", "free", "2026-03-01"):
        expect(signed_in.get_by_role("complementary", name="Step")).to_contain_text(entered)


def test_a_workflow_of_the_list_asks_once_it_must_be_told_more(
    signed_in: Page, installation: Installation
) -> None:
    start = named("start", "manual", "Order", params={"input_schema": SCHEMA})
    installation.workflow(graph([start]), "Asking")
    signed_in.goto("/workflows?search=Asking")
    signed_in.get_by_role("button", name="Run now").click()
    dialog = signed_in.get_by_role("dialog", name="Run Asking")
    dialog.get_by_label("Email").fill("ada@example.org")
    dialog.get_by_text("As JSON").click()
    expect(dialog.get_by_label("Input", exact=True)).to_have_value(re.compile("ada@example.org"))
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(head(signed_in, "Completed")).to_be_visible()
