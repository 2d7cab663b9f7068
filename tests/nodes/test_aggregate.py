"""Aggregate: what its examples cannot say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.nodes.registry import library
from tests.nodes.twins import jsons_of, outputs_of, sources_of

FILE_A, FILE_B = {"id": "a"}, {"id": "b"}


def gathered(params: dict[str, Any], *takes: Any) -> list[Any]:
    return jsons_of("aggregate", params, takes)


@pytest.mark.parametrize("params", [{"mode": "items"}, {"lists": [{"field": "a"}]}])
def test_no_items_give_no_item(params: dict[str, Any]) -> None:
    assert gathered(params) == []


def test_values_that_are_missing_are_left_out_or_null() -> None:
    items = [{"a": 1}, {"b": 2}, {"a": None}, {"a": ""}]
    assert gathered({"lists": [{"field": "a"}]}, *items) == [{"a": [1, ""]}]
    kept = {"lists": [{"field": "a"}], "keep_missing": True}
    assert gathered(kept, *items) == [{"a": [1, None, None, ""]}]


def test_a_field_that_no_item_has_is_likely_mistyped() -> None:
    with pytest.raises(NodeError, match="Did you mean “name”") as failed:
        gathered({"lists": [{"field": "id"}, {"field": "nam"}]}, {"id": 1, "name": "a"}, {"id": 2})
    assert failed.value.code == "field_not_found"


@pytest.mark.parametrize(("keep", "given"), [(False, []), (True, [None])])
def test_a_field_may_be_missing_where_that_is_wanted(keep: bool, given: list[Any]) -> None:
    params = {"lists": [{"field": "nam"}], "allow_missing": True, "keep_missing": keep}
    assert gathered(params, {"name": "a"}) == [{"nam": given}]


def test_lists_stay_lists_or_are_made_one() -> None:
    items = [{"a": [1, None]}, {"a": 2}]
    assert gathered({"lists": [{"field": "a"}]}, *items) == [{"a": [[1, None], 2]}]
    merged = {"lists": [{"field": "a"}], "merge_lists": True}
    assert gathered(merged, *items) == [{"a": [1, 2]}]
    assert gathered({**merged, "keep_missing": True}, *items) == [{"a": [1, None, 2]}]


def test_a_path_gives_its_last_name_and_a_plain_name_itself() -> None:
    item = {"a": {"b": 1}, "a.c": 2}
    assert gathered({"lists": [{"field": "a.b"}]}, item) == [{"b": [1]}]
    plain = {"lists": [{"field": "a.c"}], "dot_notation": False}
    assert gathered(plain, item) == [{"a.c": [2]}]


@pytest.mark.parametrize(
    ("params", "data"),
    [
        ({}, [{"a": 1, "b": 2}, {}]),
        ({"include": "selected", "fields": ["a"]}, [{"a": 1}]),
        ({"include": "except", "fields": ["a"]}, [{"b": 2}]),
    ],
)
def test_items_are_gathered_with_the_fields_that_are_wanted(
    params: dict[str, Any], data: list[Any]
) -> None:
    assert gathered({"mode": "items", "name": "all", **params}, {"a": 1, "b": 2}, {}) == [
        {"all": data}
    ]


def test_the_item_comes_from_all_items() -> None:
    items = outputs_of("aggregate", {"mode": "items"}, [{"n": 1}, {"n": 2}])["main"]
    assert sources_of(items) == [[0, 1]]


def test_files_are_kept_where_wanted_the_same_file_once() -> None:
    takes = [
        Item({}, {"data": FILE_A}),
        Item({}, {"data": FILE_A}),
        Item({}, {"data": FILE_B, "other": FILE_A}),
        Item({}),
    ]
    plain = outputs_of("aggregate", {"mode": "items"}, takes)["main"]
    assert plain[0].binary is None
    kept = outputs_of("aggregate", {"mode": "items", "keep_binary": True}, takes)["main"]
    assert kept[0].binary == {"data": FILE_A, "data_1": FILE_B, "other": FILE_A}


@pytest.mark.timeout(20)  # to try all numbers for each file would take more
def test_thousands_of_files_of_one_name_get_numbers() -> None:
    takes = [Item({}, {"data": {"id": str(n)}}) for n in range(20_000)]
    [item] = outputs_of("aggregate", {"mode": "items", "keep_binary": True}, takes)["main"]
    assert item.binary is not None
    assert list(item.binary)[-1] == "data_19999"


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, "lists"),
        ({"lists": [{"field": "a"}, {"field": "x.a"}]}, "lists[1].name"),
        ({"lists": [{"field": ""}]}, "lists[0].field"),
    ],
)
def test_lists_are_needed_and_their_names_differ(params: dict[str, Any], path: str) -> None:
    spec = library().find("aggregate", 1)
    assert spec is not None
    assert [fault.path for fault in spec.check(params)] == [path]


@given(st.lists(st.dictionaries(st.text(max_size=2), st.integers(), max_size=3), min_size=1))
def test_gathered_items_are_those_that_were_there(jsons: list[dict[str, int]]) -> None:
    assert gathered({"mode": "items"}, *jsons) == [{"data": jsons}]
