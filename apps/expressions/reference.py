"""What JavaScript needs beside the run's data: libraries and time zones, no more than it uses."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from apps.expressions.child import Part
from apps.expressions.zones import find_zone, transitions

USES = {
    Part.DATES: re.compile(
        r"\$now|\$today|DateTime|\bDuration\b|\bInterval\b"
        r"|\uff42eginningOf|\uff45ndOfMonth|\uff49s(Between|Dst|InLast|Weekend)|\uff44iffTo"
    ),
    Part.EXTENSIONS: re.compile(r"[\uff41-\uff5a]\w"),
    Part.HASHES: re.compile(r"\uff48ash"),
    Part.JMESPATH: re.compile(r"\$jmes[pP]ath"),
}
REFERENCES = frozenset({"part", "zone"})
ZONE = re.compile(r"['\"`]([A-Z][A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2})['\"`]")


class Reference:
    """Collects the parts and tables for one question to the sandbox."""

    def __init__(self, sources: Iterable[str], timezone: str) -> None:
        self.parts = Part.NONE
        self._zones: dict[str, str] = {}
        self._add_zone(timezone)
        for source in sources:
            for part, pattern in USES.items():
                if pattern.search(source):
                    self.parts |= part
            for match in ZONE.finditer(source):
                self._add_zone(match[1])

    def supply(self, kind: str, name: str) -> None:
        """Add what the code has reached for and missed."""
        if kind == "part":
            self.parts |= Part[name]
        else:
            self._zones[name] = table_of(name)

    def written(self) -> str:
        """The zones' tables as a JSON object; none where nothing counts in them."""
        if self.parts is Part.NONE:
            return "{}"
        members = (f"{json.dumps(name)}:{table}" for name, table in self._zones.items())
        return f"{{{','.join(members)}}}"

    def _add_zone(self, name: str) -> None:
        if find_zone(name):
            self._zones[name] = table_of(name)


@lru_cache(maxsize=64)
def table_of(zone: str) -> str:
    """A zone's table as JSON; null where there is no such zone."""
    return json.dumps(transitions(zone), separators=(",", ":"))
