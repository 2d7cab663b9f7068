"""Values are read as types, and refused, as n8n does it; the sentences of refusals are our own."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.conformance.folders import cases_folder, read_cases
from tests.conformance.types import answer

FOLDER = cases_folder("CONFORMANCE_DIR")
VECTORS = "n8n-type-validation.jsonl"
CASES = [parameter.values[0] for parameter in read_cases(FOLDER, f"vectors/{VECTORS}")]


def told(value: Any) -> Any:
    """What counts of an answer: the verdict and the value. A moment counts in whatever zone."""
    if not isinstance(value, dict):
        return value
    if value.get("$t") == "DateTime":
        return datetime.fromisoformat(value["v"]).astimezone(UTC)
    if value.get("$t") == "undefined":
        return None
    return {
        name: told(member)
        for name, member in value.items()
        if name != "errorMessage" and told(member) is not None
    }


def is_right(case: dict[str, Any]) -> bool:
    try:
        given = answer(case["in"]["fn"], case["in"]["args"])
    except ValueError:
        return "error" in case
    return "error" not in case and told(given) == told(case["want"])


def test_every_value_is_read_as_its_type_or_refused(
    record_property: Callable[[str, object], None],
) -> None:
    wrong = [case["id"] for case in CASES if not is_right(case)]
    right = len(CASES) - len(wrong)
    record_property("score", f"{right:>5} of {len(CASES):<5} {VECTORS} (verdicts and values)")
    assert CASES
    assert not wrong
