"""Hostile snippets that others collected all end as they must."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from apps.expressions.limits import Limits
from apps.expressions.sandbox import Sandbox
from tests.conformance.folders import cases_folder, read_cases
from tests.conformance.js import LIMITS, answer

FOLDER = cases_folder("HOSTILE_DIR")
HASTY = Limits(wall_s=0.1)
"""For code that must not come to an end, and may be stopped as soon as anybody likes."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(size=1)
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("case", read_cases(FOLDER, "js.jsonl"))
def test_a_hostile_snippet_ends_as_it_must(case: dict[str, Any], sandbox: Sandbox) -> None:
    may_be_stopped = "timeout" in case["ok"] and "value" not in case["ok"]
    told = answer(case, sandbox, HASTY if may_be_stopped else LIMITS)
    assert told["outcome"] in case["ok"]
    if told["outcome"] == "value" and "value" in case:
        assert told["value"] == case["value"]
    if "probe" in case:
        assert told["probe_value"] == case["probe_value"]
    text = json.dumps(told)
    assert not [word for word in case.get("never", ()) if word in text]
