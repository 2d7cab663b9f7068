"""Rules as builders choose them in a form: every n units, at a time of the day, on some days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count
from typing import Annotated, Literal

from pydantic import Field, model_validator

from apps.nodes.params import ParamsModel, when
from apps.nodes.schedules.cron import Cron

Unit = Literal["seconds", "minutes", "hours", "days", "weeks", "months"]
_MOST = {"seconds": 86_400, "minutes": 10_080, "hours": 8_760, "days": 3_660, "weeks": 520}
_MOST_MONTHS = 120
_ANCHOR = date(2000, 1, 3)
"""A Monday: every n days, weeks and months are counted from here, so that a rule means the same
times whoever asks, and whenever."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS = when(unit="weeks") | {
    "items": {"oneOf": [{"const": day, "title": name} for day, name in enumerate(_DAYS, 1)]}
}
"""How a form asks for the days of a week."""
_WITHIN = {"seconds": 60, "minutes": 60, "hours": 24}


class Rule(ParamsModel):
    """Every n units; `at`, `minute` and `on` say when in the day, the hour, the week or the month.

    Seconds, minutes and hours that divide the next larger unit fall on its beginning (every 15
    minutes: 0, 15, 30, 45); others are counted through, from midnight of 2000-01-03 UTC. Days,
    weeks and months are counted from that date.
    """

    every: int = Field(1, title="Every", ge=1)
    unit: Unit = Field("days", title="Unit")
    minute: Annotated[int, Field(ge=0, le=59)] | None = Field(
        None,
        title="Minute",
        description="Of the hour, with hours.",
        json_schema_extra=when(unit="hours"),
    )
    at: str | None = Field(
        None,
        title="At",
        pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$",
        examples=["08:30"],
        description="HH:MM. With days, weeks and months; midnight, where none is given.",
        json_schema_extra=when(unit=("days", "weeks", "months")),
    )
    on: list[int] = Field(
        default_factory=list,
        title="On",
        max_length=31,
        description="Days of the week (1 is Monday) or of the month; the first, where none is "
        "given. A month that lacks the day is left out.",
        json_schema_extra=when(unit=("weeks", "months")) | {"x-forms": [_WEEKDAYS]},
    )

    @model_validator(mode="after")
    def _fitting(self) -> "Rule":
        if self.every > (most := _MOST.get(self.unit, _MOST_MONTHS)):
            raise ValueError(f"every: at most {most:,} {self.unit}.")
        days = {"weeks": 7, "months": 31}.get(self.unit, 0)
        if any(not 1 <= day <= days for day in self.on):
            raise ValueError(f"on: it names days that {self.unit} do not have.")
        if self.at is not None and self.unit in _WITHIN:
            raise ValueError("at: it goes with days, weeks and months.")
        if self.minute is not None and self.unit != "hours":
            raise ValueError("minute: it goes with hours.")
        if self.minute is not None and not self._divides:
            raise ValueError("minute: it goes with hours that divide the day.")
        if self.unit == "months" and next(self._dates(_ANCHOR), None) is None:
            raise ValueError("on: none of these months has such a day.")
        return self

    @property
    def _divides(self) -> bool:
        return _WITHIN[self.unit] % self.every == 0

    def times(self, after: datetime) -> Iterator[datetime]:
        """The moments strictly after a moment, in its time zone, each once and in order."""
        if self.unit in _WITHIN:
            yield from self._cron.times(after) if self._divides else self._spaced(after)
            return
        zone, last = after.tzinfo, after.astimezone(UTC)
        assert zone is not None
        # From a day before: a clock that was put back may have a day's time still to come. And in
        # UTC, since moments of one zone are compared by what the clock on the wall shows.
        for day in self._dates(after.date() - timedelta(days=1)):
            moment = at_wall(day, self._time, zone)
            if moment.astimezone(UTC) > last:
                yield moment

    @property
    def _cron(self) -> Cron:
        """What divides the next larger unit, as an expression."""
        step = "*" if self.every == 1 else f"*/{self.every}"
        if self.unit == "seconds":
            return Cron(f"{step} * * * * *")
        return Cron(
            f"{step} * * * *" if self.unit == "minutes" else f"{self.minute or 0} {step} * * *"
        )

    def _spaced(self, after: datetime) -> Iterator[datetime]:
        step = timedelta(**{self.unit: self.every})
        anchor = datetime.combine(_ANCHOR, time(), UTC)
        passed = (after.astimezone(UTC) - anchor) // step
        for number in count(passed + 1):
            yield (anchor + number * step).astimezone(after.tzinfo)

    @property
    def _time(self) -> time:
        return time.fromisoformat(self.at.zfill(5)) if self.at else time()

    def _dates(self, first: date) -> Iterator[date]:
        """The days from a day on, for ever; of months, none where none of ten years has one."""
        if self.unit == "days":
            passed = (first - _ANCHOR).days
            for number in count(-(-passed // self.every)):
                yield _ANCHOR + timedelta(days=number * self.every)
        elif self.unit == "weeks":
            weeks = (first - _ANCHOR).days // 7
            for number in count(weeks // self.every):
                monday = _ANCHOR + timedelta(weeks=number * self.every)
                for day in sorted(set(self.on) or {1}):
                    if (found := monday + timedelta(days=day - 1)) >= first:
                        yield found
        else:
            yield from self._dates_of_months(first)

    def _dates_of_months(self, first: date) -> Iterator[date]:
        months = (first.year - _ANCHOR.year) * 12 + first.month - _ANCHOR.month
        last_found = months
        for number in count(months // self.every):
            month = number * self.every
            year, place = _ANCHOR.year + month // 12, month % 12 + 1
            if month > last_found + 12 * _MOST_MONTHS:
                return
            for day in sorted(set(self.on) or {1}):
                try:
                    found = date(year, place, day)
                except ValueError:
                    continue  # the month is shorter
                last_found = month
                if found >= first:
                    yield found

    def sentence(self) -> str:
        """The rule in English: `Every 2 weeks on Monday at 09:30`."""
        unit = self.unit.removesuffix("s")
        told = f"Every {unit}" if self.every == 1 else f"Every {self.every} {self.unit}"
        if self.unit == "hours" and self._divides:
            return f"{told} at {self.minute or 0} minutes past the hour"
        if self.unit in _WITHIN:
            return told
        days = sorted(set(self.on) or {1})
        if self.unit == "weeks":
            told += f" on {_listed([_DAYS[day - 1] for day in days])}"
        elif self.unit == "months":
            told += f" on day {_listed([str(day) for day in days])}"
        return f"{told} at {self._time:%H:%M}"


def at_wall(day: date, at: time, zone: tzinfo) -> datetime:
    """When a clock on the wall shows this: of two moments the first; where it is put forward over
    it, the first moment after the gap."""
    moment = datetime.combine(day, at, zone)
    # Moments of one zone are compared by what the clock on the wall shows.
    while moment.astimezone(UTC).astimezone(zone) != moment:
        moment += timedelta(minutes=1)
    return moment


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
