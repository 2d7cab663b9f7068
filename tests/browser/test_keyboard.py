"""The canvas by the keyboard alone: built, run, broken, mended and published."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge
from tests.integration.effects import EffectServer

pytestmark = pytest.mark.browser

Reached = Literal["button", "link", "tab", "textbox"]


def add(page: Page, typed: str, named: str) -> None:
    """Add a node behind the one that is selected, and go on at its first field."""
    page.keyboard.press("n")
    expect(page.get_by_role("combobox", name="Search node types")).to_be_focused()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=named, level=2)).to_be_visible()
    page.keyboard.press("e")


def write(page: Page, field: str, text: str) -> None:
    """Go on with Tab until the field is reached, and write into it."""
    tab_to(page, "textbox", field)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def tab_to(page: Page, role: Reached, name: str) -> None:
    field = page.get_by_role(role, name=name, exact=True).first
    for _ in range(60):
        if field.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to the {role} {name!r}")


def back_to_node(page: Page, name: str) -> None:
    """Escape closes what an editor suggests, and then leads to the node."""
    node = page.get_by_role("group", name=name, exact=True)
    for _ in range(3):
        page.keyboard.press("Escape")
        if node.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"Escape does not lead to {name}")


def test_a_workflow_is_built_run_broken_mended_and_published_by_keys_alone(
    signed_in: Page, effects: EffectServer
) -> None:
    effects.hold()
    page = signed_in
    page.goto("/workflows")
    tab_to(page, "button", "New workflow")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    page.keyboard.type("By keys alone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Add the first node")).to_be_visible()

    add(page, "webhook", "Webhook")
    write(page, "Path", "by-keys")
    back_to_node(page, "Webhook")
    add(page, "transform", "Transform")
    write(page, "Code", "return [{kind: 'large'}];")
    back_to_node(page, "Transform")
    add(page, "condition", "Condition")
    tab_to(page, "button", "Add a condition")
    page.keyboard.press("Enter")
    write(page, "Conditions 1: left side", "{{ $json.kind }}")
    page.keyboard.press("Escape")
    write(page, "Conditions 1: right side", "large")
    back_to_node(page, "Condition")
    add(page, "http", "HTTP Call")
    write(page, "URL", effects.held_url)
    back_to_node(page, "HTTP Call")

    page.keyboard.press("Control+Enter")
    # What a webhook is given is asked for once.
    asked = page.get_by_role("dialog", name="Run the draft")
    expect(asked.get_by_role("button", name="Run", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(badge(page, "HTTP Call", "running")).to_be_visible()
    effects.release()
    expect(badge(page, "HTTP Call", "completed")).to_be_visible()

    page.keyboard.press("ArrowLeft")
    expect(badge(page, "Condition", "completed")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(badge(page, "Transform", "completed")).to_be_focused()
    page.keyboard.press("e")
    write(page, "Code", "return nothing;")
    back_to_node(page, "Transform, completed, changed since this run")
    page.keyboard.press("Control+Enter")
    expect(badge(page, "Transform", "failed")).to_be_visible()
    tab_to(page, "tab", "Parameters")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    panel = page.get_by_role("complementary", name="Node")
    expect(panel).to_contain_text("nothing is not defined")

    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    write(page, "Code", "return [{kind: 'small'}];")
    back_to_node(page, "Transform, failed, changed since this run")
    page.keyboard.press("Control+Enter")
    expect(badge(page, "HTTP Call", "skipped")).to_be_visible()

    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search commands")).to_be_focused()
    page.keyboard.type("publish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="What is new")).to_be_focused()
    page.keyboard.type("Large ones alone")
    tab_to(page, "button", "Publish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)
    tab_to(page, "link", "By keys alone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Version 3")
