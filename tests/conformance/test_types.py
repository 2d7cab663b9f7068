"""Values are read as types, and refused, as n8n does it."""

from tests.conformance.conftest import Scorer
from tests.conformance.folders import cases_folder

FOLDER = cases_folder("CONFORMANCE_DIR")


def test_every_value_is_read_as_its_type_or_refused(scored: Scorer) -> None:
    found = scored("n8n-type-validation.jsonl", "types")
    assert found.right == found.count, found.told
