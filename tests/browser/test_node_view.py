"""A node over the canvas: its data beside its form, and what comes of it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.graphs import graph, node
from tests.installation import Installation

pytestmark = pytest.mark.browser


def greeting(installation: Installation) -> str:
    """A workflow whose second node says nothing yet of the customer that the first gives."""
    customer = {"main": [{"json": {"customer": {"name": "Ada"}}}]}
    fields = node("greet", "set_fields", params={"assignments": [{"name": "to", "value": ""}]})
    return installation.workflow(
        graph(
            [node("start", "manual", pinned=customer), fields, node("end", "no_operation")],
            ["start -> greet", "greet -> end"],
        ),
        "Greets",
    )


def focused_node(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True).and_(page.locator(":focus"))


def test_a_field_is_dragged_onto_the_form_and_the_step_shows_what_comes_of_it(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    page.goto(f"/workflows/{greeting(installation)}/edit")
    page.get_by_role("group", name="greet", exact=True).dblclick()
    view = page.get_by_role("dialog", name="greet", exact=True)
    field = view.get_by_role("region", name="Input").get_by_role("listitem").filter(has_text="name")
    field.drag_to(view.get_by_role("textbox", name="Value"))
    expect(view.get_by_role("region", name="Form")).to_contain_text("{{ $json.customer.name }}")

    view.get_by_role("button", name="Run to here").click()
    output = view.get_by_role("region", name="Output")
    expect(output).to_contain_text("Completed")
    expect(output).to_contain_text('to:"Ada"')
    view.get_by_role("button", name="Pin what it gave").click()
    expect(output.get_by_role("region", name="Pinned")).to_contain_text('to:"Ada"')

    page.keyboard.press("Escape")
    expect(view).to_have_count(0)
    name = "greet, completed, changed since this run"
    expect(focused_node(page, name)).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(focused_node(page, "start, completed")).to_be_visible()


def test_where_there_is_no_room_for_columns_they_are_tabs(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/workflows/{greeting(installation)}/edit")
    node = page.get_by_role("group", name="greet", exact=True)
    node.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open it wide").click()
    view = page.get_by_role("dialog", name="greet", exact=True)
    expect(view.get_by_role("heading", name="greet")).to_be_focused()
    view.get_by_role("textbox", name="Value").click()
    view.get_by_role("tab", name="Input").click()
    view.get_by_role("button", name="Use $json.customer.name").click()
    view.get_by_role("tab", name="Form").click()
    expect(view.get_by_role("tabpanel", name="Form")).to_contain_text("{{ $json.customer.name }}")
    page.keyboard.press("Escape")
    expect(view).to_have_count(0)

    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Node")).to_have_count(0)
    expect(node).to_be_focused()
