"""Date & Time: reads dates, reckons with them and writes them."""

import email.utils
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.expressions.zones import find_zone
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.date_formats import (
    MAX_PATTERN,
    PatternError,
    check_letters,
    epoch_ms,
    read_date,
    write_date,
)
from apps.nodes.values.date_texts import AmbiguousDateError, read_certain_moment
from apps.nodes.values.dates import UNITS, Unit, add, difference, start_of
from apps.nodes.values.field_types import describe, is_number, to_number
from apps.nodes.values.fields import with_result

SECONDS_BELOW = 10**11
"""A number below counts seconds (up to the year 5138), one from here on milliseconds."""
Part = Literal[
    "year", "quarter", "month", "week", "day", "weekday", "day_of_year", "hour", "minute",
    "second", "millisecond",
]  # fmt: skip
Preset = Literal[
    "custom", "iso", "iso_date", "sql", "rfc2822", "http", "seconds", "milliseconds"
]  # fmt: skip


Pattern = Annotated[str, AfterValidator(check_letters)]
READ_FORMAT = "Say by `read_format` how the dates are written, such as dd/MM/yyyy."


def _zone(name: str) -> str:
    if find_zone(name) is None:
        raise ValueError(f"There is no time zone “{name[:80]}”.")
    return name


def _days() -> list[Unit]:
    return ["days"]


_OF_A_DATE = when(operation=("add", "subtract", "difference", "extract", "format", "round"))


class Params(ParamsModel):
    operation: Literal["current", "add", "subtract", "difference", "extract", "format", "round"] = (
        Field("current", title="Operation")
    )
    value: Any = Field(
        None,
        title="Date",
        examples=["={{ $json.ordered_at }}"],
        description="Text as ISO 8601, SQL, mail or HTTP have it, or a number since 1970.",
        json_schema_extra=_OF_A_DATE,
    )
    end: Any = Field(
        None,
        title="Until",
        description="The later date of a difference.",
        json_schema_extra=when(operation="difference"),
    )
    read_format: Pattern = Field(
        "",
        title="Format of the given dates",
        max_length=MAX_PATTERN,
        examples=["dd.MM.yyyy HH:mm"],
        description="Where it is none of the usual ones.",
        json_schema_extra=_OF_A_DATE,
    )
    numbers: Literal["auto", "seconds", "milliseconds"] = Field(
        "auto",
        title="Numbers are",
        description="By their size, where it is not known.",
        json_schema_extra=_OF_A_DATE,
    )
    amount: float = Field(
        0,
        title="How many",
        allow_inf_nan=False,
        json_schema_extra=when(operation=("add", "subtract")),
    )
    unit: Unit = Field(
        "days", title="Unit", json_schema_extra=when(operation=("add", "subtract", "round"))
    )
    units: list[Unit] = Field(
        default_factory=_days,
        title="Units",
        min_length=1,
        max_length=len(UNITS),
        json_schema_extra=when(operation="difference"),
    )
    part: Part = Field("month", title="Part", json_schema_extra=when(operation="extract"))
    preset: Preset = Field("custom", title="Written as", json_schema_extra=when(operation="format"))
    format: Pattern = Field(
        "yyyy-MM-dd",
        title="Format",
        max_length=MAX_PATTERN,
        examples=["dd.MM.yyyy HH:mm", "LLLL d, yyyy"],
        description="In the letters of luxon; other words in 'quotes'.",
        json_schema_extra=when(operation="format", preset="custom"),
    )
    direction: Literal["down", "up"] = Field(
        "down", title="Round", json_schema_extra=when(operation="round")
    )
    with_time: bool = Field(
        True, title="With the time of day", json_schema_extra=when(operation="current")
    )
    timezone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None, title="Time zone", description="The workflow's, where none is given."
    )
    result: str = Field("date", title="Result field", min_length=1, max_length=500)
    keep_fields: bool = Field(True, title="Keep the other fields")


def _example(title: str, params: dict[str, Json], value: Json, gives: Json) -> Example:
    return Example(
        title=title,
        params={"value": "={{ $json.at }}", "keep_fields": False, **params},
        takes=[{"at": value}],
        gives=[{"date": gives}],
    )


