"""The main pages of the web app with something on each, to be looked at and examined."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from tests.graphs import Document, edge, graph, node
from tests.installation import Installation

_MOTIONS_END = """() => Promise.allSettled(document.getAnimations()
    .filter(each => each.effect.getComputedTiming().iterations !== Infinity)
    .map(each => each.finished))"""


LONGER = """\
// What the warehouse asks for, one item for each line of the order.
const kept = [];
for (const { json } of items) {
  const { customer, total, lines = [] } = json.body;
  if (total <= 0) continue;
  for (const line of lines) {
    kept.push({
      customer,
      total,
      article: line.article,
      count: Number(line.count),
      isUrgent: line.due === 'today',
    });
  }
}
return kept;
"""
"""Longer than a list of differences shows at once."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One page as it is when it is ready."""

    name: str
    path: str
    ready: Callable[[Page], Locator]
    """What is seen once all is there."""
    select: str = ""
    """The node of the graph that is selected then."""
    is_wide: bool = False
    """Whether that node is shown wide, over the canvas."""


def orders() -> Document:
    """Orders come by webhook; large ones are told to somebody, all are kept."""
    url = {"url": "https://orders.example/api/orders", "method": "POST"}
    return graph(
        [
            _named("hook", "webhook", "Order comes in", [0, 100], params={"path": "orders"}),
            _named(
                "shape",
                "transform",
                "Keep what matters",
                [320, 100],
                params={
                    "code": "return items.map(({ json }) => ({\n"
                    "  customer: json.body.customer,\n  total: json.body.total,\n}));"
                },
            ),
            _named(
                "large",
                "condition",
                "Large order?",
                [640, 100],
                params={"conditions": _over(1000)},
            ),
            _named("call", "http_call", "Tell the warehouse", [960, 20], params=url),
            _named("rest", "no_operation", "Nothing to do", [960, 180]),
        ],
        ["hook -> shape", "shape -> large", "large.true -> call", "large.false -> rest"],
    )


def scenes(installation: Installation) -> list[Scene]:
    """Fill an installation, and say what there is to see in it."""
    workflow = installation.workflow(orders(), "Orders to the warehouse")
    changed = orders()
    changed["nodes"][1]["params"]["code"] = LONGER
    changed["nodes"].append(_named("last", "no_operation", "Told", [1280, 20]))
    changed["edges"].append(edge("call -> last"))
    installation.api("POST", f"workflows/{workflow}/versions", {"graph": changed})
    workspace = installation.api("GET", "workspaces")["results"][0]["id"]
    values = {"username": "warehouse", "password": "Liepaja-1625"}
    kept = {"workspace": workspace, "name": "Warehouse", "type": "http_basic"}
    installation.api("POST", "credentials", kept | {"values": values})
    small = installation.hook("orders", {"customer": "Liepa", "total": 90})
    large = installation.hook("orders", {"customer": "Ozols", "total": 4200})
    assert installation.ended(small)["status"] == "completed"
    assert installation.ended(large)["status"] == "failed"
    return [
        Scene("workflows", "/workflows", lambda page: page.get_by_text("Orders to the warehouse")),
        Scene("workflow", f"/workflows/{workflow}", _node("Large order?"), "Large order?"),
        Scene("editor", f"/workflows/{workflow}/edit", _node("Large order?"), "Keep what matters"),
        Scene(
            "node",
            f"/workflows/{workflow}/edit?run={small}",
            _node("Keep what matters, completed"),
            "Keep what matters",
            is_wide=True,
        ),
        Scene(
            "versions",
            f"/workflows/{workflow}/versions?show=2&against=1",
            _node("Told"),
        ),
        Scene("credentials", "/credentials", lambda page: page.get_by_text("Warehouse")),
        Scene("schedules", "/schedules", _heading("Schedules")),
        Scene("members", "/members", _heading("Members")),
        Scene("api-keys", "/api-keys", _heading("API keys")),
        Scene("settings", "/settings", _heading("Settings")),
        Scene(
            "compare",
            f"/runs/{large}/compare/{small}",
            lambda page: page.get_by_text("Keep what matters"),
        ),
        Scene("runs", "/runs", lambda page: page.get_by_role("row").nth(2)),
        Scene("run", f"/runs/{small}", _node("Nothing to do, completed"), "Keep what matters"),
        Scene("failed-run", f"/runs/{large}", _node("Tell the warehouse, failed")),
    ]


def show(page: Page, scene: Scene) -> None:
    """Open the page and wait until all of it is there."""
    page.goto(scene.path)
    scene.ready(page).first.wait_for()
    if scene.select:
        # A click might come where the node was before the view had found its place.
        _node(scene.select)(page).first.focus()
        page.keyboard.press("Enter")
        detail = page.get_by_role("complementary").or_(page.get_by_role("dialog"))
        detail.first.wait_for()
        if scene.is_wide:
            page.get_by_role("button", name="Open it wide").click()
            page.get_by_role("dialog", name=scene.select, exact=True).wait_for()
    page.wait_for_load_state("networkidle")
    # What still fades in is paler than it will be.
    page.evaluate(_MOTIONS_END)


def _node(name: str) -> Callable[[Page], Locator]:
    # What leads to a node bears its name too.
    beginning = re.compile(f"^{re.escape(name)}")
    return lambda page: page.get_by_role("group", name=beginning)


def _heading(name: str) -> Callable[[Page], Locator]:
    return lambda page: page.get_by_role("heading", name=name)


def _named(id: str, type: str, name: str, at: list[int], **members: object) -> Document:
    return node(id, type, **members) | {"name": name, "position": at}


def _over(limit: int) -> Document:
    operator = {"type": "number", "operation": "gt"}
    over = {"leftValue": "={{ $json.total }}", "operator": operator, "rightValue": limit}
    return {"combinator": "and", "conditions": [over]}
