"""What a person decided about a step whose effect may or may not have happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.engine.items import Item, Json

REASON = "It was decided that this step failed."


@dataclass(frozen=True, slots=True)
class Decision:
    """`run_again`, `fail`, or `use` these items as what the step gave."""

    choice: str
    items: Sequence[Item] = ()
    reason: str = REASON


def read_decision(body: Mapping[str, Json]) -> Decision:
    """Read the body of a decision's signal, which was checked when it was made."""
    items = tuple(
        Item.from_json(item if "json" in item else {"json": item})
        for item in body.get("items") or ()
    )
    comment = body.get("comment")
    reason = f"{REASON} {comment}" if comment else REASON
    return Decision(body["decision"], items, reason)
