"""A workflow of n8n as a graph of ours: nothing is lost, and what is not the same is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.engine.errors import Fault, FaultsError
from apps.engine.faults import shown
from apps.engine.items import Json
from apps.engine.parse import MAX_NODES, SCHEMA, timezones
from apps.engine.parse_canvas import LARGEST, MAX_NOTE_TEXT, MAX_NOTES, SMALLEST
from apps.engine.parse_node import DAY_S
from apps.interchange.n8n.edges import edges_of
from apps.interchange.n8n.given import Given
from apps.interchange.n8n.nodes import WIDER, Names, Placed, place, position_of
from apps.interchange.n8n.report import Report

STICKY = "n8n-nodes-base.stickyNote"
_COLORS = {1: "yellow", 2: "yellow", 3: "red", 4: "green", 5: "blue", 6: "purple", 7: "gray"}


@dataclass(frozen=True, slots=True)
class Converted:
    """A graph document, which may have faults of meaning as any draft, and what is said of it."""

    name: str
    graph: dict[str, Json]
    report: Report


def convert(document: Json) -> Converted:
    """Read a workflow of n8n. Raises FaultsError for what is none.

    The work grows with the size of the document, however it is nested.
    """
    if not isinstance(document, dict):
        told = f"A workflow of n8n is an object, not {shown(document)}."
        raise FaultsError([Fault("workflow", "wrong_type", told)])
    nodes = document.get("nodes")
    if not isinstance(nodes, list):
        told = "A workflow of n8n has a list “nodes”."
        raise FaultsError([Fault("workflow.nodes", "missing", told)])
    if len(nodes) > MAX_NODES:
        told = f"It has {len(nodes):,} nodes; at most {MAX_NODES:,} may be."
        raise FaultsError([Fault("workflow.nodes", "too_many_nodes", told)])
    report = Report()
    placed, sticky_notes = _nodes(nodes, report)
    edges = edges_of(document.get("connections"), placed.by_name, report)
    _pin(document.get("pinData"), placed.by_name)
    graph: dict[str, Json] = {
        "schema": SCHEMA,
        "nodes": [each.node for each in placed.all],
        "edges": edges,
        "settings": _settings(Given(document.get("settings")), report),
    }
    if sticky_notes:
        graph["sticky_notes"] = sticky_notes
    report.nodes, report.edges = len(placed.all), len(edges)
    return Converted(Names().free(document.get("name"), "From n8n"), graph, report)


@dataclass(frozen=True, slots=True)
class _Nodes:
    all: list[Placed]
    by_name: dict[str, Placed]
    """By the names that n8n's connections use; of equal ones the first."""


def _nodes(written: list[Json], report: Report) -> tuple[_Nodes, list[Json]]:
    nodes = _Nodes([], {})
    notes: list[Json] = []
    names = Names()
    for index, each in enumerate(written):
        if not isinstance(each, dict):
            report.warn(None, f"The node at place {index + 1} is {shown(each)}, and is left out.")
        elif each.get("type") == STICKY:
            if len(notes) < MAX_NOTES:
                notes.append(_sticky_note(each, f"s{len(notes) + 1}"))
        else:
            called = each.get("name")
            name = names.free(called, f"Node {index + 1}")
            if called != name:
                told = f"Its name was {shown(called)}: expressions that name it must be changed."
                report.warn(name, told)
            made = place(each, f"n{len(nodes.all) + 1}", name, report)
            nodes.all.append(made)
            if isinstance(called, str):
                nodes.by_name.setdefault(called, made)
    return nodes, notes


def _sticky_note(written: Mapping[str, Json], id: str) -> Json:
    given = Given(written.get("parameters"))
    color = given.plain_number("color", 1, 1, 7)
    return {
        "id": id,
        "text": given.text("content")[:MAX_NOTE_TEXT],
        "position": position_of(written.get("position")),
        "size": [
            round(given.plain_number("width", 240, SMALLEST, LARGEST / WIDER) * WIDER),
            given.plain_number("height", 160, SMALLEST, LARGEST),
        ],
        "color": _COLORS[int(color)],
    }


def _pin(written: Json, nodes: Mapping[str, Placed]) -> None:
    """Take over pinned data, which belongs to a node's first output."""
    for name, items in (written if isinstance(written, dict) else {}).items():
        if name in nodes and isinstance(items, list) and nodes[name].outputs:
            rows = [each for each in items if isinstance(each, dict)]
            if rows and nodes[name].node["type"] != "stop_and_error":
                nodes[name].node["pinned"] = {nodes[name].outputs[0]: [_item(row) for row in rows]}


def _item(row: Mapping[str, Json]) -> Json:
    json = row.get("json")
    return {"json": json if isinstance(json, dict) else dict(row)}


def _settings(given: Given, report: Report) -> dict[str, Json]:
    """n8n's order is ours of the name `depth_first`."""
    settings: dict[str, Json] = {"order": "depth_first"}
    if given.text("executionOrder", "v1") != "v1":
        report.warn(
            None, "Its order of execution is n8n’s older one; here branches run one by one."
        )
    if (zone := given.text("timezone")) in timezones():
        settings["timezone"] = zone
    timeout = given.plain_number("executionTimeout", 0, 0, 366 * DAY_S)
    if timeout >= 1:
        settings["timeout_s"] = timeout
    if other := given.text("errorWorkflow"):
        report.warn(
            None, f"Choose the error workflow in the settings: in n8n it is “{other[:80]}”."
        )
    return settings
