"""Moments read from the many ways in which they are written."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.nodes.values.date_texts import read_moment

RIGA = ZoneInfo("Europe/Riga")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        # ISO 8601
        ("2026", "2026-01-01T00:00:00+02:00"),
        ("2026-03", "2026-03-01T00:00:00+02:00"),
        ("20260301", "2026-03-01T00:00:00+02:00"),
        ("+002026-03-01", "2026-03-01T00:00:00+02:00"),
        ("2026-03-01T08", "2026-03-01T08:00:00+02:00"),
        ("2026-03-01T0830", "2026-03-01T08:30:00+02:00"),
        ("2026-07-01t08:30:05,123456", "2026-07-01T08:30:05.123+03:00"),
        ("2026-03-01T08:30:00.5z", "2026-03-01T08:30:00.500+00:00"),
        ("2026-03-01T08:30:00-0430", "2026-03-01T08:30:00-04:30"),
        ("2026-03-01T08:30:00+05", "2026-03-01T08:30:00+05:00"),
        ("2026-07-01T08:30:00[Asia/Tokyo]", "2026-07-01T08:30:00+09:00"),
        ("2026-03-01T24:00:00Z", "2026-03-02T00:00:00+00:00"),
        ("2026-W10-7", "2026-03-08T00:00:00+02:00"),
        ("2026W107T10:00Z", "2026-03-08T10:00:00+00:00"),
        ("2026-060", "2026-03-01T00:00:00+02:00"),
        # SQL
        ("2026-03-01 08:30:00", "2026-03-01T08:30:00+02:00"),
        ("2026-03-01 08:30:00.25 +01:00", "2026-03-01T08:30:00.250+01:00"),
        ("2026-03-01 08:30 Asia/Tokyo", "2026-03-01T08:30:00+09:00"),
        # RFC 2822
        ("Tue, 04 Jun 2013 07:40:03 -0400", "2013-06-04T07:40:03-04:00"),
        ("4 Jun 13 07:40 EST", "2013-06-04T07:40:00-05:00"),
        ("Tue, 4 Jun 2013 07:40:03 +0530 (IST)", "2013-06-04T07:40:03+05:30"),
        # HTTP
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37+00:00"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37+00:00"),
        ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37+00:00"),
        # What people and programs write
        ("17 May 2026", "2026-05-17T00:00:00+03:00"),
        ("May 17, 2026 4:05 pm", "2026-05-17T16:05:00+03:00"),
        ("may 17 2026 12:05 AM", "2026-05-17T00:05:00+03:00"),
        ("May 2026", "2026-05-01T00:00:00+03:00"),
        ("1-Feb-2026", "2026-02-01T00:00:00+02:00"),
        ("2026 Feb 1", "2026-02-01T00:00:00+02:00"),
        ("5/17/2026", "2026-05-17T00:00:00+03:00"),
        ("2026/5/17 10:30", "2026-05-17T10:30:00+03:00"),
        ("SMT, 17 May 2026 10:52:32", "2026-05-17T10:52:32+03:00"),
        ("Sun May 17 2026 10:52:32 GMT+0200 (Some Time)", "2026-05-17T10:52:32+02:00"),
    ],
)
def test_a_moment_is_read(text: str, iso: str) -> None:
    moment = read_moment(f" {text} ", RIGA)
    assert moment is not None
    expected = datetime.fromisoformat(iso)
    assert (moment, moment.utcoffset()) == (expected, expected.utcoffset())


def test_a_time_of_day_is_todays() -> None:
    moment = read_moment("08:30", RIGA)
    assert moment is not None
    assert (moment.hour, moment.minute, moment.tzinfo) == (8, 30, RIGA)
    assert abs((moment - datetime.now(UTC)).total_seconds()) < 2 * 86_400


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "5",
        "12",
        "1685084980",  # seconds or milliseconds?
        "1685084980000",
        "18-05-2020",  # no month 18
        "5/17",  # of which year?
        "May 17",
        "2026-02-30",
        "2026-13-01",
        "2026-366",
        "2026-W54",
        "2026-03-01T25:00",
        "2026-03-01T08:30:00[Mars/Olympus]",
        "2026-03-01 08:30 Nowhere/Else",
        "1994-11-05M08:15:30-05:00",
        "Wed, 17 May 2023 10:52:32 Inv",
        "17 May 2023 13:52 pm",
        "17 May 2023 10:52:32 +9900",
        "0000-01-01",
        "0001-01-01T00:00:00+10:00",  # before the first year
        "1 2 3 4 2023",
        "true",
        "٢٠٢٦-٠٣-٠١",
        "1" * 100_000,
        "(" * 100_000,
        "a:" * 50_000,
    ],
)
def test_what_is_no_moment_or_may_be_several_is_refused(text: str) -> None:
    assert read_moment(text, RIGA) is None
