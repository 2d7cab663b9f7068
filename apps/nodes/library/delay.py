"""Delay: passes its items on later."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.items import Items
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel
from apps.nodes.values.field_types import WrongTypeError, to_datetime

LONGEST = timedelta(days=3_660)


def _readable(text: str) -> str:
    to_datetime(text)
    return text


class Params(ParamsModel):
    seconds: float | None = Field(
        None, title="Seconds", ge=0, le=LONGEST.total_seconds(), allow_inf_nan=False
    )
    until: Annotated[str, AfterValidator(_readable)] | None = Field(
        None,
        title="Until",
        examples=["2026-12-24T18:00:00"],
        description="A moment; without an offset it is in the workflow's time zone.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "Params":
        if (self.seconds is None) == (self.until is None):
            raise ValueError("Either “seconds” or “until” must be given.")
        return self


@node(
    type="delay",
    label="Delay",
    group="flow",
    icon="clock",
    keywords=("wait", "sleep", "pause"),
    kind=Kind.WAITS,
    each="step",
    examples=[
        Example(title="An hour", params={"seconds": 3600}, waits_s=3600),
        Example(
            title="A moment that has passed",
            params={"until": "2026-01-01T08:00:00Z"},
            takes=[{"a": 1}],
            gives=[{"a": 1}],
        ),
    ],
)
def delay(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Waits some seconds, or until a moment, and then passes its items on.

    A run that waits holds no worker. Templates are resolved for the first item.
    """
    until = _moment(params, ctx)
    if until <= ctx.now:
        return Done({"main": inputs["main"]})
    if until - ctx.now > LONGEST:
        raise NodeError("too_late", f"{until.isoformat()} is more than ten years away.")
    return Wait("delay", until)


def _moment(params: Params, ctx: StepContext) -> datetime:
    if params.until is not None:
        try:
            return to_datetime(params.until, ZoneInfo(ctx.timezone))
        except WrongTypeError as error:  # in this zone it lies outside of all years
            raise NodeError("invalid_date", f"until: {error}.") from None
    return ctx.now + timedelta(seconds=params.seconds or 0)
