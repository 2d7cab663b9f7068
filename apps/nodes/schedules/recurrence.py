"""The parameters of a schedule, and the moments that they mean."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from apps.nodes.params import ParamsModel, when
from apps.nodes.schedules.cron import read_cron
from apps.nodes.schedules.rules import Rule
from apps.nodes.schedules.zones import checked_zone

Missed = Literal["skip", "last", "all"]
Overlap = Literal["allow", "skip", "queue", "cancel"]
_EPSILON = timedelta(microseconds=1)
_YEARS = range(1970, 3000)
"""Far enough from the ends of the calendar that no reckoning leads over them."""


def _cron(text: str) -> str:
    read_cron(text)
    return text


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _moment(text: str) -> str:
    try:
        moment = _read(text)
    except ValueError:
        raise ValueError("It must be a moment like 2026-03-01T08:00:00+01:00.") from None
    if moment.tzinfo is None:
        raise ValueError("It must say its offset, like 2026-03-01T08:00:00+01:00 or …Z.")
    if moment.year not in _YEARS:
        raise ValueError(f"It must lie between {_YEARS[0]} and {_YEARS[-1]}.")
    return text


class ScheduleParams(ParamsModel):
    """When a schedule fires, and what of times that were missed or come too close."""

    # Forms show beside these params the times that they mean.
    model_config = ConfigDict(json_schema_extra={"x-preview": "schedule"})

    cron: Annotated[str, AfterValidator(_cron)] | None = Field(
        None,
        title="Cron",
        max_length=200,
        examples=["*/15 8-17 * * mon-fri"],
        description="Minute, hour, day, month, weekday; or six fields with the seconds first, or "
        "@hourly, @daily, @weekly, @monthly, @yearly.",
    )
    rules: list[Rule] | None = Field(None, title="Rules", min_length=1, max_length=20)
    timezone: Annotated[str, AfterValidator(checked_zone)] | None = Field(
        None,
        title="Time zone",
        description="The workflow's, where none is given.",
        examples=["Europe/Riga"],
        json_schema_extra={"x-widget": "zone"},
    )
    start: Annotated[str, AfterValidator(_moment)] | None = Field(
        None, title="Not before", description="With its offset: 2026-03-01T08:00:00+01:00."
    )
    end: Annotated[str, AfterValidator(_moment)] | None = Field(None, title="Not after")
    jitter_s: int = Field(
        0,
        title="Jitter",
        ge=0,
        le=3_600,
        description="Up to so many seconds later, by chance, so that not all begin at once.",
    )
    missed: Missed = Field(
        "last",
        title="Missed times",
        description="What to do about times when FlowForge was not running: none of them, the "
        "last, or all.",
    )
    missed_most: int = Field(
        10,
        title="At most",
        ge=1,
        le=1_000,
        description="Of missed times, the latest, with all.",
        json_schema_extra=when(missed="all"),
    )
    overlap: Overlap = Field(
        "allow",
        title="While a run goes on",
        description="Whether the next begins beside a run of this schedule that has not ended, is "
        "left out, waits until that one has ended, or cancels it.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "ScheduleParams":
        if (self.cron is None) == (self.rules is None):
            raise ValueError("It needs either a cron expression or rules, and not both.")
        if self.start and self.end and _read(self.end) <= _read(self.start):
            raise ValueError("end: it must be after the start.")
        return self


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment to fire, in the schedule's zone; and by how much the clock was put forward (or back,
    below zero) between the one before and this."""

    at: datetime
    clock_moved: timedelta


class Recurrence:
    """The slots of a schedule: the same whoever asks, and whenever."""

    def __init__(self, params: ScheduleParams, default_zone: str) -> None:
        self.timezone = params.timezone or default_zone
        self._zone = ZoneInfo(self.timezone)
        self._start = _read(params.start) if params.start else None
        self._end = _read(params.end) if params.end else None
        self._sources = [read_cron(params.cron)] if params.cron else list(params.rules or ())

    def times(self, after: datetime) -> Iterator[datetime]:
        """The slots strictly after a moment, each once and in order, in UTC.

        In UTC, since Python finds a moment of an hour that is had twice unequal to itself in
        another zone.
        """
        if self._start is not None:
            after = max(after, self._start - _EPSILON)
        local = after.astimezone(self._zone)
        streams = [
            (moment.astimezone(UTC) for moment in source.times(local)) for source in self._sources
        ]
        last = None
        for moment in heapq.merge(*streams):
            if self._end is not None and moment > self._end:
                return
            if moment != last:
                last = moment
                yield moment

    def from_on(self, first: datetime) -> Iterator[datetime]:
        """The slots from a moment on, itself included."""
        return self.times(first - _EPSILON)

    def next(self, after: datetime) -> datetime | None:
        """The first slot after a moment; None where there is none any more."""
        return next(self.times(after), None)

    def upcoming(self, after: datetime, most: int) -> list[Slot]:
        """The next slots, with the changes of the clock between them."""
        slots = []
        offset = after.astimezone(self._zone).utcoffset() or timedelta()
        for slot in islice(self.times(after), most):
            moment = slot.astimezone(self._zone)
            before, offset = offset, moment.utcoffset() or timedelta()
            slots.append(Slot(moment, offset - before))
        return slots

    def sentence(self) -> str:
        """When it fires, in English."""
        return "; ".join(source.sentence() for source in self._sources)
