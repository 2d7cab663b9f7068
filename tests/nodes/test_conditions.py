"""Conditions in n8n's filter form."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.nodes.registry import library
from tests.conformance.folders import folder_of, must_be_there
from tests.nodes.twins import run_step

ROOT = Path(__file__).parents[2]
CASES = folder_of("CONFORMANCE_DIR")


def routed(left: Any, type: str, operation: str, right: Any = None, **options: Any) -> str:
    condition = {
        "leftValue": left,
        "operator": {"type": type, "operation": operation},
        "rightValue": right,
    }
    node = library().find("condition", 1)
    assert node is not None
    params = {"conditions": {"conditions": [condition], "options": options}}
    outputs = run_step(node, params).outcome.outputs  # type: ignore[union-attr]
    return next(name for name, items in outputs.items() if items)


@pytest.mark.parametrize(
    ("left", "type", "operation", "right", "verdict"),
    [
        ("abc", "string", "contains", "b", "true"),
        (None, "string", "equals", "", "true"),  # null is the empty text
        (10**30, "number", "gt", 10**30 - 1, "true"),  # exact, over what JavaScript holds
        (1, "number", "equals", 1.0, "true"),
        (None, "number", "lt", 5, "false"),  # nothing is not less than something
        ("2026-01-01T00:00:00+02:00", "dateTime", "before", "2025-12-31T23:00:00Z", "true"),
        ([1, True], "array", "contains", 1, "true"),
        ([True], "array", "contains", 1, "false"),  # true is not 1
        ({}, "object", "empty", None, "true"),
        ("order-7", "string", "regex", r"^order-\d+$", "true"),
        ("ORDER", "string", "regex", "/order/i", "true"),
        ("x", "string", "notRegex", "y", "true"),
    ],
)
def test_a_condition_holds(left: Any, type: str, operation: str, right: Any, verdict: str) -> None:
    assert routed(left, type, operation, right) == verdict


def test_strict_types_do_not_convert_and_loose_ones_do() -> None:
    with pytest.raises(NodeError) as failure:
        routed("15", "number", "equals", 15)
    assert failure.value.code == "type_mismatch"
    assert routed("15", "number", "equals", 15, typeValidation="loose") == "true"
    assert routed("false", "boolean", "true", typeValidation="loose") == "false"
    assert routed("false", "boolean", "true", typeValidation="loose", version=1) == "true"


def test_upper_and_lower_case_may_count_as_the_same() -> None:
    assert routed("FOO", "string", "equals", "foo") == "false"
    assert routed("FOO", "string", "equals", "foo", caseSensitive=False) == "true"


def test_a_regular_expression_that_cannot_be_read_fails_the_step() -> None:
    with pytest.raises(NodeError) as failure:
        routed("x", "string", "regex", "(")
    assert failure.value.code == "invalid_regex"


def test_a_regular_expression_that_runs_away_is_stopped() -> None:
    started = time.monotonic()
    with pytest.raises(Exception, match=r"(?i)time|longer"):
        routed("a" * 40 + "!", "string", "regex", "^(a+)+$")
    assert time.monotonic() - started < 5


def test_or_looks_no_further_than_the_first_that_holds() -> None:
    node = library().find("filter", 1)
    assert node is not None
    holds = {
        "leftValue": "a",
        "operator": {"type": "string", "operation": "equals"},
        "rightValue": "a",
    }
    wrong = {"leftValue": "a", "operator": {"type": "number", "operation": "gt"}, "rightValue": 1}
    params = {"conditions": {"combinator": "or", "conditions": [holds, wrong]}}
    assert len(run_step(node, params).outcome.outputs["main"]) == 1  # type: ignore[union-attr]


def test_the_vectors_of_n8n_filters_hold() -> None:
    vectors = CASES / "vectors/n8n-filter-conditions.jsonl"
    if not vectors.is_file():
        if must_be_there("CONFORMANCE_DIR"):
            raise FileNotFoundError(vectors)
        pytest.skip(f"LEFT OUT: {vectors} is not there (CONFORMANCE_DIR)")
    told = subprocess.run(
        [
            sys.executable,
            CASES.parent / "score_vectors.py",
            vectors,
            "-v",
            "--batch-cmd",
            f"{sys.executable} -m tests.conformance.filter_conditions",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert told.returncode == 0, told.stdout
