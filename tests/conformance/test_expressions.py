"""Expressions give what they give in n8n, all but a few of many."""

import pytest

from tests.conformance.conftest import Scorer
from tests.conformance.folders import cases_folder

FOLDER = cases_folder("CONFORMANCE_DIR")


# What is left differs by intent: n8n puts a space between the end of a line and `${` in a template
# literal, and loses ends of lines in toTitleCase. One case asks for the hour of the day, one calls
# what only a test of n8n has.
@pytest.mark.parametrize(
    ("vectors", "share"),
    [
        ("n8n-expressions-real.jsonl", 0.9975),
        ("n8n-expression-extensions.jsonl", 0.99),
        ("n8n-expression-fixtures.jsonl", 0.99),
    ],
)
def test_expressions_give_what_builders_know(vectors: str, share: float, scored: Scorer) -> None:
    found = scored(vectors, "expressions")
    assert found.share >= share, found.told
