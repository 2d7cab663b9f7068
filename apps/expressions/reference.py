"""What JavaScript needs beside the run's data: parts of the prelude, libraries, zones, locales."""

import json
import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from apps.expressions.child import Part
from apps.expressions.errors import JavaScriptError
from apps.expressions.locales import locale_data, zone_names
from apps.expressions.zones import find_zone, table_of

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
MAKERS: Final = {"zone": table_of, "locale": locale_data, "names": zone_names}
MEMBERS: Final = {"zone": "zones", "locale": "locales", "names": "zoneNames"}
WORDS: Final = {"zone": "time zones", "locale": "locales", "names": "names of time zones"}
REFERENCES: Final = frozenset({"part", *MAKERS})
NOTHING: Final = "null"
MAX_TABLES: Final = 60
"""Of a kind in one question: their making takes time of this process, not of the sandbox."""
MAX_EXPECTED: Final = 10
"""Names in one source whose tables go along unasked."""


class Reference:
    """Collects the parts and tables for one question to the sandbox."""

    def __init__(self, sources: Iterable[str], timezone: str) -> None:
        self.parts = Part.NONE
        self._tables: dict[str, dict[str, str]] = {kind: {} for kind in MAKERS}
        self._timezone = timezone
        for source in sources:
            self._expect(source)

    def supply(self, kind: str, name: str) -> None:
        """Add what the code has reached for and missed. Raises where that is nothing."""
        if not isinstance(name, str):
            raise TypeError
        if kind == "part":
            self._use(Part[name])
            return
        self._add(kind, name)
        if sum(table != NOTHING for table in self._tables[kind].values()) > MAX_TABLES:
            raise JavaScriptError("js_error", f"It uses over {MAX_TABLES} {WORDS[kind]}.")

    def written(self) -> str:
        """The tables, as one JSON object."""
        return _object({member: _object(self._tables[kind]) for kind, member in MEMBERS.items()})

    def _expect(self, source: str) -> None:
        for part, pattern in USES.items():
            if pattern.search(source):
                self._use(part)
        if self.parts & (Part.DATES | Part.INTL):
            for match in islice(ZONE.finditer(source), MAX_EXPECTED):
                if find_zone(match[1]):
                    self._add("zone", match[1])
        if self.parts & Part.INTL:
            for match in islice(LOCALE.finditer(source), MAX_EXPECTED):
                self._add("locale", match[1])

    def _use(self, part: Part) -> None:
        self.parts |= part
        if part is Part.DATES and find_zone(self._timezone):
            self._add("zone", self._timezone)
        if part is Part.INTL:
            self._add("locale", DEFAULT_LOCALE)

    def _add(self, kind: str, name: str) -> None:
        self._tables[kind][name] = MAKERS[kind](name)


def _object(members: dict[str, str]) -> str:
    return f"{{{','.join(f'{json.dumps(name)}:{value}' for name, value in members.items())}}}"
