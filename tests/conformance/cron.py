"""When cron expressions fire: `python -m tests.conformance.cron`.

Reads JSON lines `{"id", "in": {"expr", "start", "tz", "n"}}` and writes `{"id", "got"}`, the first
`n` moments after `start` in that zone, or `{"id", "error"}`. Where `tz` is null, `start` and the
answers say no offset. Other dialects, and going backwards, are errors.
"""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from apps.nodes.schedules.recurrence import Recurrence, ScheduleParams

OURS = "cronsim/debian"


def answer(asked: Mapping[str, Any]) -> list[str]:
    """The moments that a case asks for. Raises ValueError."""
    if asked.get("dialect", OURS) != OURS or asked.get("reverse"):
        raise ValueError("FlowForge reads cron as Debian does, forwards.")
    name = asked.get("tz") or "UTC"
    recurrence = Recurrence(ScheduleParams(cron=asked["expr"], timezone=name), "UTC")
    zone, start = ZoneInfo(name), datetime.fromisoformat(asked["start"])
    if start.tzinfo is None:
        start = start.replace(tzinfo=zone)
    times = islice(recurrence.times(start), asked.get("n", 1))
    local = [moment.astimezone(zone) for moment in times]
    return [(each if asked.get("tz") else each.replace(tzinfo=None)).isoformat() for each in local]


def main() -> None:
    for line in sys.stdin:
        case = json.loads(line)
        try:
            told: dict[str, Any] = {"got": answer(case["in"])}
        except ValueError as error:
            told = {"error": str(error)}
        print(json.dumps({"id": case["id"], **told}), flush=True)


if __name__ == "__main__":
    main()
