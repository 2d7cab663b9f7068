"""Schedule: starts runs at set times."""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field, model_validator

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel

SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_zones = cache(available_timezones)


def _cron(expression: str) -> str:
    if len(expression.split()) != 5:
        raise ValueError("A cron expression has five fields: minute hour day month weekday.")
    if re.search(r"[0-9]{3}", expression):
        raise ValueError("No number in a cron expression has three digits.")
    try:
        next(CronSim(expression, SOME_DAY))
    except CronSimError as error:
        raise ValueError(f"That is no cron expression: {error}.") from None
    except StopIteration:
        raise ValueError("No time ever matches this cron expression.") from None
    return expression


def _zone(name: str) -> str:
    # Never by opening what the name leads to: it may lead out of the zone database.
    if name not in _zones():
        raise ValueError(f"There is no time zone “{name[:80]}”.")
    return name


class Rule(ParamsModel):
    """Every n units; `at` and `on` say when in the day, the week or the month."""

    every: int = Field(1, title="Every", ge=1, le=1_000)
    unit: Literal["minutes", "hours", "days", "weeks", "months"] = Field(title="Unit")
    at: str | None = Field(None, title="At", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    on: list[int] = Field(
        default_factory=list,
        title="On",
        max_length=31,
        description="Days of the week (1 is Monday) or of the month.",
    )

    @model_validator(mode="after")
    def _fitting(self) -> "Rule":
        days = {"weeks": 7, "months": 31}.get(self.unit, 0)
        if any(not 1 <= day <= days for day in self.on):
            raise ValueError(f"“on” names days that {self.unit} do not have.")
        if self.at is not None and self.unit in ("minutes", "hours"):
            raise ValueError("“at” goes with days, weeks and months.")
        return self


class Params(ParamsModel):
    cron: Annotated[str, AfterValidator(_cron)] | None = Field(
        None, title="Cron", max_length=200, examples=["*/15 8-17 * * mon-fri"]
    )
    rules: list[Rule] | None = Field(None, title="Rules", min_length=1, max_length=20)
    timezone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None, title="Time zone", description="The workflow's, where none is given."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "Params":
        if (self.cron is None) == (self.rules is None):
            raise ValueError("Either “cron” or “rules” must be given.")
        return self


@node(
    type="schedule",
    label="Schedule",
    group="triggers",
    icon="calendar-clock",
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    examples=[
        Example(
            title="Workdays at eight",
            params={"cron": "0 8 * * mon-fri", "timezone": "Europe/Riga"},
            takes=[{"scheduled_at": "2026-03-02T06:00:00.000Z", "timezone": "Europe/Riga"}],
            gives=[{"scheduled_at": "2026-03-02T06:00:00.000Z", "timezone": "Europe/Riga"}],
        ),
        Example(
            title="Every second week, on Monday",
            params={"rules": [{"unit": "weeks", "every": 2, "on": [1], "at": "09:30"}]},
            gives=[{}],
        ),
    ],
)
def schedule(item: Item, params: Params, ctx: StepContext) -> Item:
    """Starts runs at set times, by a cron expression or by rules.

    Gives one item with `scheduled_at`, `fired_at`, `timezone` and `schedule`.
    """
    return item
