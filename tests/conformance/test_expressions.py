"""Expressions give what they give in n8n, all but a few of many."""

import pytest

from tests.conformance.conftest import Scorer
from tests.conformance.folders import cases_folder

FOLDER = cases_folder("CONFORMANCE_DIR")


@pytest.mark.parametrize(
    ("vectors", "share"),
    [
        ("n8n-expressions-real.jsonl", 0.996),
        ("n8n-expression-extensions.jsonl", 0.99),
        ("n8n-expression-fixtures.jsonl", 0.99),
    ],
)
def test_expressions_give_what_builders_know(vectors: str, share: float, scored: Scorer) -> None:
    found = scored(vectors, "expressions")
    assert found.share >= share, found.told
