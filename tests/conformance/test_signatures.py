"""Requests are believed that their services signed."""

from tests.conformance.conftest import Scorer
from tests.conformance.folders import cases_folder

FOLDER = cases_folder("CONFORMANCE_DIR")


def test_every_signature_gives_its_verdict(scored: Scorer) -> None:
    found = scored("webhook-signatures.jsonl", "signatures")
    assert found.right == found.count, found.told
