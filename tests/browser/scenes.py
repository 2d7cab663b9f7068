"""The main pages of the web app with something on each, to be looked at and examined."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Route

from tests.browser.shop import shop
from tests.installation import Installation

_MOTIONS_END = """() => Promise.allSettled(document.getAnimations()
    .filter(each => each.effect.getComputedTiming().iterations !== Infinity)
    .map(each => each.finished))"""
_LISTS = re.compile(r"/api/v1/(workflows|runs|credentials)\?")
_NOTHING = {"results": [], "next": None, "previous": None}

Seen = Callable[[Page], Locator]
Deed = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """One page as it is when it is ready."""

    name: str
    path: str
    ready: Seen
    """What is seen once all is there."""
    then: tuple[Deed, ...] = ()
    """What is done on it then."""
    is_empty: bool = False
    """As where nothing has been made yet."""
    is_signed_in: bool = True


def scenes(installation: Installation) -> list[Scene]:
    """Fill an installation, and say what there is to see in it."""
    has = shop(installation)
    orders, edit = f"/workflows/{has.orders}", f"/workflows/{has.orders}/edit"
    shape, wide = "Keep what matters", _button("Open it wide")
    ran = _node("Keep what matters, completed")
    return [
        Scene("workflows", "/workflows", _text("Orders to the warehouse")),
        Scene("no-workflows", "/workflows", _text("No workflow yet"), is_empty=True),
        Scene("new-workflow", "/workflows", _text("Refunds"), (_button("New workflow"), _samples)),
        Scene("workflow-menu", "/workflows", _text("Refunds"), (_button("More about Refunds"),)),
        Scene("workspaces", "/workflows", _text("Refunds"), (_opens("Workspace"),)),
        Scene("import", "/workflows", _text("Refunds"), (_button("Import"), _paste)),
        Scene("menu", "/workflows", _text("Refunds"), (_button("Menu"),)),
        Scene("workflow", orders, _node("Large order?"), (_selects("Large order?"),)),
        Scene("editor", edit, _node("Large order?"), (_selects(shape),)),
        Scene("conditions", edit, _node("Large order?"), (_selects("Large order?"),)),
        Scene(
            "operations",
            edit,
            _node("Large order?"),
            (_selects("Large order?"), _opens("Conditions 1: operation")),
        ),
        Scene("webhook", edit, _node("Large order?"), (_selects("Order comes in"),)),
        Scene("canvas", edit, _node("Large order?")),
        Scene("palette", edit, _node("Large order?"), (_presses("n"),)),
        Scene("commands", edit, _node("Large order?"), (_presses("Control+k"),)),
        Scene("editor-runs", edit, _node("Large order?"), (_button("Runs"),)),
        Scene("outline", edit, _node("Large order?"), (_presses("o"),)),
        Scene("publish", edit, _node("Large order?"), (_button("Publish…"),)),
        Scene("graph-settings", edit, _node("Large order?"), (_presses(","),)),
        Scene("blank", f"/workflows/{has.blank}/edit", _text("begins with what starts it")),
        Scene(
            "problems",
            f"/workflows/{has.refunds}/edit",
            _node("Tell the customer"),
            (_button(re.compile("problems?$")),),
        ),
        Scene(
            "faults",
            f"/workflows/{has.refunds}/edit",
            _node("Ask the bank"),
            (_selects("Ask the bank"),),
        ),
        Scene("editor-run", f"{edit}?run={has.large}", ran, (_button("Console and timeline"),)),
        Scene("node", f"{edit}?run={has.small}", ran, (_selects(shape), wide)),
        Scene("node-input", f"{edit}?run={has.small}", ran, (_selects(shape), wide, _tab("Input"))),
        Scene(
            "node-output", f"{edit}?run={has.small}", ran, (_selects(shape), wide, _tab("Output"))
        ),
        Scene("versions", f"{orders}/versions?show=2&against=1", _node("Told")),
        Scene("requests", f"{orders}/requests", _link("POST /hooks/orders")),
        Scene("request", f"{orders}/requests?request={has.request}", _text("customer")),
        Scene("runs", "/runs", _row(2)),
        Scene("statuses", "/runs", _row(2), (_opens("Status"),)),
        Scene("no-runs", "/runs", _text("Nothing has run yet"), is_empty=True),
        Scene("more-filters", "/runs", _row(2), (_button("More filters"),)),
        Scene("run", f"/runs/{has.small}", _node("Nothing to do, completed"), (_selects(shape),)),
        Scene("failed-run", f"/runs/{has.large}", _node("Tell the warehouse, failed")),
        Scene(
            "retry",
            f"/runs/{has.large}",
            _node("Tell the warehouse, failed"),
            (_button("Retry"),),
        ),
        Scene(
            "console",
            f"/runs/{has.large}",
            _node("Tell the warehouse, failed"),
            (_hovers("Order comes in"),),
        ),
        Scene(
            "timeline",
            f"/runs/{has.large}",
            _node("Tell the warehouse, failed"),
            (_tab("Timeline"),),
        ),
        Scene("compare", f"/runs/{has.large}/compare/{has.small}", _text(shape)),
        Scene("schedules", "/schedules", _text("Weekly report")),
        Scene("schedule", f"/schedules?schedule={has.schedule}", _text("Next times")),
        Scene("credentials", "/credentials", _text("Warehouse")),
        Scene("no-credentials", "/credentials", _text("No credential yet"), is_empty=True),
        Scene("credential", f"/credentials?credential={has.credential}", _text("never shown")),
        Scene("new-credential", "/credentials?new=http_bearer", _textbox("Name")),
        Scene("members", "/members", _text("ada@orders.example")),
        Scene("invite", "/members", _text("ada@orders.example"), (_button("Invite member"),)),
        Scene("api-keys", "/api-keys", _row(1)),
        Scene("new-key", "/api-keys", _row(1), (_button("New key"),)),
        Scene("settings", "/settings", _heading("Settings")),
        Scene("variables", "/settings/variables", _text("warehouse_url")),
        Scene("audit", "/settings/audit", _row(2)),
        Scene("account", "/settings/account", _heading("Settings")),
        # The last, as nobody is signed in after it.
        Scene("sign-in", "/login", _heading("Sign in"), is_signed_in=False),
    ]


def show(page: Page, scene: Scene) -> None:
    """Open the page and wait until all of it is there."""
    page.unroute_all()
    if scene.is_empty:
        page.route(_LISTS, _answer_nothing)
    if not scene.is_signed_in:
        page.context.clear_cookies()
    page.goto(scene.path)
    scene.ready(page).first.wait_for()
    for deed in scene.then:
        deed(page)
    page.wait_for_load_state("networkidle")
    # What still fades in is paler than it will be.
    page.evaluate(_MOTIONS_END)


def _answer_nothing(route: Route) -> None:
    route.fulfill(json=_NOTHING)


def _text(text: str) -> Seen:
    return lambda page: page.get_by_text(text)


def _link(name: str) -> Seen:
    return lambda page: page.get_by_role("link", name=name)


def _row(place: int) -> Seen:
    return lambda page: page.get_by_role("row").nth(place)


def _textbox(name: str) -> Seen:
    return lambda page: page.get_by_role("textbox", name=name)


def _heading(name: str) -> Seen:
    return lambda page: page.get_by_role("heading", name=name)


def _node(name: str) -> Seen:
    # What leads to a node bears its name too.
    beginning = re.compile(f"^{re.escape(name)}")
    return lambda page: page.get_by_role("group", name=beginning)


def _selects(node: str) -> Deed:
    def do(page: Page) -> None:
        # A click might come where the node was before the view had found its place.
        _node(node)(page).first.focus()
        page.keyboard.press("Enter")
        detail = page.get_by_role("complementary").or_(page.get_by_role("dialog"))
        detail.first.wait_for()

    return do


def _button(name: Any) -> Deed:
    return lambda page: page.get_by_role("button", name=name).first.click()


def _opens(select: Any) -> Deed:
    """Open a select, and go to the first of its choices."""

    def do(page: Page) -> None:
        page.get_by_role("combobox", name=select).first.click()
        page.get_by_role("option").first.wait_for()
        page.keyboard.press("ArrowDown")

    return do


def _hovers(line: str) -> Deed:
    log = "Console"
    return lambda page: page.get_by_role("log", name=log).get_by_text(line).first.hover()


def _presses(key: str) -> Deed:
    return lambda page: page.keyboard.press(key)


def _tab(name: str) -> Deed:
    """Turn to a tab; where there is room for all, nothing has to be done."""

    def do(page: Page) -> None:
        tab = page.get_by_role("tab", name=name, exact=True).first
        if tab.is_visible():
            tab.click()

    return do


def _samples(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("listitem").first.wait_for()


def _paste(page: Page) -> None:
    page.get_by_role("textbox", name="Or paste it here").fill('{"name": "Orders", "nodes": []}')
