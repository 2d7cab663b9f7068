"""Reads what a graph document holds for people alone: sticky notes, and groups of nodes.

They are checked like all else of a document, and then left out of the graph: no run sees them.
"""

from dataclasses import dataclass

from apps.engine.faults import Faults, shown
from apps.engine.fields import Fields, is_finite_number
from apps.engine.items import Json
from apps.engine.parse_node import read_id, read_name, read_position

MAX_NOTES = 1_000
MAX_GROUPS = 1_000
MAX_NOTE_TEXT = 20_000
SMALLEST, LARGEST = 20, 10_000
COLORS = ("yellow", "blue", "green", "red", "purple", "gray")

_NOTE_KEYS = frozenset({"id", "text", "position", "size", "color"})
_GROUP_KEYS = frozenset({"id", "name", "nodes", "color"})


@dataclass(frozen=True, slots=True)
class Group:
    """A named frame around nodes."""

    id: str
    nodes: tuple[str, ...]


def read_sticky_note(written: Json, index: int, faults: Faults) -> str | None:
    """The id of the note; None where it has no usable one."""
    path = f"sticky_notes[{index}]"
    if not isinstance(written, dict):
        faults.add(path, "wrong_type", f"A sticky note must be an object, not {shown(written)}.")
        return None
    fields = Fields(written, faults, path, path)
    fields.only(_NOTE_KEYS)
    id = read_id(fields)
    if fields.required("text"):
        fields.text("text", "", MAX_NOTE_TEXT)
    if fields.required("position"):
        read_position(fields)
    if fields.required("size"):
        _size(fields)
    fields.choice("color", "yellow", COLORS)
    return id or None


def read_group(written: Json, index: int, faults: Faults) -> Group | None:
    """The group, without the nodes that are no ids; None where it has no usable id itself."""
    path = f"groups[{index}]"
    if not isinstance(written, dict):
        faults.add(path, "wrong_type", f"A group must be an object, not {shown(written)}.")
        return None
    fields = Fields(written, faults, path, path)
    fields.only(_GROUP_KEYS)
    id = read_id(fields)
    if fields.required("name"):
        read_name(fields)
    nodes = _nodes(fields) if fields.required("nodes") else ()
    fields.choice("color", "gray", COLORS)
    return Group(id, nodes) if id else None


def _size(fields: Fields) -> None:
    value = fields.members["size"]
    if not (
        isinstance(value, list)
        and len(value) == 2
        and all(is_finite_number(side) and SMALLEST <= side <= LARGEST for side in value)
    ):
        expected = f"two numbers [width, height] from {SMALLEST} to {LARGEST:,}"
        fields.wrong("size", "wrong_type", f"must be {expected}.")


def _nodes(fields: Fields) -> tuple[str, ...]:
    value = fields.members["nodes"]
    if isinstance(value, list) and value and all(isinstance(id, str) for id in value):
        return tuple(value)
    fields.wrong("nodes", "wrong_type", "must be a list of at least one id of a node.")
    return ()
