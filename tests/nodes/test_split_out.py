"""Split Out: what its examples cannot say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.nodes import bounds
from apps.nodes.registry import library
from tests.nodes.twins import jsons_of, outputs_of, sources_of

FILE_A, FILE_B = {"id": "a", "mimeType": "text/plain"}, {"id": "b", "mimeType": "text/plain"}


def split(params: dict[str, Any], *takes: Any) -> list[Any]:
    return jsons_of("split_out", params, takes)


def test_values_are_not_named_as_files() -> None:
    type = library().find("split_out", 1)
    assert type is not None
    [fault] = type.check({"split": ["a", "$binary"], "names": ["$binary", "b"]})
    assert "$binary" in fault.message
    assert type.check({"split": ["$binary", "a"], "names": ["$binary", "b"]}) == []


def test_no_items_give_none() -> None:
    assert split({"split": ["a"]}) == []


@pytest.mark.parametrize(
    ("value", "given"),
    [
        ([1, "x", None, [2]], [{"a": 1}, {"a": "x"}, {"a": None}, {"a": [2]}]),
        ([{"b": 1}, 2], [{"b": 1}, {"a": 2}]),
        ({"x": {"b": 1}, "y": 2}, [{"b": 1}, {"a": 2}]),  # an object's values
        ("text", [{"a": "text"}]),
        (0, [{"a": 0}]),
        (None, [{"a": None}]),
        ([], []),
        ({}, []),
    ],
)
def test_a_value_is_split(value: Any, given: list[Any]) -> None:
    assert split({"split": ["a"]}, {"a": value}) == given


def test_an_item_without_the_field_gives_nothing_and_the_others_do() -> None:
    items = outputs_of("split_out", {"split": ["a"]}, [{"a": [1]}, {"b": 1}, {"a": [2, 3]}])["main"]
    assert [item.json for item in items] == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert sources_of(items) == [[0], [2], [2]]


def test_a_field_that_no_item_has_is_likely_mistyped() -> None:
    for wrong in ("line", "lines.sku"):
        with pytest.raises(NodeError) as failed:
            split({"split": ["id", wrong]}, {"id": 1, "lines": [1]}, {"id": 2})
        assert failed.value.code == "field_not_found"
        assert f"“{wrong}”" in failed.value.message
    with pytest.raises(NodeError, match="Did you mean “lines”"):
        split({"split": ["line"]}, {"lines": [1]})


@pytest.mark.parametrize(
    ("params", "takes"),
    [
        ({"split": ["line"], "allow_missing": True}, {"lines": [1]}),
        ({"split": ["$binary"]}, {"a": 1}),
    ],
)
def test_a_field_may_be_missing_where_that_is_wanted(params: Any, takes: Any) -> None:
    assert split(params, takes) == []


def test_each_item_may_name_a_field_of_its_own() -> None:
    named = {"split": ["={{ $json.which }}"]}
    assert split(named, {"which": "a", "a": [1]}, {"which": "b", "b": [2]}) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    ("params", "given"),
    [
        ({"include": "none"}, [{"x": 1}]),
        ({"include": "all"}, [{"id": 7, "b": {"c": 2}, "a": {"x": 1}}]),
        ({"include": "selected", "fields": ["b.c"]}, [{"b": {"c": 2}, "a": {"x": 1}}]),
        ({"include": "except", "fields": ["b"]}, [{"id": 7, "a": {"x": 1}}]),
        ({"include": "none", "names": ["line"]}, [{"line": {"x": 1}}]),
        ({"include": "all", "names": ["line"]}, [{"id": 7, "b": {"c": 2}, "line": {"x": 1}}]),
    ],
)
def test_other_fields_stay_as_wanted(params: dict[str, Any], given: list[Any]) -> None:
    item = {"id": 7, "a": [{"x": 1}], "b": {"c": 2}}
    assert split({"split": ["a"], **params}, item) == given


def test_a_path_leads_to_the_list_and_its_name_is_kept_whole() -> None:
    item = {"order": {"lines": [1, 2], "id": 7}}
    assert split({"split": ["order.lines"], "include": "all"}, item) == [
        {"order": {"id": 7}, "order.lines": 1},
        {"order": {"id": 7}, "order.lines": 2},
    ]
    params = {"split": ["order.lines"], "dot_notation": False}
    assert split(params, item, {"order.lines": [1]}) == [{"order.lines": 1}]


def test_several_fields_are_split_side_by_side_with_their_names() -> None:
    params = {"split": ["a", "b"], "names": ["x"]}
    assert split(params, {"a": [{"k": 1}, 2], "b": "one"}) == [
        {"x": {"k": 1}, "b": "one"},
        {"x": 2},
    ]


def test_each_item_gets_the_files_only_where_that_is_wanted() -> None:
    item = Item({"a": [1, 2]}, {"data": FILE_A})
    plain = outputs_of("split_out", {"split": ["a"]}, [item])["main"]
    assert [each.binary for each in plain] == [None, None]
    kept = outputs_of("split_out", {"split": ["a"], "keep_binary": True}, [item])["main"]
    assert [each.binary for each in kept] == [{"data": FILE_A}, {"data": FILE_A}]


def test_files_are_split_into_items_of_their_own() -> None:
    item = Item({"id": 7}, {"one": FILE_A, "two": FILE_B})
    params = {"split": ["$binary"], "include": "all", "names": ["ignored"]}
    items = outputs_of("split_out", params, [item, {"id": 8}])["main"]
    assert [(each.json, each.binary) for each in items] == [
        ({"id": 7}, {"one": FILE_A}),
        ({"id": 7}, {"two": FILE_B}),
    ]


def test_a_list_of_a_million_is_refused_with_the_limit() -> None:
    with pytest.raises(NodeError) as failure:
        split({"split": ["a"]}, {"a": [0] * 1_000_000})
    assert failure.value.code == "too_many_items"
    assert "250,000" in failure.value.message


def test_many_lists_together_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_ITEMS", 10)
    with pytest.raises(NodeError) as failure:
        split({"split": ["a"]}, {"a": [1] * 6}, {"a": [1] * 6})
    assert failure.value.code == "too_many_items"


@given(st.lists(st.lists(st.integers()), max_size=5))
def test_what_is_split_out_and_gathered_again_is_as_it_was(lists: list[list[int]]) -> None:
    items = [{"a": values} for values in lists]
    split_items = split({"split": ["a"]}, *items)
    gathered = jsons_of("aggregate", {"lists": [{"field": "a"}]}, split_items)
    flat = [value for values in lists for value in values]
    assert gathered == ([{"a": flat}] if flat else [])
