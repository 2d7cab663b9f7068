"""How long steps wait for somebody outside: what the node types that do so share."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import Field

from apps.engine.items import Json
from apps.nodes.context import StepContext
from apps.nodes.params import ParamsModel

LONGEST_S = 365 * 86_400


class WaitParams(ParamsModel):
    """The parameter of a node that goes on by `timed_out` where nobody comes."""

    wait_s: float | None = Field(
        None,
        title="Wait at most",
        gt=0,
        le=LONGEST_S,
        allow_inf_nan=False,
        description="In seconds; then it goes on by “timed_out”. None: a year, and it fails.",
    )


def outputs_of_wait(params: Mapping[str, Json]) -> tuple[str, ...]:
    """The outputs of such a node, whose params need not be sound."""
    return ("main",) if params.get("wait_s") is None else ("main", "timed_out")


def wait_until(wait_s: float | None, ctx: StepContext) -> datetime:
    """When a step that begins to wait now waits no more."""
    return ctx.now + timedelta(seconds=wait_s or LONGEST_S)
