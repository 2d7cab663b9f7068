"""Reads a graph document (`graph_json`) and tells every fault of its form: what is no graph at all.

What the graph means (unknown types, dangling edges, cycles) is `validate.py`'s. Nothing here is
recursive, and the work grows with the size of the document only.
"""

from dataclasses import dataclass, field
from functools import cache
from zoneinfo import available_timezones

import orjson

from apps.engine.encoding import NotJsonError, encode
from apps.engine.errors import Fault
from apps.engine.faults import Faults, shown
from apps.engine.fields import Fields
from apps.engine.graph import Concurrency, Edge, Graph, GraphSettings, Node, RateLimit
from apps.engine.items import Json
from apps.engine.parse_canvas import MAX_GROUPS, MAX_NOTES, Group, read_group, read_sticky_note
from apps.engine.parse_node import DAY_S, read_node

SCHEMA = 1
MAX_NODES = 10_000
MAX_EDGES = 50_000
MAX_BYTES = 5 * 1024 * 1024

_GRAPH_KEYS = frozenset({"schema", "nodes", "edges", "settings", "sticky_notes", "groups"})
_EDGE_KEYS = frozenset({"source", "source_output", "target", "target_input"})
_SETTINGS_KEYS = frozenset(
    {
        "order",
        "timezone",
        "timeout_s",
        "concurrency",
        "rate_limit",
        "priority",
        "error_workflow",
        "step_budget",
    }
)


