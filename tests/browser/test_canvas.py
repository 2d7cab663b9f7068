"""The canvas by mouse and keys: what is seen of the graph, taken, and carried elsewhere."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.graphs import graph, node
from tests.installation import Installation

pytestmark = pytest.mark.browser


def opened(page: Page, installation: Installation, name: str, far: int = 320) -> None:
    """An editor of three nodes in a column, the last one so far below."""
    nodes = [
        node("start", "manual", position=[0, 0]),
        node("near", position=[0, 160]),
        node("far", position=[0, far]),
    ]
    workflow = installation.workflow(graph(nodes, ["start -> near", "near -> far"]), name)
    page.goto(f"/workflows/{workflow}/edit")
    expect(box(page, "start")).to_be_visible()


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


ZOOM = (
    "new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport')).transform).a"
)


def test_keys_zoom_and_fit_and_the_map_is_there_where_not_all_is_seen(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    opened(page, installation, "Zoomed", far=3000)
    overview = page.get_by_role("img", name="Map of the graph")
    page.keyboard.press("0")
    page.wait_for_function(f"() => {ZOOM} === 1")
    expect(overview).to_be_visible()
    page.keyboard.press("-")
    page.wait_for_function(f"() => {ZOOM} < 0.9")
    page.keyboard.press("0")
    page.wait_for_function(f"() => {ZOOM} === 1")
    page.keyboard.press("+")
    page.wait_for_function(f"() => {ZOOM} > 1.1")
    page.keyboard.press("1")
    for name in ("start", "near", "far"):
        expect(box(page, name)).to_be_in_viewport(ratio=1)
    expect(overview).to_have_count(0)


def test_a_box_takes_what_it_touches_and_what_is_cut_comes_to_another_tab(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    opened(page, installation, "Cut from")
    upper, lower = box(page, "start").bounding_box(), box(page, "near").bounding_box()
    assert upper is not None
    assert lower is not None
    page.keyboard.down("Shift")
    page.mouse.move(upper["x"] - 30, upper["y"] + 2)
    page.mouse.down()
    page.mouse.move(lower["x"] + lower["width"] / 2, lower["y"] + lower["height"] / 2, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.locator(".react-flow__node.selected")).to_have_count(2)
    page.keyboard.press("Control+x")
    expect(page.locator(".react-flow__node")).to_have_count(1)

    other = page.context.new_page()
    empty = installation.workflow(graph([node("only", "manual")]), "Pasted into")
    other.goto(f"/workflows/{empty}/edit")
    expect(box(other, "only")).to_be_visible()
    other.bring_to_front()
    other.keyboard.press("Control+v")
    expect(other.locator(".react-flow__node")).to_have_count(3)
    expect(other.get_by_role("group", name=re.compile("^From start"))).to_have_count(1)


def test_a_slash_asks_for_a_node_and_a_node_that_is_dragged_snaps(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    opened(page, installation, "Snapped")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search node types")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    page.wait_for_function(f"() => {ZOOM} === 1")
    found = box(page, "near").bounding_box()
    assert found is not None
    page.mouse.move(found["x"] + 50, found["y"] + 20)
    page.mouse.down()
    page.mouse.move(found["x"] + 113, found["y"] + 47, steps=5)
    page.mouse.up()
    place = box(page, "near").evaluate(
        "each => (({ e, f }) => [e, f])(new DOMMatrix(getComputedStyle(each).transform))"
    )
    assert place != [0, 160]
    assert [each % 10 for each in place] == [0, 0]


def test_a_text_that_was_selected_before_does_not_keep_a_node_from_being_copied(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    opened(page, installation, "Copied")
    box(page, "near").click()
    heading = page.get_by_role("heading", name="near")
    heading.dblclick()
    assert page.evaluate("() => getSelection().toString().trim()") == "near"
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(page.locator(".react-flow__node")).to_have_count(3)

    box(page, "start").click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(page.locator(".react-flow__node")).to_have_count(4)
