"""Remove Duplicates: what its examples cannot say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.nodes.registry import library
from tests.nodes.twins import outputs_of, sources_of

ODD: list[Any] = ["1", 1, 1.0, True, "true", None, "", [], {}, [1], [1]]


def kept(params: dict[str, Any], items: list[Any]) -> list[Any]:
    return [
        place for (place,) in sources_of(outputs_of("remove_duplicates", params, items)["main"])
    ]


def test_no_items_give_none() -> None:
    assert kept({}, []) == []


def test_values_of_another_type_are_no_duplicates_but_as_text() -> None:
    items = [{"v": value} for value in ODD]
    assert kept({}, items) == [0, 1, 3, 4, 5, 6, 7, 8, 9]
    assert kept({"fuzzy": True}, items) == [0, 3, 5, 9]


@pytest.mark.parametrize(
    ("params", "places"),
    [
        ({}, [0, 1, 2, 3]),
        ({"compare": "selected", "fields": ["a.b"]}, [0, 2, 3]),
        ({"compare": "except", "fields": ["n"]}, [0, 2, 3]),
        ({"compare": "except", "fields": ["n", "a"]}, [0]),
        ({"compare": "selected", "fields": ["a.b"], "dot_notation": False}, [0]),
        ({"compare": "selected", "fields": ["n", "a"]}, [0, 1, 2, 3]),
    ],
)
def test_fields_are_compared(params: dict[str, Any], places: list[int]) -> None:
    items = [{"n": 1, "a": {"b": 1}}, {"n": 2, "a": {"b": 1}}, {"n": 2, "a": {"b": None}}, {"n": 3}]
    assert kept(params, [*items, items[0]]) == places


def test_fields_are_needed_where_some_are_compared() -> None:
    spec = library().find("remove_duplicates", 1)
    assert spec is not None
    assert [fault.code for fault in spec.check({"compare": "except"})] == ["invalid_value"]


@given(st.lists(st.sampled_from(ODD)))
def test_the_first_of_each_is_kept_and_only_that(values: list[Any]) -> None:
    items = [{"v": value} for value in values]
    places = kept({}, items)
    assert places == sorted(places)
    assert kept({}, [items[place] for place in places]) == list(range(len(places)))
    left = [items[place] for place in places]
    assert all(any(item == other for other in left) for item in items)
