"""The canvas on a phone: moved about, changed and opened with one finger."""

import re
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.graphs import graph, node
from tests.installation import Installation

pytestmark = pytest.mark.browser
FINGER_PX = 40


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    return browser_context_args | phone


class Finger:
    """Touches of one finger, as the browser's own input gives them."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)

    def drag(self, start: tuple[float, float], by: tuple[float, float]) -> None:
        (x, y), (dx, dy) = start, by
        self._tell("touchStart", [(x, y)])
        for part in range(1, 11):
            self._tell("touchMove", [(x + dx * part / 10, y + dy * part / 10)])
        self._tell("touchEnd", [])

    def spread(self, middle: tuple[float, float], apart: float, to: float) -> None:
        """Two fingers, side by side, move away from each other or come together."""
        x, y = middle
        for part in range(11):
            half = (apart + (to - apart) * part / 10) / 2
            kind = "touchStart" if part == 0 else "touchMove"
            self._tell(kind, [(x - half, y), (x + half, y)])
        self._tell("touchEnd", [])

    def _tell(self, kind: str, points: list[tuple[float, float]]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def middle(of: Locator) -> tuple[float, float]:
    of.tap(trial=True)  # waits until it stands still and nothing covers it
    box = of.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_finger_pans_moves_selects_and_asks_for_a_node(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    nodes = [node("start", "manual", position=[0, 0]), node("end", position=[0, 160])]
    edges = ["start -> end"]
    workflow = installation.workflow(graph(nodes, edges), "By touch")
    page.goto(f"/workflows/{workflow}/edit")
    start = page.get_by_role("group", name="start", exact=True)
    end = page.get_by_role("group", name="end", exact=True)
    expect(end).to_be_visible()
    finger = Finger(page)

    seen = page.locator(".react-flow__viewport")
    before = seen.get_attribute("style")
    finger.drag((340, 700), (-20, -30))
    expect(seen).not_to_have_attribute("style", before or "")

    finger.drag(middle(end), (60, 40))
    expect(page.get_by_role("button", name="Undo: move")).to_be_enabled()
    expect(page.get_by_role("dialog", name="Node", exact=True)).to_have_count(0)

    page.get_by_role("button", name="Commands…").tap()
    page.get_by_role("option", name="Select all").tap()
    page.get_by_role("button", name="Commands…").tap()
    page.get_by_role("option", name="Delete and reconnect").tap()
    expect(end).to_have_count(0)
    page.get_by_role("button", name="Undo: delete and reconnect").tap()
    page.get_by_role("group", name="From start, to end").locator("path").first.wait_for()

    start.tap()
    panel = page.get_by_role("dialog", name="Node", exact=True)
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)

    output = start.locator(".react-flow__handle.source")
    finger.drag(middle(output), (40, 250))
    palette = page.get_by_role("combobox", name="Search node types")
    expect(palette).to_be_visible()


def handle(page: Page, name: str, side: str) -> Locator:
    node = page.get_by_role("group", name=name, exact=True)
    return node.locator(f".react-flow__handle.{side}")


def test_an_edge_is_drawn_by_two_taps_and_let_go_by_escape_or_the_void(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    nodes = [node("start", "manual", position=[0, 0]), node("end", position=[0, 160])]
    workflow = installation.workflow(graph(nodes, []), "Two taps")
    page.goto(f"/workflows/{workflow}/edit")
    begun = page.locator(".clickconnecting")
    edge = page.get_by_role("group", name="From start, to end")

    handle(page, "start", "source").tap()
    expect(begun).to_have_count(1)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(begun).to_have_count(0)

    handle(page, "start", "source").tap()
    expect(begun).to_have_count(1)
    page.touchscreen.tap(340, 700)
    expect(begun).to_have_count(0)
    expect(edge).to_have_count(0)

    handle(page, "start", "source").tap()
    handle(page, "end", "target").tap()
    expect(edge).to_have_count(1)
    expect(begun).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo: connect")).to_be_enabled()


def test_two_fingers_zoom(signed_in: Page, installation: Installation) -> None:
    page = signed_in
    workflow = installation.workflow(graph([node("start", "manual", position=[0, 0])]), "Pinched")
    page.goto(f"/workflows/{workflow}/edit")
    start = page.get_by_role("group", name="start", exact=True)
    expect(start).to_be_visible()
    before = start.bounding_box()
    Finger(page).spread((200, 600), apart=80, to=240)
    after = start.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"] * 1.5


def test_a_workflow_is_built_and_published_by_finger_alone(signed_in: Page) -> None:
    page = signed_in
    page.goto("/workflows")
    page.get_by_role("button", name="New workflow").tap()
    page.get_by_role("textbox", name="Name").fill("By finger alone")
    page.get_by_role("button", name="Make it").tap()
    page.get_by_role("button", name="Add the first node").tap()
    types = page.get_by_role("dialog", name="Add a node")
    types.get_by_role("option", name="Manual").tap()
    panel = page.get_by_role("dialog", name="Node", exact=True)
    expect(panel).to_contain_text("Manual")
    panel.get_by_role("button", name="Close").tap()
    expect(panel).to_have_count(0)

    # Nothing is selected, so it stands alone.
    page.get_by_role("button", name="Add a node").tap()
    types.get_by_role("option", name=re.compile("^Transform ?Transf")).tap()
    panel.get_by_role("textbox", name="Code").fill("return [{n: 1}];")
    panel.get_by_role("button", name="Close").tap()
    expect(panel).to_have_count(0)
    added = page.get_by_role("group", name="Transform", exact=True)
    Finger(page).drag(middle(added), (0, 120))
    expect(page.get_by_role("button", name="Undo: move")).to_be_enabled()
    expect(panel).to_have_count(0)
    handle(page, "Manual", "source").tap()
    handle(page, "Transform", "target").tap()
    expect(page.get_by_role("group", name="From Manual, to Transform")).to_have_count(1)

    page.get_by_role("button", name="Publish…").tap()
    page.get_by_role("button", name="Publish", exact=True).tap()
    expect(page.get_by_text("Version 1 is published.")).to_be_visible()


def test_buttons_are_as_large_as_a_finger(signed_in: Page, installation: Installation) -> None:
    page = signed_in
    workflow = installation.workflow(graph([node("start", "manual")]), "Large enough")
    for path in ("/workflows", f"/workflows/{workflow}/edit"):
        page.goto(path)
        buttons = page.get_by_role("button")
        expect(buttons.last).to_be_visible()
        heights = [each.evaluate("each => each.offsetHeight") for each in buttons.all()]
        assert min(heights) >= FINGER_PX, heights


def test_the_console_of_a_run_leaves_the_graph_in_sight(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    workflow = installation.workflow(graph([node("start", "manual")]), "Stays in sight")
    run = installation.api("POST", f"workflows/{workflow}/runs", {})["id"]
    installation.ended(run)
    page.goto(f"/workflows/{workflow}/edit?run={run}")
    page.get_by_role("button", name="Console and timeline").tap()
    expect(page.get_by_role("log", name="Console")).to_be_visible()
    expect(page.get_by_role("group", name="start, completed")).to_be_in_viewport(ratio=1)


def test_what_a_run_tells_is_as_large_as_a_finger(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    workflow = installation.workflow(graph([node("start", "manual")]), "Told by finger")
    run = installation.api("POST", f"workflows/{workflow}/runs", {"input": {"a": {"b": 1}}})["id"]
    installation.ended(run)
    page.goto(f"/runs/{run}")
    assert _height(page.get_by_role("log", name="Console").get_by_role("button").first) >= FINGER_PX
    page.get_by_role("tab", name="Timeline").tap()
    row = page.get_by_role("button", name=re.compile("^start .*, completed$"))
    assert _height(row) >= FINGER_PX
    row.tap()
    part = page.get_by_role("dialog").get_by_role("button", expanded=True).first
    assert _height(part) >= FINGER_PX


def test_what_stands_in_a_row_is_as_large_as_a_finger_and_opens_in_sight(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    operator = {"type": "string", "operation": "exists"}
    of = {"conditions": {"conditions": [{"leftValue": "={{ $json.a }}", "operator": operator}]}}
    nodes = [
        node("start", "manual", position=[0, 0]),
        node("if", "condition", position=[0, 160], params=of),
    ]
    workflow = installation.workflow(graph(nodes, ["start -> if"]), "In a row")
    page.goto(f"/workflows/{workflow}/edit")
    page.get_by_role("group", name="if", exact=True).tap()
    field = page.get_by_role("textbox", name="Conditions 1: left side")
    expect(field).to_have_text("{{ $json.a }}")
    # Its frame of two pixels is not counted.
    assert _height(field) >= FINGER_PX - 2

    page.get_by_role("combobox", name="Conditions 1: operation").tap()
    # What opens had no size at first and stood beside the page, which the browser made wider then.
    expect(page.get_by_role("option", name="exists: is not null").first).to_be_in_viewport(ratio=1)
    assert page.evaluate("() => window.innerWidth") == 390


def test_lists_cut_nothing_off(signed_in: Page, installation: Installation) -> None:
    page = signed_in
    name = "Orders of the whole of last week, told to the warehouse"
    workflow = installation.workflow(graph([node("start", "manual")]), name)
    run = installation.api("POST", f"workflows/{workflow}/runs", {})["id"]
    installation.ended(run)
    workspace = installation.api("GET", "workspaces")["results"][0]["id"]
    guest = {"email": "somebody.with.a.long.name@orders.example", "role": "editor"}
    installation.api("POST", f"workspaces/{workspace}/invitations", guest)
    for path, text in (("/runs", name), ("/workflows", name), ("/members", guest["email"])):
        page.goto(path)
        cell = page.get_by_role("cell", name=text).first
        expect(cell).to_be_visible()
        assert cell.evaluate("each => each.scrollWidth <= each.clientWidth"), path
    withdraw = page.get_by_role("button", name=f"Withdraw the invitation of {guest['email']}")
    expect(withdraw).to_be_in_viewport(ratio=1)


def _height(part: Locator) -> float:
    part.tap(trial=True)  # waits until it stands still: an editor comes in the place of its text
    height: float = part.evaluate("each => each.offsetHeight")
    return height
