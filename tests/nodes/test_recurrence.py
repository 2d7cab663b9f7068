"""When schedules fire: cron expressions and rules, over changes of the clock."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.nodes.schedules.recurrence import Recurrence, ScheduleParams

CRONS = ["*/20 * * * *", "0 * * * *", "15,45 1-3 * * *", "30 2 * * 0", "0 0 L * *"]
ZONES = ["UTC", "Europe/Riga", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]


def recurrence(zone: str = "UTC", **params: Any) -> Recurrence:
    return Recurrence(ScheduleParams.model_validate(params), zone)


def rule(**params: Any) -> dict[str, Any]:
    return {"rules": [params]}


def shown(params: dict[str, Any], after: str, most: int = 4, zone: str = "UTC") -> list[str]:
    """The next times, as a clock in the zone shows them."""
    times = recurrence(zone, **params).times(datetime.fromisoformat(after))
    return [f"{at.astimezone(ZoneInfo(zone)):%m-%d %H:%M%z}" for at in islice(times, most)]


@pytest.mark.parametrize(
    "params", [{"cron": "30 3 * * *"}, rule(unit="days", at="03:30")], ids=["cron", "rule"]
)
def test_a_time_that_the_clock_leaps_over_fires_behind_the_gap(params: dict[str, Any]) -> None:
    times = shown(params, "2026-03-28T00:00:00+00:00", 3, "Europe/Riga")
    assert times == ["03-28 03:30+0200", "03-29 04:00+0300", "03-30 03:30+0300"]


@pytest.mark.parametrize(
    "params", [{"cron": "30 3 * * *"}, rule(unit="days", at="03:30")], ids=["cron", "rule"]
)
def test_a_time_that_the_clock_shows_twice_fires_once(params: dict[str, Any]) -> None:
    times = shown(params, "2026-10-24T00:00:00+00:00", 3, "Europe/Riga")
    assert times == ["10-24 03:30+0300", "10-25 03:30+0300", "10-26 03:30+0200"]


@pytest.mark.parametrize(
    "params", [{"cron": "45 3 * * *"}, rule(unit="days", at="03:45")], ids=["cron", "rule"]
)
def test_in_an_hour_that_is_had_twice_no_time_is_past(params: dict[str, Any]) -> None:
    # The clock shows 03:30 for the second time: 03:45 was before that.
    times = shown(params, "2026-10-25T01:30:00+00:00", 1, "Europe/Riga")
    assert times == ["10-26 03:45+0200"]


def test_what_goes_by_the_hour_fires_in_both_hours() -> None:
    times = shown({"cron": "30 * * * *"}, "2026-10-25T00:00:00+00:00", 3, "Europe/Riga")
    assert times == ["10-25 03:30+0300", "10-25 03:30+0200", "10-25 04:30+0200"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (rule(unit="seconds", every=30), ["03-02 10:00", "03-02 10:01", "03-02 10:01"]),
        (rule(unit="minutes", every=15), ["03-02 10:15", "03-02 10:30", "03-02 10:45"]),
        (rule(unit="minutes", every=45), ["03-02 10:30", "03-02 11:15", "03-02 12:00"]),
        (rule(unit="hours", every=6, minute=5), ["03-02 12:05", "03-02 18:05", "03-03 00:05"]),
        (rule(unit="hours", every=5), ["03-02 15:00", "03-02 20:00", "03-03 01:00"]),
        (rule(unit="days", every=2, at="09:00"), ["03-03 09:00", "03-05 09:00", "03-07 09:00"]),
        (rule(unit="weeks", on=[1, 5], at="10:00"), ["03-06 10:00", "03-09 10:00", "03-13 10:00"]),
        (rule(at="9:30"), ["03-03 09:30", "03-04 09:30", "03-05 09:30"]),
        (rule(unit="weeks", every=2), ["03-09 00:00", "03-23 00:00", "04-06 00:00"]),
        (rule(unit="months", on=[31], at="08:00"), ["03-31 08:00", "05-31 08:00", "07-31 08:00"]),
        (rule(unit="months", every=6), ["07-01 00:00", "01-01 00:00", "07-01 00:00"]),
        ({"cron": "@daily"}, ["03-03 00:00", "03-04 00:00", "03-05 00:00"]),
        ({"cron": "0 30 8 L * *"}, ["03-31 08:30", "04-30 08:30", "05-31 08:30"]),
        ({"cron": "0 9 * * mon#2"}, ["03-09 09:00", "04-13 09:00", "05-11 09:00"]),
    ],
    ids=lambda given: str(given)[:60],
)
def test_rules_mean_what_they_say(params: dict[str, Any], expected: list[str]) -> None:
    # A Monday.
    times = shown(params, "2026-03-02T10:00:10+00:00", 3)
    assert [time.removesuffix("+0000") for time in times] == expected


def test_of_several_rules_each_moment_fires_once() -> None:
    params = {"rules": [{"unit": "hours", "every": 12}, {"unit": "days", "at": "12:00"}]}
    assert shown(params, "2026-03-02T00:30:00+00:00", 3) == [
        "03-02 12:00+0000",
        "03-03 00:00+0000",
        "03-03 12:00+0000",
    ]


def rules() -> st.SearchStrategy[dict[str, Any]]:
    clock = st.sampled_from(["00:00", "01:30", "02:00", "02:30", "03:15", "23:59"])
    return st.one_of(
        st.sampled_from(
            ["*/20 * * * *", "0 * * * *", "15,45 1-3 * * *", "30 2 * * 0", "0 0 L * *"]
        ).map(lambda cron: {"cron": cron}),
        st.builds(
            lambda unit, every: rule(unit=unit, every=every),
            st.sampled_from(["minutes", "hours"]),
            st.integers(1, 100),
        ),
        st.builds(
            lambda unit, every, at, on: rule(unit=unit, every=every, at=at, on=on),
            st.sampled_from(["weeks", "months"]),
            st.integers(1, 4),
            clock,
            st.lists(st.integers(1, 7), max_size=3),
        ),
    )


@given(rules(), st.sampled_from(ZONES), st.integers(0, 400), st.integers(0, 86_399))
def test_whoever_asks_and_whenever_is_told_the_same_times(
    params: dict[str, Any], zone: str, day: int, second: int
) -> None:
    schedule = recurrence(zone, **params)
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=second)
    times = list(islice(schedule.times(start), 12))
    assert times == sorted(set(times))
    assert all(time > start for time in times)
    for place, time in enumerate(times[:-1]):
        assert schedule.next(time) == times[place + 1]
        assert schedule.next(time - timedelta(seconds=1)) == time


def test_a_change_of_the_clock_is_marked() -> None:
    schedule = recurrence("Europe/Riga", cron="0 12 * * *")
    slots = schedule.upcoming(datetime(2026, 3, 27, 12, tzinfo=UTC), 3)
    assert [(f"{slot.at:%d %H:%M}", slot.clock_moved) for slot in slots] == [
        ("28 12:00", timedelta()),
        ("29 12:00", timedelta(hours=1)),
        ("30 12:00", timedelta()),
    ]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"cron": "0 8 * * mon-fri"}, "At 08:00, Monday through Friday"),
        (
            rule(unit="weeks", every=2, on=[1, 5], at="09:30"),
            "Every 2 weeks on Monday and Friday at 09:30",
        ),
        (rule(unit="months", on=[1, 15]), "Every month on day 1 and 15 at 00:00"),
        (rule(unit="hours", every=6, minute=5), "Every 6 hours at 5 minutes past the hour"),
        (rule(unit="minutes", every=45), "Every 45 minutes"),
        # Either of day and weekday is enough, unless one begins with a star.
        ({"cron": "0 8 1 * mon"}, "At 08:00, on day 1 of the month; At 08:00, only on Monday"),
        ({"cron": "0 8 */2 * mon"}, "At 08:00, every 2 days, only on Monday"),
        # What cron-descriptor refuses, or tells as something else.
        ({"cron": "0 8 * * */7"}, "At the times of “0 8 * * */7”"),
        ({"cron": "*,5 8 * * *"}, "At the times of “*,5 8 * * *”"),
        ({"cron": "0 8 * * mon#1,fri#2"}, "At the times of “0 8 * * mon#1,fri#2”"),
    ],
    ids=lambda given: str(given)[:60],
)
def test_times_are_told_in_english(params: dict[str, Any], sentence: str) -> None:
    assert recurrence(**params).sentence() == sentence


@pytest.mark.parametrize(
    ("params", "told"),
    [
        (rule(unit="seconds", every=90_000), "every: at most 86,400 seconds"),
        (rule(unit="hours", every=5, minute=10), "minute: it goes with hours that divide the day"),
        (rule(unit="days", minute=10), "minute: it goes with hours"),
        (rule(unit="months", every=12, on=[32]), "on: it names days that months do not have"),
        ({"cron": "@reboot"}, "“@reboot” is none of @annually, @daily"),
        ({"cron": "0 8 * * *", "start": "2026-03-01"}, "must say its offset"),
        ({"cron": "0 8 * * *", "end": "tomorrow"}, "must be a moment like"),
    ],
    ids=lambda given: str(given)[:60],
)
def test_what_cannot_be_is_said(params: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        recurrence(**params)
