"""Conditions hold, and fail, as n8n's filters do."""

from tests.conformance.conftest import Scorer
from tests.conformance.folders import cases_folder

FOLDER = cases_folder("CONFORMANCE_DIR")


def test_every_filter_gives_its_verdict(scored: Scorer) -> None:
    found = scored("n8n-filter-conditions.jsonl", "filters")
    assert found.right == found.count, found.told
