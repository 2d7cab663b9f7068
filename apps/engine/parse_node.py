"""Reads one node of a graph document; `parse.py` and `parse_canvas.py` read the rest."""

import math
import re
from collections.abc import Mapping

from apps.engine.faults import Faults, quoted, shown
from apps.engine.fields import Fields, is_finite_number
from apps.engine.graph import Node, OnCrash, Retry
from apps.engine.items import Json

MAX_PARAMS_DEPTH = 100
MAX_PINNED_DEPTH = 200
DAY_S = 86_400
FARTHEST = 1e7
"""How far from the canvas's origin a node may lie."""

RETRYABLE_CODES: Mapping[str, str] = {
    "http_status": "The server answered with a fault of its own",
    "timeout": "No answer in time",
    "rate_limited": "Too many requests",
    "connect": "No connection",
    "connection_lost": "The connection was lost",
    "name_not_resolved": "The name was not found",
    "database": "The database was busy or away",
    "mail": "The mail server was busy or away",
    "js_host": "The sandbox was lost",
}
"""The codes that a node's `retry.on` may name: those of errors that are raised as retryable, each
with its meaning."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NODE_KEYS = frozenset(Node.__dataclass_fields__)
_RETRY_KEYS = frozenset(Retry.__dataclass_fields__)
_REQUIRED = ("type", "name", "params")


def read_node(written: Json, index: int, faults: Faults) -> Node | None:
    """The node, faulty members replaced by their defaults; None where it has no usable id."""
    path = f"nodes[{index}]"
    if not isinstance(written, dict):
        faults.add(path, "wrong_type", f"A node must be an object, not {shown(written)}.")
        return None
    fields = Fields(written, faults, path, _owner(written, path))
    fields.only(_NODE_KEYS)
    id = read_id(fields)
    for key in _REQUIRED:
        fields.required(key)
    default = _DEFAULTS
    node = Node(
        id=id,
        type=fields.text("type", "", 128, 1) if "type" in written else "",
        name=read_name(fields) if "name" in written else "",
        params=_bounded(fields, "params", MAX_PARAMS_DEPTH),
        type_version=fields.integer("type_version", default.type_version, 1, 1_000),
        position=read_position(fields),
        disabled=fields.flag("disabled", default.disabled),
        notes=fields.text("notes", default.notes, 100_000),
        pinned=_pinned(fields),
        retry=_retry(fields) if "retry" in written else default.retry,
        timeout_s=fields.seconds("timeout_s", default.timeout_s, DAY_S),
        on_error=fields.choice("on_error", default.on_error, ("stop", "continue", "route")),
        on_crash=_on_crash(fields),
        always_output=fields.flag("always_output", default.always_output),
        run_once=fields.flag("run_once", default.run_once),
    )
    return node if id else None


_DEFAULTS = Node(id="", type="", name="")


def _owner(written: Mapping[str, Json], path: str) -> str:
    for key in ("name", "id"):
        value = written.get(key)
        if isinstance(value, str) and value:
            return f"node {quoted(value)}"
    return path


def read_id(fields: Fields) -> str:
    """The member `id`; empty where it is unusable."""
    if not fields.required("id"):
        return ""
    value = fields.members["id"]
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    code = "bad_id" if isinstance(value, str) else "wrong_type"
    expected = "1 to 64 letters, digits, “-” or “_”"
    fields.wrong("id", code, f"must be {expected}, not {shown(value)}.")
    return ""


def read_name(fields: Fields) -> str:
    """The member `name`; empty where it is unusable."""
    name = fields.text("name", "", 128, 1)
    for pattern, what in ((_CONTROL, "control characters"), (_SURROGATE, "half a character")):
        if pattern.search(name):
            fields.wrong("name", "bad_name", f"holds {what}, which a name must not.")
            return ""
    return name


def _on_crash(fields: Fields) -> OnCrash | None:
    if fields.members.get("on_crash") is None:
        return None
    return fields.choice("on_crash", "ask", ("run_again", "fail", "ask"))


def read_position(fields: Fields) -> tuple[float, float]:
    """The member `position`: where something lies on the canvas."""
    value = fields.members.get("position", [0, 0])
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(is_finite_number(part) and abs(part) <= FARTHEST for part in value)
    ):
        return (value[0], value[1])
    fields.wrong("position", "wrong_type", f"must be two numbers [x, y] between ±{FARTHEST:,.0f}.")
    return (0, 0)


def _retry(node: Fields) -> Retry:
    written = node.object("retry")
    fields = Fields(written, node.faults, node.path("retry"), node.owner, "retry.")
    fields.only(_RETRY_KEYS)
    default = _DEFAULTS.retry
    return Retry(
        count=fields.integer("count", default.count, 0, 20),
        wait_s=fields.seconds("wait_s", default.wait_s, DAY_S, zero=True),
        factor=fields.number("factor", default.factor, 1, 100),
        max_wait_s=fields.seconds("max_wait_s", default.max_wait_s, DAY_S, zero=True),
        jitter=fields.flag("jitter", default.jitter),
        on=_retry_on(fields),
    )


def _retry_on(fields: Fields) -> tuple[str, ...]:
    value = fields.members.get("on", [])
    if not isinstance(value, list):
        fields.wrong("on", "wrong_type", f"must be a list of error codes, not {shown(value)}.")
        return ()
    unknown = [code for code in value if not isinstance(code, str) or code not in RETRYABLE_CODES]
    if unknown:
        known = ", ".join(sorted(RETRYABLE_CODES))
        fields.wrong("on", "unknown_choice", f"may name only {known}, not {shown(unknown[0])}.")
        return ()
    return tuple(value)


def _pinned(fields: Fields) -> Mapping[str, Json] | None:
    if fields.members.get("pinned") is None:
        return None
    outputs = _bounded(fields, "pinned", MAX_PINNED_DEPTH)
    for name, items in outputs.items():
        if not isinstance(items, list) or not all(_is_item(item) for item in items):
            fields.wrong(
                "pinned", "bad_items", f"must hold lists of items {{“json”: {{…}}}} in “{name}”."
            )
            return None
    return outputs


def _is_item(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("json"), dict)
        and isinstance(value.get("binary") or {}, dict)
        and _is_pairing(value.get("pairedItem"))
    )


def _is_pairing(value: Json) -> bool:
    entries = value if isinstance(value, list) else [] if value is None else [value]
    return all(
        _is_index(entry)
        or (
            isinstance(entry, dict)
            and _is_index(entry.get("item"))
            and (entry.get("input") is None or _is_index(entry["input"]))
        )
        for entry in entries
    )


def _is_index(value: Json) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _bounded(fields: Fields, key: str, deepest: int) -> Mapping[str, Json]:
    """An object member that is nested at most so deep and holds no NaN or Infinity."""
    value = fields.object(key)
    level: list[Json] = [value]
    depth = 0
    while level:
        depth += 1
        if depth > deepest:
            fields.wrong(key, "too_deep", f"is nested deeper than {deepest} levels.")
            return {}
        below: list[Json] = []
        for parent in level:
            for child in parent.values() if isinstance(parent, dict) else parent:
                if isinstance(child, dict | list):
                    below.append(child)
                elif isinstance(child, float) and not math.isfinite(child):
                    fields.wrong(key, "not_json", "holds NaN or Infinity, which is no JSON.")
                    return {}
        level = below
    return value
