"""Arithmetic of moments in their time zones: by the calendar from days on, exact below.

A day later is the same time on the next day, though the clocks may change in between; 24 hours
later are 24 hours. A time that a change leaves out becomes the one that the clock then shows.
"""

import calendar
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from apps.engine.errors import NodeError

Unit = Literal[
    "years", "quarters", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds"
]
UNITS: tuple[Unit, ...] = get_args(Unit)
_MONTHS: dict[Unit, int] = {"years": 12, "quarters": 3, "months": 1}
_DAYS: dict[Unit, int] = {"weeks": 7, "days": 1}
_EXACT: dict[Unit, timedelta] = {
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
    "milliseconds": timedelta(milliseconds=1),
}
MOST = 10**16


def add(moment: datetime, amount: float, unit: Unit) -> datetime:
    """The moment so many units later. A part of a day is so many hours, part of a month nothing.

    Raises NodeError `out_of_range`, `invalid_amount`.
    """
    if not abs(amount) < MOST:
        raise _out_of_range()
    whole = int(amount)
    try:
        if unit in _EXACT:
            return _exactly(moment, _EXACT[unit] * amount)
        if unit in _MONTHS:
            if whole != amount:
                raise NodeError("invalid_amount", f"{amount:g} {unit} are no whole number of them.")
            return _valid(_months_later(moment, whole * _MONTHS[unit]), moment)
        later = _valid(moment + timedelta(days=whole * _DAYS[unit]), moment)
        rest = (amount - whole) * _DAYS[unit]
        return _exactly(later, timedelta(days=rest)) if rest else later
    except (OverflowError, ValueError):
        raise _out_of_range() from None


def _out_of_range() -> NodeError:
    return NodeError("out_of_range", "The date would lie outside of the years 1 to 9999.")


def _exactly(moment: datetime, delta: timedelta) -> datetime:
    return (moment.astimezone(UTC) + delta).astimezone(moment.tzinfo)


def _valid(wall: datetime, start: datetime | None = None) -> datetime:
    """What the clock shows at that moment: not what a change of the clocks leaves out. What it
    shows twice is meant the first time, but the second where that has the offset of the start."""
    wall, again = wall.replace(fold=0), wall.replace(fold=1)
    is_twice = wall.astimezone(UTC) < again.astimezone(UTC)
    if is_twice and start and again.utcoffset() == start.utcoffset():
        return again
    return wall.astimezone(UTC).astimezone(wall.tzinfo)


def _months_later(moment: datetime, count: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + count, 12)
    if not 1 <= year <= 9999:
        raise _out_of_range()
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def start_of(moment: datetime, unit: Unit) -> datetime:
    """The first moment of the unit; a week begins on Monday."""
    if unit in ("seconds", "minutes"):
        kept = {"microsecond": 0} if unit == "seconds" else {"microsecond": 0, "second": 0}
        return moment.replace(**kept)  # type: ignore[arg-type]  # names that it has
    if unit == "milliseconds":
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    if unit == "hours":
        return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if unit == "weeks":
        try:
            day -= timedelta(days=day.weekday())
        except OverflowError:
            raise _out_of_range() from None
    elif unit in _MONTHS:
        months = _MONTHS[unit]
        day = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    try:
        return _valid(day)
    except OverflowError:
        raise _out_of_range() from None


def difference(start: datetime, end: datetime, units: Sequence[Unit]) -> dict[str, int | float]:
    """From start to end in these units, the largest first; the smallest takes what is left.

    Counted in the zone of `start`; all is negative where the end is earlier.
    """
    end = end.astimezone(start.tzinfo)
    sign = 1
    # Compared in UTC: within one zone Python compares what the clocks show.
    if end.astimezone(UTC) < start.astimezone(UTC):
        start, end, sign = end, start, -1
    counts: dict[str, int | float] = {}
    ordered = [unit for unit in UNITS if unit in units]
    for unit in ordered:
        count, start = _whole(start, end, unit)
        if unit == ordered[-1]:
            counts[unit] = _plain(sign * (count + _part(start, end, unit)))
        else:
            counts[unit] = sign * count if count else 0
    return counts


def _whole(start: datetime, end: datetime, unit: Unit) -> tuple[int, datetime]:
    """How many whole units fit between, and where the last of them ends."""
    apart = end.astimezone(UTC) - start.astimezone(UTC)
    if unit in _EXACT:
        count = apart // _EXACT[unit]
        return count, _exactly(start, count * _EXACT[unit])
    if unit in _MONTHS:
        count = ((end.year - start.year) * 12 + end.month - start.month) // _MONTHS[unit] + 1
    else:
        count = apart.days // _DAYS[unit] + 2
    while count > 0:
        try:
            later = add(start, count, unit)
        except NodeError:
            later = None
        if later is not None and later.astimezone(UTC) <= end.astimezone(UTC):
            return count, later
        count -= 1
    return 0, start


def _part(start: datetime, end: datetime, unit: Unit) -> float:
    """Which part of a unit lies between, less than one."""
    apart = end.astimezone(UTC) - start.astimezone(UTC)
    if not apart:
        return 0
    if unit in _EXACT:
        return apart / _EXACT[unit]
    try:
        length = add(start, 1, unit).astimezone(UTC) - start.astimezone(UTC)
    except NodeError:
        length = timedelta(days=_DAYS.get(unit) or 30 * _MONTHS[unit])
    return apart / length


def _plain(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number
