"""Versions of a workflow, beside each other: one comes back, an older one runs again."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import named
from tests.graphs import Document, graph
from tests.installation import Installation

pytestmark = pytest.mark.browser


def saying(text: str, *more: Document) -> Document:
    """A workflow that says something, and then goes on to all the others."""
    params = {"assignments": [{"name": "said", "value": text}]}
    nodes = [named("start", "manual", "Start"), named("say", "set_fields", "Say", params=params)]
    edges = ["start -> say", *(f"say -> {each['id']}" for each in more)]
    return graph([*nodes, *more], edges)


def test_two_versions_are_compared_one_is_restored_and_the_older_published(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    workflow = installation.workflow(saying("good morning"), "In versions")
    later = saying("good night", named("end", "no_operation", "End"))
    body = {"graph": later, "note": "For the evening"}
    version = installation.api("POST", f"workflows/{workflow}/versions", body)["version"]
    installation.api("POST", f"workflows/{workflow}/publish", {"version": version})

    page.goto(f"/workflows/{workflow}/versions")
    page.get_by_role("link", name="Version 2").click()
    changes = page.get_by_role("list", name="Changes")
    say = changes.get_by_role("listitem").filter(
        has=page.get_by_role("button", name="Say", exact=True)
    )
    expect(say).to_contain_text("changed")
    expect(say.get_by_role("deletion")).to_contain_text("good morning")
    expect(say.get_by_role("insertion")).to_contain_text("good night")
    expect(changes.get_by_role("button", name="Say → End")).to_be_visible()
    expect(page.get_by_role("group", name="End, added")).to_be_visible()

    page.get_by_role("link", name="Version 1").click()
    page.get_by_role("button", name="Publish it…").click()
    asking = page.get_by_role("dialog", name="Publish version 1?")
    asking.get_by_role("button", name="Publish it").click()
    expect(page.get_by_role("main")).to_contain_text("Version 1 runs")
    assert installation.api("GET", f"workflows/{workflow}")["version"] == 1

    page.get_by_role("link", name="Version 2").click()
    page.get_by_role("button", name="Restore into the draft…").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore it").click()
    end = page.get_by_role("group", name="End", exact=True)
    expect(end).to_be_visible()
    page.get_by_role("button", name="Undo: restore version 2").click()
    expect(end).to_have_count(0)
    page.get_by_role("button", name="Redo: restore version 2").click()
    expect(end).to_be_visible()
