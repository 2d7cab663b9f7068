"""Dates read, reckoned with and written; the clocks change in between."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done
from apps.nodes.library.date_time import date_time
from apps.nodes.values.date_formats import PatternError, read_date, write_date
from apps.nodes.values.dates import UNITS, Unit, add, difference, start_of
from tests.nodes.twins import MemoryAttempt, make_call, run_step

RIGA = ZoneInfo("Europe/Riga")  # clocks go forward on 2026-03-29 03:00, back on 2026-10-25 04:00


def at(text: str, zone: ZoneInfo = RIGA) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def made(value: Json, **params: Any) -> Json:
    outcome = run_step(date_time, {"value": "={{ $json.v }}", **params}, [{"v": value}]).outcome
    assert isinstance(outcome, Done)
    return outcome.outputs["main"][0].json["date"]


def failure(value: Json, **params: Any) -> str:
    with pytest.raises(NodeError) as failed:
        made(value, **params)
    return failed.value.code


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-03-28T03:30", 1, "days", "2026-03-29T04:30:00+03:00"),  # 03:30 is left out
        ("2026-03-28T12:00", 1, "days", "2026-03-29T12:00:00+03:00"),
        ("2026-03-28T12:00", 24, "hours", "2026-03-29T13:00:00+03:00"),
        ("2026-03-30T03:30", -1, "days", "2026-03-29T04:30:00+03:00"),
        ("2026-10-24T03:30", 1, "days", "2026-10-25T03:30:00+03:00"),
        ("2026-10-26T03:30", -1, "days", "2026-10-25T03:30:00+02:00"),
        ("2026-11-25T03:30", -1, "months", "2026-10-25T03:30:00+02:00"),
        ("2026-10-25T03:30:00+02:00", 0, "days", "2026-10-25T03:30:00+02:00"),
        ("2026-10-25T03:30:00+02:00", 0, "months", "2026-10-25T03:30:00+02:00"),
        ("2026-10-25T03:30:00+03:00", 0, "days", "2026-10-25T03:30:00+03:00"),
        ("2026-10-25T03:30:00+02:00", 1, "days", "2026-10-26T03:30:00+02:00"),
        ("2026-10-25T03:30:00+02:00", -1, "days", "2026-10-24T03:30:00+03:00"),
        ("2026-10-25T03:30:00+03:00", 1, "hours", "2026-10-25T03:30:00+02:00"),
        ("2026-10-25T03:30:00+03:00", 60, "minutes", "2026-10-25T03:30:00+02:00"),
        ("2026-10-24T12:00", 1, "weeks", "2026-10-31T12:00:00+02:00"),
        ("2024-02-29T00:00", 1, "years", "2025-02-28T00:00:00+02:00"),
        ("2026-03-31T00:00", -1, "months", "2026-02-28T00:00:00+02:00"),
        ("2026-11-30T00:00", 1, "quarters", "2027-02-28T00:00:00+02:00"),
        ("2026-01-01T00:00", 1.5, "days", "2026-01-02T12:00:00+02:00"),
        ("2026-01-01T00:00", -0.5, "weeks", "2025-12-28T12:00:00+02:00"),
        ("2026-01-01T00:00", 1.5, "seconds", "2026-01-01T00:00:01.500+02:00"),
        ("2026-01-01T00:00", 250, "milliseconds", "2026-01-01T00:00:00.250+02:00"),
    ],
)
def test_days_go_by_the_calendar_and_hours_by_the_clock(
    start: str, amount: float, unit: Unit, end: str
) -> None:
    later = add(at(start), amount, unit)
    assert later.isoformat() == at(end).isoformat()


@pytest.mark.parametrize(
    ("amount", "unit", "code"),
    [
        (9_000, "years", "out_of_range"),
        (1e15, "days", "out_of_range"),
        (1e300, "hours", "out_of_range"),
        (-1e12, "months", "out_of_range"),
        (0.5, "months", "invalid_amount"),
        (1.5, "years", "invalid_amount"),
    ],
)
def test_what_cannot_be_added_is_a_named_error(amount: float, unit: Unit, code: str) -> None:
    with pytest.raises(NodeError) as failed:
        add(at("2026-01-01"), amount, unit)
    assert failed.value.code == code


@pytest.mark.parametrize(
    ("start", "end", "units", "counts"),
    [
        ("2026-01-31", "2026-03-01", ["months", "days"], {"months": 1, "days": 1}),
        ("2026-03-29", "2026-03-30", ["days"], {"days": 1}),
        ("2026-03-29", "2026-03-30", ["hours"], {"hours": 23}),
        ("2026-10-25", "2026-10-26", ["days", "hours"], {"days": 1, "hours": 0}),
        ("2026-10-25", "2026-10-25T12:00", ["days"], {"days": 13 / 25}),
        ("2026-01-01", "2025-12-30", ["days"], {"days": -2}),
        ("2026-01-01", "2026-01-01", ["years", "days"], {"years": 0, "days": 0}),
        ("2024-02-29", "2025-02-28", ["years"], {"years": 1}),
        ("2026-01-01", "2026-01-02T03:04:05.006", ["milliseconds"], {"milliseconds": 97_445_006}),
        (
            "2020-01-01",
            "2026-05-20T06:00",
            ["hours", "years", "quarters", "weeks"],  # the largest first, whatever their order
            {"years": 6, "quarters": 1, "weeks": 7, "hours": 6},
        ),
        (
            "2026-10-25T03:30:00+02:00",  # the second 03:30 of that day
            "2026-10-25T03:45:00+03:00",  # is later than the first 03:45
            ["minutes"],
            {"minutes": -45},
        ),
    ],
)
def test_a_difference_is_counted_in_the_units_asked_for(
    start: str, end: str, units: list[Unit], counts: dict[str, float]
) -> None:
    assert difference(at(start), at(end), units) == counts


moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(moments, moments, st.lists(st.sampled_from(UNITS), min_size=1, unique=True))
def test_a_difference_added_to_its_start_gives_the_end(
    start: datetime, end: datetime, units: list[Unit]
) -> None:
    start, end = sorted((start.astimezone(RIGA), end.astimezone(RIGA)))
    cursor = start
    counts = difference(start, end, [*units, "milliseconds"])
    for unit in UNITS:
        cursor = add(cursor, int(counts.get(unit, 0)), unit)
    assert abs((end.astimezone(UTC) - cursor.astimezone(UTC)).total_seconds()) <= 0.001


@pytest.mark.parametrize(
    ("unit", "start"),
    [
        ("years", "2026-01-01T00:00:00+02:00"),
        ("quarters", "2026-04-01T00:00:00+03:00"),
        ("months", "2026-05-01T00:00:00+03:00"),
        ("weeks", "2026-05-18T00:00:00+03:00"),
        ("days", "2026-05-20T00:00:00+03:00"),
        ("hours", "2026-05-20T13:00:00+03:00"),
        ("minutes", "2026-05-20T13:14:00+03:00"),
        ("seconds", "2026-05-20T13:14:15+03:00"),
        ("milliseconds", "2026-05-20T13:14:15.167+03:00"),
    ],
)
def test_every_unit_has_a_beginning(unit: Unit, start: str) -> None:
    assert start_of(at("2026-05-20T13:14:15.167890"), unit).isoformat() == at(start).isoformat()


@pytest.mark.parametrize(
    ("value", "params", "rounded"),
    [
        ("2026-05-20T13:14:15", {"unit": "hours"}, "2026-05-20T13:00:00.000+03:00"),
        (
            "2026-05-20T13:59",
            {"unit": "hours", "direction": "down"},
            "2026-05-20T13:00:00.000+03:00",
        ),
        ("2026-05-20T13:14", {"unit": "hours", "direction": "up"}, "2026-05-20T14:00:00.000+03:00"),
        ("2026-05-01", {"unit": "months", "direction": "up"}, "2026-05-01T00:00:00.000+03:00"),
        ("2026-05-02", {"unit": "weeks", "direction": "up"}, "2026-05-04T00:00:00.000+03:00"),
    ],
)  # fmt: skip
def test_a_date_is_rounded(value: str, params: dict[str, Any], rounded: str) -> None:
    assert made(value, operation="round", **params) == rounded


@pytest.mark.parametrize(
    ("value", "params"),
    [
        ("2026-03-01T10:00:00Z", {}),
        ("2026-03-01 12:00:00", {}),
        ("Sun, 01 Mar 2026 12:00:00 +0200", {}),
        ("Sun, 01 Mar 2026 10:00:00 GMT", {}),
        (1772359200, {}),
        (1772359200000, {}),
        ("1772359200", {}),
        ("1772359200000", {}),
        (1772359200.0004, {}),
        (1772359200, {"numbers": "auto"}),
        (1772359200000, {"numbers": "auto"}),
        (1772359200, {"numbers": "seconds"}),
        ("1772359200000", {"numbers": "milliseconds"}),
        ("1.3.2026 12.00", {"read_format": "d.M.yyyy HH.mm"}),
        ("Sunday, March 1 2026 at 12:00 PM", {"read_format": "cccc, LLLL d yyyy 'at' h:mm a"}),
        ("2026/060 05:00 -05:00", {"read_format": "yyyy/ooo HH:mm ZZ"}),
        ("260301 1000 +0000", {"read_format": "yyMMdd HHmm ZZZ"}),
        ("2026-03-01 11:00 Europe/Berlin", {"read_format": "yyyy-MM-dd HH:mm z"}),
        ("1772359200.5", {"read_format": "X"}),
        ("1772359200000", {"read_format": "x"}),
    ],
)
def test_one_moment_is_read_from_all_its_forms(value: Json, params: dict[str, Any]) -> None:
    assert made(value, operation="format", format="x", **params).startswith("1772359200")


@pytest.mark.parametrize(
    "value",
    ["", "soon", None, True, [], {}, "31.02.2026", 1e300, 10**400, "9" * 400, "-", "\x00", "1e999"],
)
def test_what_is_no_date_is_a_named_error(value: Json) -> None:
    assert failure(value, operation="format") == "invalid_date"


@pytest.mark.parametrize(
    "text", ["03/04/2026", "3/4/26 10:00", "Tue 1/12/2026", "1.2.2026", "1-2-2026"]
)
def test_a_date_whose_day_may_be_its_month_is_refused_with_what_helps(text: str) -> None:
    with pytest.raises(NodeError, match="may be a day or a month") as failed:
        made(text, operation="format")
    assert failed.value.code == "ambiguous_date"
    assert "read_format" in (failed.value.hint or "")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("24/12/2026", "2026-12-24"),
        ("24.12.2026 10:00", "2026-12-24"),
        ("Thu 24/12/2026", "2026-12-24"),
        ("12/12/2026", "2026-12-12"),
        ("12/24/2026", "2026-12-24"),
        ("2026/03/04", "2026-03-04"),
        ("3 April 2026", "2026-04-03"),
    ],
)
def test_a_date_whose_day_can_be_no_month_is_read(text: str, date: str) -> None:
    assert made(text, operation="format") == date


def test_a_date_that_may_be_two_is_read_by_its_format() -> None:
    assert made("03/04/2026", operation="format", read_format="dd/MM/yyyy") == "2026-04-03"
    assert made("03/04/2026", operation="format", read_format="MM/dd/yyyy") == "2026-03-04"


def test_what_is_no_date_says_that_a_format_can_be_given() -> None:
    with pytest.raises(NodeError) as failed:
        made("soon", operation="format")
    assert "read_format" in (failed.value.hint or "")


@pytest.mark.parametrize("name", ["format", "read_format"])
@pytest.mark.parametrize("pattern", ["YYYY-MM-DD", "dd.MM.YYYY", "DD/MM/yyyy"])
def test_letters_of_another_library_are_told(name: str, pattern: str) -> None:
    params = {"operation": "format", "value": "2026-03-01", name: pattern}
    told = [fault.message for fault in date_time.check(params)]
    assert len(told) == 1
    assert "yyyy" in told[0]
    assert "dd" in told[0]


@pytest.mark.parametrize("pattern", ["DD", "DDDD TT", "'YYYY' yyyy", "yyyy 'DD'/", ""])
def test_letters_that_mean_what_they_say_are_taken(pattern: str) -> None:
    assert date_time.check({"operation": "format", "value": "x", "format": pattern}) == []


def test_the_error_names_the_parameter_and_the_format() -> None:
    with pytest.raises(NodeError, match=r"^end: 'x' is no date by the format “dd”\.$"):
        made("12", operation="difference", end="x", read_format="dd")


@pytest.mark.timeout(10)  # the square of its length would take more
@pytest.mark.parametrize("blanks", [" ", " " * 8, "' ' ' '"])
def test_blanks_of_a_pattern_stand_for_any_number_of_them(blanks: str) -> None:
    read = read_date("1" + " " * 900 + "3", f"d{blanks}M", UTC)
    assert read == datetime(1970, 3, 1, tzinfo=UTC)
    assert read_date("1" + " " * 900 + "x", f"d{blanks}M", UTC) is None


@pytest.mark.parametrize("pattern", ["dd dd", "foo", "DDD", "yyyy y"])
def test_a_format_that_cannot_be_read_by_is_a_named_error(pattern: str) -> None:
    with pytest.raises(PatternError):
        read_date("1", pattern, UTC)
    assert failure("1", operation="format", read_format=pattern) == "invalid_format"


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("32", "dd"), ("13", "MM"), ("25", "HH"), ("13 AM", "h a"), ("1", "dd"), ("x" * 10_000, "dd"),
     ("Nowhere/Land", "z"), ("0", "yyyy"), ("400", "ooo")],
)  # fmt: skip
def test_a_text_that_does_not_fit_its_format_is_none(text: str, pattern: str) -> None:
    assert read_date(text, pattern, UTC) is None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "2026-03-01T08:05:09.070+02:00"),
        ("d.M.yy H:m:s S u uu uuu", "1.3.26 8:5:9 70 070 07 0"),
        ("ccc EEEE E EEEEE", "Sun Sunday 7 S"),
        ("LLL MMMM L MM MMMMM", "Mar March 3 03 M"),
        ("h hh a", "8 08 AM"),
        ("kkkk-'W'WW q qq o ooo", "2026-W09 1 01 60 060"),
        ("Z ZZ ZZZ ZZZZ z", "+2 +02:00 +0200 EET Europe/Riga"),
        ("X x", "1772345109 1772345109070"),
        ("DDDD TT", "Sunday, March 1, 2026 08:05:09"),
        ("ff", "Mar 1, 2026, 8:05 AM"),
        ("'it''s' b", "it's b"),
        ("y yyyyyy G", "2026 002026 AD"),
        ("", ""),
    ],
)
def test_a_date_is_written_by_a_pattern(pattern: str, text: str) -> None:
    assert write_date(at("2026-03-01T08:05:09.070"), pattern) == text


@pytest.mark.parametrize(
    ("preset", "written"),
    [
        ("custom", "2026-03-01"),  # by the format, whose default this is
        ("iso", "2026-03-01T12:00:00.000+02:00"),
        ("iso_date", "2026-03-01"),
        ("sql", "2026-03-01 12:00:00.000 +02:00"),
        ("rfc2822", "Sun, 01 Mar 2026 12:00:00 +0200"),
        ("http", "Sun, 01 Mar 2026 10:00:00 GMT"),
        ("seconds", 1772359200),
        ("milliseconds", 1772359200000),
    ],
)
def test_a_date_is_written_in_common_forms(preset: str, written: Json) -> None:
    assert made("2026-03-01T10:00:00Z", operation="format", preset=preset) == written


@pytest.mark.parametrize(
    ("part", "value"),
    [("year", 2026), ("quarter", 1), ("month", 3), ("week", 9), ("day", 1), ("weekday", 7),
     ("day_of_year", 60), ("hour", 1), ("minute", 2), ("second", 3), ("millisecond", 4)],
)  # fmt: skip
def test_a_part_is_taken_in_the_time_zone(part: str, value: int) -> None:
    assert made("2026-02-28T23:02:03.004Z", operation="extract", part=part) == value


def test_numbers_are_taken_for_seconds_or_milliseconds_as_is_said() -> None:
    told = {"operation": "format", "preset": "iso_date"}
    assert made(86_400_000, numbers="milliseconds", **told) == "1970-01-02"
    assert made(86_400_000, numbers="seconds", **told) == "1972-09-27"
    assert made(86_400_000, numbers="auto", **told) == "1972-09-27"  # too few milliseconds


def test_now_may_be_without_its_time() -> None:
    assert made(None, operation="current", with_time=False) == "2026-03-01T00:00:00.000+02:00"


def test_a_time_zone_that_is_none_is_a_fault() -> None:
    for zone in ("Mars/Base", "../etc/passwd", ""):
        assert [f.path for f in date_time.check({"timezone": zone})] == ["timezone"]


def test_an_item_that_fails_leaves_the_others_their_date() -> None:
    params = {"operation": "format", "value": "={{ $json.v }}", "result": "a.b"}
    node = Node("n1", "date_time", "Step", params, on_error="continue")
    takes = [{"v": "x"}, Item({"v": "2026-03-01"}, {"f": {"id": "1"}})]
    outcome = date_time.prepare(make_call(date_time, params, takes, node=node)).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    first, second = outcome.outputs["main"]
    assert first.json["error"]["code"] == "invalid_date"
    assert second.json == {"v": "2026-03-01", "a": {"b": "2026-03-01"}}
    assert second.binary == {"f": {"id": "1"}}
    assert [pair.item for pair in second.paired or ()] == [1]


def test_no_items_give_no_items() -> None:
    outcome = run_step(date_time, {"value": "={{ $json.v }}"}, []).outcome
    assert isinstance(outcome, Done)
    assert outcome.outputs == {"main": []}
