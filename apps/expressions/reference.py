"""What JavaScript needs beside the run's data: parts of the prelude, libraries, zones, locales."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from apps.expressions.child import Part
from apps.expressions.locales import locale_data, zone_names
from apps.expressions.zones import find_zone, transitions

USES: Final = {
    Part.DATES: re.compile(
        r"\$now|\$today|DateTime|\bDuration\b|\bInterval\b"
        r"|\uff42eginningOf|\uff45ndOfMonth|\uff49s(Between|Dst|InLast|Weekend)|\uff44iffTo"
    ),
    Part.INTL: re.compile(r"\bIntl\b|toLocale|\.localeCompare|etLocale|locale:|\uff46ormat"),
    Part.JMESPATH: re.compile(r"\$jmes[pP]ath"),
    Part.EXTENSIONS: re.compile(r"[\uff41-\uff5a]\w"),
    Part.HASHES: re.compile(r"\uff48ash"),
}
ZONE = re.compile(r"['\"`]([A-Z][A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2})['\"`]")
LOCALE = re.compile(r"['\"`]([a-z]{2}-[A-Z]{2})['\"`]")
DEFAULT_LOCALE: Final = "en-US"
REFERENCES: Final = frozenset({"part", "zone", "locale", "names"})


class Reference:
    """Collects the parts and tables for one question to the sandbox."""

    def __init__(self, sources: Iterable[str], timezone: str) -> None:
        self.parts = Part.NONE
        self._zones: dict[str, str] = {}
        self._locales: dict[str, str] = {}
        self._zone_names: dict[str, str] = {}
        self._timezone = timezone
        for source in sources:
            self._expect(source)

    def supply(self, kind: str, name: str) -> None:
        """Add what the code has reached for and missed. Raises where that is nothing."""
        if not isinstance(name, str):
            raise TypeError
        if kind == "part":
            self._use(Part[name])
        elif kind == "zone":
            self._zones[name] = table_of(name)
        elif kind == "locale":
            self._locales[name] = locale_data(name)
        else:
            self._zone_names[name] = zone_names(name)

    def written(self) -> str:
        """The tables, as one JSON object."""
        return _object(
            {
                "zones": _object(self._zones),
                "locales": _object(self._locales),
                "zoneNames": _object(self._zone_names),
            }
        )

    def _expect(self, source: str) -> None:
        for part, pattern in USES.items():
            if pattern.search(source):
                self._use(part)
        if self.parts & (Part.DATES | Part.INTL):
            for match in ZONE.finditer(source):
                if find_zone(match[1]):
                    self._zones[match[1]] = table_of(match[1])
        if self.parts & Part.INTL:
            for match in LOCALE.finditer(source):
                self._locales[match[1]] = locale_data(match[1])

    def _use(self, part: Part) -> None:
        self.parts |= part
        if part is Part.DATES and find_zone(self._timezone):
            self._zones[self._timezone] = table_of(self._timezone)
        if part is Part.INTL:
            self._locales[DEFAULT_LOCALE] = locale_data(DEFAULT_LOCALE)


@lru_cache(maxsize=64)
def table_of(zone: str) -> str:
    """A zone's table as JSON; null where there is no such zone."""
    return json.dumps(transitions(zone), separators=(",", ":"))


def _object(members: dict[str, str]) -> str:
    return f"{{{','.join(f'{json.dumps(name)}:{value}' for name, value in members.items())}}}"
