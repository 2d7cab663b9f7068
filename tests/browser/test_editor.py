"""The canvas: a workflow is built, run, mended and published in the browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.graphs import graph, node
from tests.installation import Installation

pytestmark = pytest.mark.browser


def add(page: Page, typed: str, label: str) -> None:
    """Add a node behind the one that is selected, by keys alone."""
    page.keyboard.press("n")
    expect(page.get_by_role("combobox", name="Search node types")).to_be_focused()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Node")).to_contain_text(label)


def test_a_workflow_is_built_from_an_empty_canvas_run_mended_and_published(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    page.goto("/workflows")
    page.get_by_role("button", name="New workflow").click()
    page.get_by_role("textbox", name="Name").fill("Built by hand")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("button", name="Add the first node").click()
    page.keyboard.type("manual")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Node")
    expect(panel).to_contain_text("Manual")
    page.get_by_role("group", name="Manual", exact=True).click()
    add(page, "transform", "Transform")
    panel.get_by_role("textbox", name="Code").fill("return nothing;")
    page.get_by_role("group", name="Transform", exact=True).click()
    add(page, "no operation", "No Operation")

    page.get_by_role("button", name="Run the draft").click()
    failed = page.get_by_role("group", name="Transform, failed", exact=True)
    expect(failed).to_be_visible()
    failed.click()
    panel.get_by_role("textbox", name="Code").fill("return [{n: 1}, {n: 2}];")
    page.get_by_role("button", name="Run the draft").click()
    expect(page.get_by_role("group", name="No Operation, completed", exact=True)).to_be_visible()
    expect(page.locator(".react-flow__edge-text").filter(has_text="2 items")).to_be_visible()

    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog", name="Publish Built by hand")
    dialog.get_by_role("textbox", name="What is new").fill("The first")
    dialog.get_by_role("button", name="Publish").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Built by hand").click()
    # Version 1 is the draft that failed.
    expect(page.get_by_role("main")).to_contain_text("Version 2")


def test_the_draft_is_run_from_where_its_code_is_written(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    code = node("code", "transform", params={"code": "return nothing;"})
    workflow = installation.workflow(graph([node("start", "manual"), code], ["start -> code"]))
    page.goto(f"/workflows/{workflow}/edit")
    page.get_by_role("group", name="code", exact=True).click()
    written = page.get_by_role("complementary", name="Node").get_by_role("textbox", name="Code")
    written.fill("return [{n: 1}];")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("group", name="code, completed", exact=True)).to_be_visible()
    expect(written).to_have_text("return [{n: 1}];")
    expect(written).to_be_focused()


def test_what_is_built_is_still_there_after_a_reload(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    workflow = installation.workflow(graph([node("start", "manual")]), "Kept")
    page.goto(f"/workflows/{workflow}/edit")
    page.get_by_role("group", name="start", exact=True).click()
    page.keyboard.press("F2")
    page.keyboard.type("Begin here")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Begin here", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    page.reload()
    expect(page.get_by_role("group", name="Begin here", exact=True)).to_be_visible()


def test_an_expression_is_suggested_while_it_is_written_and_tried_at_once(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    start = node("start", "manual", pinned={"main": [{"json": {"customer": {"name": "Ada"}}}]})
    fields = node("fields", "set_fields", params={"assignments": [{"name": "to", "value": "="}]})
    workflow = installation.workflow(graph([start, fields], ["start -> fields"]), "Suggested")
    page.goto(f"/workflows/{workflow}/edit")
    page.get_by_role("group", name="fields", exact=True).click()
    panel = page.get_by_role("complementary", name="Node")
    panel.get_by_role("textbox", name="Value").click()
    page.keyboard.type("Dear {{ $json.cu")
    page.get_by_role("option", name="customer").click()
    page.keyboard.type(".na")
    suggested = page.get_by_role("option", name="name")
    expect(suggested).to_contain_text("Ada")
    suggested.click()
    expect(panel).to_contain_text("Dear Ada")
    page.keyboard.type(" +* 1")
    expect(panel.locator("[data-fault]")).to_be_visible()


HANDLES_MISSED = """() => {
    const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
    const missed = [];
    for (const edge of document.querySelectorAll('.react-flow__edge')) {
        const path = edge.querySelector('.react-flow__edge-path');
        const seen = (at) => {
            const point = path.getPointAtLength(at).matrixTransform(path.getScreenCTM());
            return [point.x, point.y];
        };
        const ends = [seen(0), seen(path.getTotalLength())];
        const handles = [...document.querySelectorAll('.react-flow__handle')].map(
            (handle) => handle.getBoundingClientRect(),
        );
        for (const [x, y] of ends) {
            const isMet = handles.some((box) => {
                const [hx, hy] = middle(box);
                return Math.abs(hx - x) <= box.width / 2 + 1 && Math.abs(hy - y) <= 1;
            });
            if (!isMet) missed.push(`${edge.getAttribute('aria-label')} at ${x}, ${y}`);
        }
    }
    return missed;
}"""


def test_edges_begin_and_end_at_the_handles_that_are_seen(
    signed_in: Page, installation: Installation
) -> None:
    operator = {"type": "number", "operation": "gt"}
    more = {"leftValue": "={{ $json.n }}", "operator": operator, "rightValue": 1}
    nodes = [
        node("start", "manual", position=[0, 0]),
        node("ask", "condition", params={"conditions": {"conditions": [more]}}, position=[300, 40]),
        node("yes", position=[620, 0]),
        node("both", "merge", position=[900, 90]),
    ]
    edges = ["start -> ask", "ask.true -> yes", "ask.false -> both.input_2", "yes -> both.input_1"]
    workflow = installation.workflow(graph(nodes, edges), "Edges")
    for path in (f"/workflows/{workflow}/edit", f"/workflows/{workflow}"):
        signed_in.goto(path)
        expect(signed_in.locator(".react-flow__edge")).to_have_count(4)
        assert signed_in.evaluate(HANDLES_MISSED) == []
