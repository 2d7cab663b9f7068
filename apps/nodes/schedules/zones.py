"""Time zones by their names in the IANA database."""

from functools import cache
from zoneinfo import available_timezones

_names = cache(available_timezones)


def checked_zone(name: str) -> str:
    """The name, if there is such a zone. Raises ValueError."""
    # Never by opening what the name leads to: it may lead out of the zone database.
    if name not in _names():
        raise ValueError(f"There is no time zone “{name[:80]}”.")
    return name
