"""Values are read as types, and refused, as n8n does it."""

from tests.conformance.folders import cases_folder
from tests.conformance.scores import score

FOLDER = cases_folder("CONFORMANCE_DIR")


def test_every_value_is_read_as_its_type_or_refused() -> None:
    right, count, told = score(FOLDER, "n8n-type-validation.jsonl", "types")
    assert count > 0
    assert right == count, told
