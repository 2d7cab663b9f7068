"""What a small shop has built and run: something to see on each page."""

from __future__ import annotations

from dataclasses import dataclass

from tests.graphs import Document, edge, graph, node
from tests.installation import Installation

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
class Shop:
    """Where to find what it has."""

    orders: str
    refunds: str
    """Its draft has faults."""
    blank: str
    """Its draft has no node."""
    small: str
    """A run that completed."""
    large: str
    """One that failed."""
    request: str
    schedule: str
    credential: str


def shop(installation: Installation) -> Shop:
    """Fill an installation."""
    workspace = installation.api("GET", "workspaces")["results"][0]["id"]

    def make(what: str, body: Document) -> str:
        return str(installation.api("POST", what, body)["id"])

    def kept(what: str, workflow: str) -> str:
        found = installation.api("GET", f"{what}?workspace={workspace}&workflow={workflow}")
        return str(found["results"][0]["id"])

    orders = installation.workflow(_orders(), "Orders to the warehouse")
    changed = _orders()
    changed["nodes"][1]["params"]["code"] = LONGER
    changed["nodes"].append(_named("last", "no_operation", "Told", [1280, 20]))
    changed["edges"].append(edge("call -> last"))
    installation.api("POST", f"workflows/{orders}/versions", {"graph": changed})
    report = installation.workflow(_report(), "Weekly report")
    refunds = {"workspace": workspace, "name": "Refunds"}
    values = {"username": "warehouse", "password": "Liepaja-1625"}
    credential = {"workspace": workspace, "name": "Warehouse", "type": "http_basic"}
    variable = {"name": "warehouse_url", "value": "https://orders.example/api"}
    make(f"workspaces/{workspace}/variables", variable)
    make(f"workspaces/{workspace}/invitations", {"email": "ada@orders.example", "role": "editor"})
    small = installation.hook("orders", {"customer": "Liepa", "total": 90})
    large = installation.hook("orders", {"customer": "Ozols", "total": 4200})
    assert installation.ended(small)["status"] == "completed"
    assert installation.ended(large)["status"] == "failed"
    return Shop(
        orders=orders,
        refunds=make("workflows", refunds | {"graph": _refunds()}),
        blank=make("workflows", refunds | {"name": "Returns"}),
        small=small,
        large=large,
        request=kept("hook-requests", orders),
        schedule=kept("schedules", report),
        credential=make("credentials", credential | {"values": values}),
    )


def _orders() -> Document:
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


def _report() -> Document:
    """Begins each Monday."""
    monday = {"cron": "30 7 * * 1"}
    return graph(
        [
            _named("tick", "schedule", "Monday morning", [0, 0], params=monday),
            _named("count", "no_operation", "Count the orders", [320, 0]),
        ],
        ["tick -> count"],
    )


def _refunds() -> Document:
    """Not yet as it should be: no address to call, nothing that leads to the last node."""
    return graph(
        [
            _named("start", "manual", "By hand", [0, 0]),
            _named("call", "http_call", "Ask the bank", [320, 0]),
            _named("tell", "email", "Tell the customer", [640, 0]),
        ],
        ["start -> call"],
    )


def _named(id: str, type: str, name: str, at: list[int], **members: object) -> Document:
    return node(id, type, **members) | {"name": name, "position": at}


def _over(limit: int) -> Document:
    operator = {"type": "number", "operation": "gt"}
    over = {"leftValue": "={{ $json.total }}", "operator": operator, "rightValue": limit}
    return {"combinator": "and", "conditions": [over]}
