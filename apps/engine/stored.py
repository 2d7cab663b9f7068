"""Outputs in stored form: written item by item, so that nothing is held that is too large."""

from io import BytesIO

from apps.engine.encoding import encode, normalise
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Outputs

Written = tuple[bytes, Outputs]
"""Outputs as they are stored, and exactly what that stands for."""


def stored_form(outputs: Outputs, most_bytes: int) -> Written:
    """Write outputs. An item that reads back as it was stays the same object, so that a step which
    passes items on holds nothing twice.

    Raises NodeError `output_too_large`, NotJsonError. What else it raises is the fault of the node
    that gave no items.
    """
    buffer = BytesIO()
    stored: Outputs = {}
    opening = b"{"
    for name, items in outputs.items():
        buffer.write(opening + encode(name) + b":[")
        kept: Items = []
        stored[name] = kept
        for item in items:
            if kept:
                buffer.write(b",")
            form = item.as_json()
            written, value = normalise(form)
            buffer.write(written)
            if buffer.tell() > most_bytes:
                raise too_large(most_bytes)
            is_same = value is form and isinstance(item.json, dict)
            kept.append(item if is_same else Item.from_json(value))
        buffer.write(b"]")
        opening = b","
    buffer.write(b"}" if outputs else b"{}")
    return buffer.getvalue(), stored


def too_large(most_bytes: int) -> NodeError:
    """What is said of a step that gives more than is kept of one."""
    return NodeError(
        "output_too_large",
        f"The step gave more than the {most_bytes:,} bytes that are kept of one.",
        hint="Pass on only the fields that later steps need, or work in batches.",
    )
