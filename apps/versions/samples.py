"""The sample workflows that come with FlowForge, for builders to begin with."""

from functools import cache
from pathlib import Path
from typing import Any

from apps.engine.encoding import read_json

FOLDER = Path(__file__).parent / "samples"

IN_ORDER = (
    "clean_up",
    "check_and_answer",
    "api_to_postgres",
    "route_orders",
    "form_with_approval",
    "pages_in_batches",
    "wait_for_answer",
    "errors_to_slack",
)
"""The files, what is easy to begin with first."""


@cache
def samples() -> list[dict[str, Any]]:
    """Each with its `id`, `name`, what it `teaches`, its `graph`, and the params of it that
    builders have to choose: its `needs`."""
    return [{"id": id, **_read(id)} for id in IN_ORDER]


def _read(id: str) -> dict[str, Any]:
    sample: Any = read_json((FOLDER / f"{id}.json").read_bytes())
    return dict(sample)
