"""Cron expressions fire when Debian's cron would, over a year with its changes of the clock."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

import pytest

from apps.nodes.schedules.recurrence import Recurrence, ScheduleParams
from tests.conformance.cron import OURS, answer
from tests.conformance.folders import cases_folder, read_cases

VECTORS = "cron.jsonl"
CASES = [
    case
    for parameter in read_cases(cases_folder("CONFORMANCE_DIR"), f"vectors/{VECTORS}")
    if (case := parameter.values[0])["common5"]
    and case["in"]["dialect"] == OURS
    and not case["in"].get("reverse")
]
YEARS = read_cases(cases_folder("HOSTILE_DIR"), "cron-year.jsonl")


def is_right(case: dict[str, Any]) -> bool:
    try:
        return answer(case["in"]) == case.get("want")
    except ValueError:
        return "error" in case


def test_each_expression_fires_at_its_times_or_is_refused(
    record_property: Callable[[str, object], None],
) -> None:
    wrong = [case["id"] for case in CASES if not is_right(case)]
    record_property("score", f"{len(CASES) - len(wrong):>5} of {len(CASES):<5} {VECTORS}")
    assert CASES
    assert wrong == []


@pytest.mark.parametrize("case", YEARS)
def test_a_year_has_exactly_its_times(case: dict[str, Any]) -> None:
    recurrence = Recurrence(ScheduleParams(cron=case["expr"], timezone=case["tz"]), "UTC")
    times = recurrence.times(datetime.fromtimestamp(case["from"], UTC))
    seconds = [
        int(at.timestamp()) for at in takewhile(lambda at: at.timestamp() < case["to"], times)
    ]
    digest = hashlib.sha256(json.dumps(seconds).encode()).hexdigest()
    assert (len(seconds), digest) == (case["count"], case["sha256"])
