"""Model Event: the row becomes an item; the model is named as Django names it."""

import pytest

from apps.nodes.library.model_event import ORDER
from tests.nodes.twins import jsons_of, type_of


def test_the_row_passes_as_it_was_told() -> None:
    assert jsons_of("model_event", {"model": "shop.Order"}, [ORDER]) == [ORDER]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, "model"),
        ({"model": "Order"}, "model"),
        ({"model": "shop.Order", "events": []}, "events"),
        ({"model": "shop.Order", "events": ["renamed"]}, "events[0]"),
    ],
)
def test_what_names_no_model_or_no_event_is_refused(params: dict[str, object], path: str) -> None:
    assert [fault.path for fault in type_of("model_event").check(params)] == [path]
