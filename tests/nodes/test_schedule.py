"""Schedule: which expressions and zones a version may be saved with."""

from typing import Any

import pytest

from apps.nodes.registry import library
from tests.nodes.hostile import cases


def faults_of(params: dict[str, Any]) -> list[str]:
    schedule = library().find("schedule", 1)
    assert schedule is not None
    return [fault.path for fault in schedule.check(params)]


@pytest.mark.parametrize("case", cases("cron-hostile.jsonl"))
def test_a_hostile_cron_expression_is_judged_when_it_is_saved(case: Any) -> None:
    zone = {"timezone": case["tz"]} if case["tz"] is not None else {}
    verdict = "reject" if faults_of({"cron": case["expr"], **zone}) else "accept"
    assert verdict in case["ok"]


@pytest.mark.parametrize(
    "params",
    [
        {"cron": "*/15 8-17 * * mon-fri"},
        {"cron": "0 0 29 2 *", "timezone": "Europe/Riga"},
        {"rules": [{"unit": "minutes", "every": 5}]},
        {"rules": [{"unit": "months", "on": [1, 15], "at": "06:00"}]},
    ],
)
def test_times_may_be_told_by_cron_or_by_rules(params: dict[str, Any]) -> None:
    assert faults_of(params) == []


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, ""),
        ({"cron": "0 8 * * *", "rules": [{"unit": "days"}]}, ""),
        ({"rules": []}, "rules"),
        ({"rules": [{"unit": "hours", "at": "06:00"}]}, "rules[0].at"),
        ({"rules": [{"unit": "days", "at": "24:00"}]}, "rules[0].at"),
        ({"cron": "0 8 * * *", "timezone": "../etc/passwd"}, "timezone"),
    ],
)
def test_times_that_cannot_be_are_faults(params: dict[str, Any], path: str) -> None:
    assert faults_of(params) == [path]
