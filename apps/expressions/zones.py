"""Time zones as tables: JavaScript in the sandbox can ask nobody for the offset at a moment."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

FIRST: Final = datetime(1850, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)
STEP: Final = timedelta(days=12)
"""No zone has changed its clocks twice within so short a time and back."""
MAX_NAME: Final = 64
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def find_zone(name: str) -> ZoneInfo | None:
    """The zone of that name, as JavaScript in any case of its letters; None if there is none."""
    if len(name) > MAX_NAME or not name.isascii():
        return None
    known = _names().get(name.lower())
    return ZoneInfo(known) if known else None


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def table_of(name: str) -> str:
    """A zone's table as JSON; null where there is no such zone."""
    zone = find_zone(name)
    return _table(zone.key) if zone else "null"


@cache
def _table(proper_name: str) -> str:
    return json.dumps(transitions(ZoneInfo(proper_name)), separators=(",", ":"))


def transitions(zone: ZoneInfo) -> tuple[int, ...]:
    """The offset at first, then by turns a moment and the offset from then on, in seconds."""
    moment, offset = FIRST, _offset(zone, FIRST)
    table = [offset]
    while moment < LAST:
        following = moment + STEP
        later = _offset(zone, following)
        if later != offset:
            table += [_change(zone, moment, following), later]
        moment, offset = following, later
    return tuple(table)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> int:
    """When the clocks changed between two moments, in seconds of Unix time."""
    low, high = _seconds(before), _seconds(after)
    old = _offset(zone, before)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, EPOCH + timedelta(seconds=middle)) == old:
            low = middle
        else:
            high = middle
    return high


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


def _seconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)
