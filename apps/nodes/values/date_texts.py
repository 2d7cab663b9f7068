"""Moments read from text: ISO 8601 and SQL exactly, and the many ways in which mail, servers and
people write dates.

A moment that says its own offset or zone keeps it; another is in the zone that is asked for.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from apps.expressions.zones import find_zone

MAX_LENGTH = 200

_TIME = r"(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
_OFFSET = r"(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<zone_hour>\d\d)(?::?(?P<zone_minute>\d\d))?)"
_ZONE = r"(?P<zone>[A-Za-z_+-]+(?:/[A-Za-z0-9_+-]+){0,2})"
_DAY = r"""(?P<year>\+00\d{4}|\d{4})
    (?: -?W(?P<week>\d\d)(?:-?(?P<weekday>\d))? | -?(?P<ordinal>\d{3})
      | -?(?P<month>\d\d)(?:-?(?P<day>\d\d))? )?"""
ISO = re.compile(rf"{_DAY}(?:[Tt]{_TIME}{_OFFSET}?(?:\[{_ZONE}\])?)?\Z", re.VERBOSE | re.ASCII)
TIME_OF_DAY = re.compile(rf"[Tt]?{_TIME}{_OFFSET}?\Z", re.ASCII)
SQL = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?:[ ]{_TIME}[ ]?(?:{_OFFSET}|{_ZONE})?)?\Z",
    re.ASCII,
)

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0}
ZONES |= {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
COMMENT = re.compile(r"\([^()]*\)")
LOOSE_TIME = re.compile(
    rf"""\b(?P<hour>\d\d?):(?P<minute>\d\d?)(?::(?P<second>\d\d?)(?:[.,](?P<fraction>\d+))?)?
        (?:\s*(?P<half>[ap]m)\b)?
        (?:\s*(?P<name>{"|".join(ZONES)})\b)?
        (?:\s*(?P<sign>[+-])(?P<zone_hour>\d\d?)(?::?(?P<zone_minute>\d\d))?(?!\d))?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
LOOSE_DAY = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]", re.ASCII)
BETWEEN = frozenset(",.-/")
NUMBERS = re.compile(
    r"(?<![\d./:-])(?P<first>\d\d?)(?P<mark>[./-])(?P<second>\d\d?)(?P=mark)(?P<year>\d{4}|\d\d)(?!\d)",
    re.ASCII,
)
UNIX_LOG = re.compile(r"[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\Z", re.ASCII)


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """Read a moment; None where the text is none, or may be several.

    A number alone is none: nobody can tell whether it counts seconds or milliseconds.
    """
    text = text.strip()
    if len(text) > MAX_LENGTH:
        return None
    try:
        for pattern in (ISO, SQL):
            if match := pattern.match(text):
                return _moment(_day(match), match, zone)
        if match := TIME_OF_DAY.match(text):
            return _moment(datetime.now(zone).date(), match, zone) if ":" in text else None
        return _loose(text, zone)
    except (ValueError, OverflowError):
        return None


class AmbiguousDateError(ValueError):
    """The text may mean two days: that of a month, or of another month."""


def read_certain_moment(text: str, zone: tzinfo) -> datetime | None:
    """As `read_moment`, where a wrong day is worse than none: of two numbers before a year, the one
    over 12 is the day, whichever stands first. Raises AmbiguousDateError where neither is.
    """
    if match := NUMBERS.search(text):
        first, second = int(match["first"]), int(match["second"])
        if first != second and max(first, second) <= 12:
            raise AmbiguousDateError
        if first > 12 and len(match["year"]) == 4:
            written = f"{match['year']}-{second:02}-{first:02}"
            text = f"{text[: match.start()]}{written}{text[match.end() :]}"
    return read_moment(text, zone)


def _day(match: re.Match[str]) -> date:
    year = int(match["year"])
    given = match.groupdict()
    if given.get("week"):
        return date.fromisocalendar(year, int(match["week"]), int(match["weekday"] or 1))
    if given.get("ordinal"):
        day = date(year, 1, 1) + timedelta(int(match["ordinal"]) - 1)
        if day.year != year or match["ordinal"] == "000":
            raise ValueError
        return day
    return date(year, int(match["month"] or 1), int(match["day"] or 1))


def _moment(day: date, match: re.Match[str], zone: tzinfo) -> datetime:
    given = match.groupdict()
    hour = int(given.get("hour") or 0)
    if given.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if given["half"].lower() == "pm" else 0)
    minute, second = int(given.get("minute") or 0), int(given.get("second") or 0)
    millisecond = int(f"{given.get('fraction') or 0:<03}"[:3])
    if hour == 24 and minute == second == millisecond == 0:  # the end of the day
        day, hour = day + timedelta(1), 0
    clock = time(hour, minute, second, millisecond * 1000)
    moment = datetime.combine(day, clock, _own_zone(given) or zone)
    moment.astimezone(UTC)  # raises where it lies outside of the years that can be counted
    return moment


def _own_zone(given: dict[str, str | None]) -> tzinfo | None:
    """The zone that the text itself names."""
    if given.get("utc"):
        return UTC
    name, sign = given.get("name"), given.get("sign")
    hours, minutes = ZONES[name.lower()] if name else 0, 0
    if sign:
        hours, minutes = int(given["zone_hour"] or 0), int(given["zone_minute"] or 0)
        if sign == "-":
            hours, minutes = -hours, -minutes
    if name or sign:
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(offset) if offset else UTC
    zone = given.get("zone")
    if zone and find_zone(zone) is None:
        raise ValueError
    return find_zone(zone) if zone else None


def _loose(text: str, zone: tzinfo) -> datetime | None:
    """RFC 2822, HTTP's three forms and what people write: a day, and perhaps a time in it."""
    if UNIX_LOG.match(text):  # what C prints, of which HTTP says that it is UTC
        zone = UTC
    text = COMMENT.sub(" ", text)
    match = LOOSE_TIME.search(text)
    if match:
        text = f"{text[: match.start()]} {text[match.end() :]}"
    day = _loose_day(text)
    if day is None:
        return None
    return _moment(day, match, zone) if match else datetime.combine(day, time(), zone)


def _loose_day(text: str) -> date | None:
    """`17 May 2023`, `May 17, 2023`, `1-Feb-2024`, `5/17/2023`, `2023/5/17`: the month goes before
    the day where nothing tells them apart. Words before the first number are passed over.
    """
    month = None
    numbers: list[int] = []
    for token in LOOSE_DAY.findall(text):
        if token.isdecimal():
            numbers.append(int(token[:9]))
        elif token.lower()[:3] in MONTHS:
            month = MONTHS.index(token.lower()[:3]) + 1
        elif numbers if token.isalpha() else token not in BETWEEN:
            return None
    if month is None:
        if len(numbers) != 3:
            return None
        if 1 <= numbers[0] <= 31:
            month, day, year = numbers
        else:
            year, month, day = numbers
    elif len(numbers) == 1 and numbers[0] > 31:
        day, [year] = 1, numbers
    elif len(numbers) == 2:
        day, year = numbers if 1 <= numbers[0] <= 31 else reversed(numbers)
    else:
        return None
    if year < 100:
        year += 2000 if year < 50 else 1900
    return date(year, month, day)
