"""Error: what is told of a failure becomes its item."""

from apps.nodes.library.error import FAILURE
from tests.nodes.twins import jsons_of, type_of


def test_what_is_told_passes_as_it_is() -> None:
    assert jsons_of("error", {}, [FAILURE]) == [FAILURE]


def test_it_has_no_params() -> None:
    assert [fault.code for fault in type_of("error").check({"node": "x"})] == ["unknown_param"]