@dataclass(slots=True)
class Reading:
    """What could be read of a document, faulty members replaced by their defaults."""

    faults: Faults = field(default_factory=Faults)
    nodes: list[tuple[int, Node]] = field(default_factory=list)
    """The nodes with a usable id, and their places in the document. A type or name that could
    not be read is empty."""
    node_count: int = 0
    """How many nodes the document has, unusable ones too."""
    edges: list[tuple[int, Edge]] = field(default_factory=list)
    settings: GraphSettings = field(default_factory=GraphSettings)
    notes: list[tuple[int, str]] = field(default_factory=list)
    """The ids of the sticky notes. The graph has none: they mean nothing to a run."""
    groups: list[tuple[int, Group]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    """All node ids as they stand in the document, malformed ones too: edges may lead to them."""


def parse_graph(document: Json) -> tuple[Graph | None, list[Fault]]:
    """The graph that a document describes, or None and everything that is wrong with its form."""
    reading = read_graph(document)
    if reading.faults:
        return None, reading.faults.told()
    return graph_of(reading), []


def graph_of(reading: Reading) -> Graph:
    return Graph(
        nodes=tuple(node for _, node in reading.nodes),
        edges=tuple(edge for _, edge in reading.edges),
        settings=reading.settings,
    )


def read_graph(document: Json) -> Reading:
    """Read as much of a document as can be read, so that all faults are told at once."""
    reading = Reading()
    faults = reading.faults
    if not isinstance(document, dict):
        faults.add("", "wrong_type", f"A graph must be an object, not {shown(document)}.")
        return reading
    fields = Fields(document, faults, "", "the graph")
    fields.only(_GRAPH_KEYS)
    if fields.required("schema"):
        fields.integer("schema", SCHEMA, SCHEMA, SCHEMA)
    nodes = _list(fields, "nodes", MAX_NODES)
    edges = _list(fields, "edges", MAX_EDGES)
    notes = _list(fields, "sticky_notes", MAX_NOTES) if "sticky_notes" in document else []
    groups = _list(fields, "groups", MAX_GROUPS) if "groups" in document else []
    reading.node_count = len(nodes)
    if _is_too_large(document, faults):
        return reading
    for index, written in enumerate(nodes):
        node = read_node(written, index, faults)
        if isinstance(written, dict) and isinstance(written.get("id"), str):
            reading.ids.add(written["id"])
        if node is not None:
            reading.nodes.append((index, node))
    for index, written in enumerate(edges):
        edge = _edge(written, index, faults)
        if edge is not None:
            reading.edges.append((index, edge))
    for index, written in enumerate(notes):
        if note := read_sticky_note(written, index, faults):
            reading.notes.append((index, note))
    for index, written in enumerate(groups):
        if group := read_group(written, index, faults):
            reading.groups.append((index, group))
    reading.settings = _settings(fields)
    return reading


def _list(fields: Fields, key: str, most: int) -> list[Json]:
    if not fields.required(key):
        return []
    value = fields.members[key]
    if not isinstance(value, list):
        fields.wrong(key, "wrong_type", f"must be a list, not {shown(value)}.")
        return []
    if len(value) > most:
        # The rest is read all the same: `_is_too_large` bounds it, and its faults are wanted.
        fields.faults.add(
            key,
            f"too_many_{key}",
            f"The graph has {len(value):,} {key.replace('_', ' ')}; at most {most:,} may be.",
        )
    return value


def _is_too_large(document: dict[str, Json], faults: Faults) -> bool:
    try:
        size = len(orjson.dumps(document))
    except TypeError:
        # Huge integers, lone surrogates, or nesting that `read_node` will name.
        try:
            size = len(encode(document))
        except NotJsonError as error:
            if error.code == "too_deep":
                return False
            faults.add("", error.code, error.message)
            return True
    if size <= MAX_BYTES:
        return False
    faults.add(
        "",
        "too_large",
        f"The graph takes {size / 2**20:.1f} MB; at most {MAX_BYTES / 2**20:.0f} MB may be.",
    )
    return True


def _edge(written: Json, index: int, faults: Faults) -> Edge | None:
    if not isinstance(written, dict):
        form = "{source, source_output, target, target_input}"
        faults.add(
            f"edges[{index}]", "wrong_type", f"An edge must be {form}, not {shown(written)}."
        )
        return None
    fields = Fields(written, faults, f"edges[{index}]", f"edges[{index}]")
    fields.only(_EDGE_KEYS)
    ends = [
        fields.text(key, "", 128, 1) if fields.required(key) else ""
        for key in ("source", "source_output", "target", "target_input")
    ]
    return Edge(*ends) if all(ends) else None


def _settings(graph: Fields) -> GraphSettings:
    written = graph.object("settings")
    fields = Fields(written, graph.faults, "settings", "the settings")
    fields.only(_SETTINGS_KEYS)
    default = GraphSettings()
    return GraphSettings(
        order=fields.choice("order", default.order, ("topological", "depth_first")),
        timezone=_timezone(fields, default.timezone),
        timeout_s=(
            fields.seconds("timeout_s", 1, 366 * DAY_S)
            if written.get("timeout_s") is not None
            else None
        ),
        concurrency=_concurrency(fields),
        rate_limit=_rate_limit(fields),
        priority=fields.choice("priority", default.priority, ("high", "default", "low")),
        error_workflow=(
            fields.text("error_workflow", "", 64, 1)
            if written.get("error_workflow") is not None
            else None
        ),
        step_budget=fields.integer("step_budget", default.step_budget, 1, 10_000_000),
    )


def _timezone(fields: Fields, default: str) -> str:
    name = fields.text("timezone", default, 64, 1)
    if name in timezones():
        return name
    fields.wrong(
        "timezone",
        "unknown_timezone",
        f"must be the name of a time zone such as Europe/Riga, not {shown(name)}.",
    )
    return default


@cache
def timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _concurrency(settings: Fields) -> Concurrency | None:
    written = settings.members.get("concurrency")
    if written is None:
        return None
    if not isinstance(written, dict):
        return Concurrency(settings.integer("concurrency", 1, 1, 10_000))
    fields = Fields(
        written, settings.faults, "settings.concurrency", "the settings", "concurrency."
    )
    fields.only({"limit", "key"})
    limit = fields.integer("limit", 1, 1, 10_000) if fields.required("limit") else 1
    return Concurrency(limit, _limit_key(fields))


def _rate_limit(settings: Fields) -> RateLimit | None:
    if settings.members.get("rate_limit") is None:
        return None
    written = settings.object("rate_limit")
    fields = Fields(written, settings.faults, "settings.rate_limit", "the settings", "rate_limit.")
    fields.only({"limit", "per_s", "key"})
    limit = fields.integer("limit", 1, 1, 10_000) if fields.required("limit") else 1
    per_s = fields.integer("per_s", 1, 1, DAY_S) if fields.required("per_s") else 1
    return RateLimit(limit, per_s, _limit_key(fields))


def _limit_key(fields: Fields) -> str | None:
    return fields.text("key", "", 2_000, 1) if fields.members.get("key") is not None else None