@node(
    type="date_time",
    label="Date & Time",
    group="transformations",
    icon="calendar",
    keywords=("timezone", "format"),
    each="item",
    examples=[
        Example(
            title="Now, in another time zone",
            params={"timezone": "America/New_York"},
            takes=[{"a": 1}],
            gives=[{"a": 1, "date": "2026-03-01T07:00:00.000-05:00"}],
        ),
        _example(
            "A month later",
            {"operation": "add", "amount": 1, "unit": "months"},
            "2026-01-31 09:00",
            "2026-02-28T09:00:00.000+02:00",
        ),
        _example(
            "A day earlier, over a change of the clocks",
            {"operation": "subtract", "amount": 1, "unit": "days"},
            "2026-03-30T08:00:00+03:00",
            "2026-03-29T08:00:00.000+03:00",
        ),
        Example(
            title="How long something took",
            params={
                "operation": "difference",
                "value": "={{ $json.from }}",
                "end": "={{ $json.to }}",
                "units": ["days", "hours"],
                "result": "took",
                "keep_fields": False,
            },
            takes=[{"from": "2026-01-01", "to": "2026-01-03T12:30:00"}],
            gives=[{"took": {"days": 2, "hours": 12.5}}],
        ),
        _example("Part of a date", {"operation": "extract", "part": "week"}, "2027-01-01", 53),
        _example(
            "Seconds since 1970, written for people",
            {"operation": "format", "format": "cccc, d LLLL yyyy 'at' HH:mm"},
            1_767_225_600,
            "Thursday, 1 January 2026 at 02:00",
        ),
        _example(
            "A date in a form of its own",
            {"operation": "format", "read_format": "dd.MM.yyyy", "preset": "iso_date"},
            "24.12.2026",
            "2026-12-24",
        ),
        _example(
            "The end of the quarter",
            {"operation": "round", "direction": "up", "unit": "quarters"},
            "2026-05-05T10:00:00Z",
            "2026-07-01T00:00:00.000+03:00",
        ),
        Example(
            title="No date",
            params={"operation": "format", "value": "soon"},
            fails="invalid_date",
        ),
    ],
)
def date_time(item: Item, params: Params, ctx: StepContext) -> Item:
    """Reads dates, reckons with them, and writes them in any form.

    Texts are read as ISO 8601 (`2026-12-24T18:00:00Z`), SQL (`2026-12-24 18:00`), mail and HTTP
    write them, and as people do where it is certain: `24 Dec 2026`, `Dec 24, 2026 6:00 pm`,
    `24/12/2026`, `12/24/2026`, `24.12.2026`. `03/04/2026` may be two days and is the error
    `ambiguous_date`: *Format of the given dates* says which.

    A date without an offset is in the time zone given here, else in the workflow's; results are in
    that zone. From days on it reckons by the calendar (a day later is the same time on the next
    day, a month after 31 January is the last of February), below exactly. A week begins on Monday;
    weekdays count from Monday, 1. A difference is given as an object of the units that are asked
    for, the smallest with what is left.

    Formats are written in luxon's letters: `yyyy` year, `MM` or `LLL` month, `dd` day, `HH` or `hh
    a` hour, `mm` minute, `ss` second, `SSS` millisecond, `cccc` weekday, `ZZ` offset, `z` zone.
    Names are English.
    """
    zone = find_zone(params.timezone or ctx.timezone) or UTC
    made = _result(params, zone, ctx.now)
    return item.with_json(with_result(item.json, params.result, made, others=params.keep_fields))


def _result(params: Params, zone: tzinfo, now: datetime) -> Json:
    if params.operation == "current":
        moment = now.astimezone(zone)
        return _iso(moment if params.with_time else start_of(moment, "days"))
    moment = _read("value", params.value, params, zone)
    match params.operation:
        case "add":
            return _iso(add(moment, params.amount, params.unit))
        case "subtract":
            return _iso(add(moment, -params.amount, params.unit))
        case "difference":
            return difference(moment, _read("end", params.end, params, zone), params.units)
        case "extract":
            return _part(moment, params.part)
        case "round":
            start = start_of(moment, params.unit)
            up = params.direction == "up" and start.astimezone(UTC) < moment.astimezone(UTC)
            return _iso(start_of(add(start, 1, params.unit), params.unit) if up else start)
    return _written(moment, params)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _read(name: str, value: Json, params: Params, zone: tzinfo) -> datetime:
    """The moment in the zone. Raises NodeError `invalid_date`, `invalid_format`."""
    moment = None
    if params.read_format and isinstance(value, str):
        try:
            moment = read_date(value, params.read_format, zone)
        except PatternError as error:
            raise NodeError("invalid_format", f"read_format: {error}") from None
    elif isinstance(value, str):
        moment = _certain(name, value, zone) or _counted(value, params)
    elif is_number(value):
        moment = _counted(value, params)
    try:
        if moment is not None:
            return moment.astimezone(zone)
    except OverflowError:
        pass
    wanted = f" by the format “{params.read_format[:80]}”" if params.read_format else ""
    raise NodeError(
        "invalid_date",
        f"{name}: {describe(value)} is no date{wanted}.",
        hint=READ_FORMAT if isinstance(value, str) and not wanted else None,
    )


def _certain(name: str, text: str, zone: tzinfo) -> datetime | None:
    try:
        return read_certain_moment(text, zone)
    except AmbiguousDateError:
        message = f"{name}: the first number of {describe(text)} may be a day or a month."
        raise NodeError("ambiguous_date", message, hint=READ_FORMAT) from None


def _counted(value: Json, params: Params) -> datetime | None:
    """Of a number of seconds or milliseconds since 1970, which may stand in text."""
    try:
        number = to_number(value) if str(value).strip() else None
        if number is None:
            return None
        is_seconds = params.numbers == "seconds" or (
            params.numbers == "auto" and abs(number) < SECONDS_BELOW
        )
        milliseconds = number * 1000 if is_seconds else number
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _part(moment: datetime, part: Part) -> int:
    match part:
        case "quarter":
            return (moment.month + 2) // 3
        case "week":
            return moment.isocalendar().week
        case "weekday":
            return moment.isoweekday()
        case "day_of_year":
            return moment.timetuple().tm_yday
        case "millisecond":
            return moment.microsecond // 1000
    return int(getattr(moment, part))


def _written(moment: datetime, params: Params) -> str | int:
    match params.preset:
        case "iso":
            return _iso(moment)
        case "iso_date":
            return moment.date().isoformat()
        case "sql":
            return write_date(moment, "yyyy-MM-dd HH:mm:ss.SSS ZZ")
        case "rfc2822":
            return email.utils.format_datetime(moment)
        case "http":
            return email.utils.format_datetime(moment.astimezone(UTC), usegmt=True)
        case "seconds":
            return epoch_ms(moment) // 1000
        case "milliseconds":
            return epoch_ms(moment)
    return write_date(moment, params.format)
