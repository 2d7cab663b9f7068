"""Values read as a type."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.nodes.values.field_types import (
    InputType,
    WrongTypeError,
    describe,
    read_as,
    to_datetime,
)


@pytest.mark.parametrize(
    ("value", "type", "read"),
    [
        (5, "string", "5"),
        (5.0, "string", "5"),
        (1.5e-7, "string", "1.5e-7"),
        (1e21, "string", "1e+21"),
        (True, "string", "true"),
        ({"a": "ä"}, "string", '{"a":"ä"}'),
        ({"f": 2.0, "sm": 1e-7}, "string", '{"f":2,"sm":1e-7}'),
        ([{"a": 1e21}, -0.0, 2.5, 10**25], "string", f'[{{"a":1e+21}},0,2.5,{10**25}]'),
        (10**25, "string", str(10**25)),
        ("12", "number", 12),
        (" 1.5e3 ", "number", 1500.0),
        ("0x10", "number", 16),
        (str(10**25), "number", 10**25),
        ("TRUE", "boolean", True),
        ("0", "boolean", False),
        (1, "boolean", True),
        ("['a', 'b']", "array", ["a", "b"]),
        ("{'a': 1}", "object", {"a": 1}),
        ("{a: 'b'}", "object", {"a": "b"}),
        ("4 Jun 2013 07:40", "dateTime", "2013-06-04T07:40:00.000+00:00"),
        ("22:00:00+01:00", "time", "22:00:00+01:00"),
        ("07:30", "time", "07:30"),
        ("shop.test/a?b", "url", "http://shop.test/a?b"),
        ("https://shop.test", "url", "https://shop.test"),
        ("e30.e30.c2ln", "jwt", "e30.e30.c2ln"),
        ("_name1", "string-alphanumeric", "_name1"),
        (None, "number", None),
    ],
)
def test_a_value_is_read_as_a_type(value: Any, type: InputType, read: Any) -> None:
    result = read_as(value, type)
    assert (result, type_of(result)) == (read, type_of(read))


def type_of(value: Any) -> str:
    return value.__class__.__name__


@pytest.mark.parametrize(
    ("value", "type"),
    [
        ("abc", "number"),
        ("1e999", "number"),
        ("٤٢", "number"),
        ("1_000", "number"),
        ("9" * 5000, "number"),
        ("0x" + "f" * 5000, "number"),  # no text could be made of it
        ([], "number"),
        ("yes", "boolean"),
        (2, "boolean"),
        ("1, 2", "array"),
        ({}, "array"),
        ("[1]", "object"),
        ("[" * 5000, "array"),
        ("soon", "dateTime"),
        (1685084980, "dateTime"),  # seconds or milliseconds?
        ("24:30", "time"),
        ("7:30", "time"),
        (730, "time"),
        ("a b", "url"),
        ("gopher://x", "url"),
        ({}, "url"),
        ("nothing", "jwt"),
        ("1name", "string-alphanumeric"),
        ("naïve", "string-alphanumeric"),
    ],
)
def test_what_is_not_of_the_type_is_refused(value: Any, type: InputType) -> None:
    with pytest.raises(WrongTypeError):
        read_as(value, type)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("5", "'5'"),
        (5, "5"),
        (5.0, "5"),
        (1e-7, "1e-7"),
        (True, "true"),
        (None, "null"),
        ([5], "an array"),
        ({}, "an object"),
        ("a" * 81, f"'{'a' * 80}…'"),
        (10**80, f"1{'0' * 79}…"),
    ],
    ids=str,
)
def test_a_sentence_has_only_text_in_quotes(value: Any, told: str) -> None:
    assert describe(value) == told


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+02:00"),
        ("2026-03-01 08:30:00", "2026-03-01T08:30:00+02:00"),
        ("2026-03-01T08:30:00Z", "2026-03-01T08:30:00+00:00"),
        ("Tue, 04 Jun 2013 07:40:03 -0400", "2013-06-04T07:40:03-04:00"),
        ("Wed, 21 Oct 2015 07:28:00 GMT", "2015-10-21T07:28:00+00:00"),
    ],
)
def test_a_moment_without_offset_is_in_the_zone_asked_for(text: str, iso: str) -> None:
    assert to_datetime(text, ZoneInfo("Europe/Riga")) == datetime.fromisoformat(iso)


@pytest.mark.parametrize("value", ["18-05-2020", "", "soon", 5, None, [], "9" * 300])
def test_what_is_no_moment_is_refused(value: Any) -> None:
    with pytest.raises(WrongTypeError):
        to_datetime(value)


@pytest.mark.timeout(10)  # the square of their length would take more
@pytest.mark.parametrize(
    ("text", "type"),
    [("1" * 4_000 + "x", "number"), ("1." + "1" * 4_000 + "x", "number"),
     ("e30." + "a" * 50_000 + "!", "jwt"), ("a" * 50_000, "jwt")],
)  # fmt: skip
def test_long_texts_are_refused_without_turning_back(text: str, type: InputType) -> None:
    for _ in range(200):
        with pytest.raises(WrongTypeError):
            read_as(text, type)
