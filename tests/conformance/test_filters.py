"""Conditions hold, and fail, as n8n's filters do."""

from tests.conformance.folders import cases_folder
from tests.conformance.scores import score

FOLDER = cases_folder("CONFORMANCE_DIR")


def test_every_filter_gives_its_verdict() -> None:
    right, count, told = score(FOLDER, "n8n-filter-conditions.jsonl", "filters")
    assert count > 0
    assert right == count, told
