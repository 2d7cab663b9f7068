"""Fields by name and by path."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.nodes.values.fields import (
    get_field,
    has_field,
    parse_path,
    picked,
    with_field,
    without_field,
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ("a['b.c']", ("a", "b.c")),
        ("a]b", ("a]b",)),  # no path: a name
        (".", (".",)),
        ("", ("",)),
    ],
)
def test_a_name_is_read_as_a_path(name: str, path: tuple[Any, ...]) -> None:
    assert parse_path(name, dot_notation=True) == path
    assert parse_path(name, dot_notation=False) == (name,)


def test_setting_a_field_leaves_the_original_alone() -> None:
    json = {"a": {"b": [1, {"c": 2}]}, "x": 1}
    changed = with_field(json, ("a", "b", 1, "c"), 3)
    assert changed == {"a": {"b": [1, {"c": 3}]}, "x": 1}
    assert json == {"a": {"b": [1, {"c": 2}]}, "x": 1}


def test_what_lies_between_is_made() -> None:
    assert with_field({}, ("a", 1, "b"), 5) == {"a": [None, {"b": 5}]}


def test_a_list_does_not_grow_without_bound() -> None:
    with pytest.raises(NodeError) as failure:
        with_field({}, ("a", 10**9), 1)
    assert failure.value.code == "invalid_path"


def test_fields_are_picked_and_dropped_by_path() -> None:
    json = {"a": {"b": 1, "c": 2}, "d": [1, 2], "e": None}
    assert picked(json, [("a", "b"), ("e",), ("nope",)]) == {"a": {"b": 1}, "e": None}
    assert without_field(json, ("a", "b")) == {"a": {"c": 2}, "d": [1, 2], "e": None}
    assert without_field(json, ("d", 0)) == {"a": {"b": 1, "c": 2}, "d": [2], "e": None}
    assert without_field(json, ("nope", "x")) == json


def test_a_number_between_dots_is_a_place_in_a_list_and_a_name_in_an_object() -> None:
    json = {"lines": [{"sku": "a"}, {"sku": "b"}], "years": {"2026": 1}}
    second, year = parse_path("lines.1.sku", True), parse_path("years.2026", True)
    assert (get_field(json, second), get_field(json, year)) == ("b", 1)
    assert with_field(json, second, "c")["lines"] == [{"sku": "a"}, {"sku": "c"}]
    assert with_field(json, parse_path("years.2027", True), 2)["years"] == {"2026": 1, "2027": 2}
    assert with_field({}, year, 1) == {"years": {"2026": 1}}  # and no list of 2,027 places
    assert without_field(json, ("lines", "0"))["lines"] == [{"sku": "b"}]
    assert not has_field(json, parse_path("lines.2", True))
    assert not has_field(json, parse_path("lines.\u0661", True))


def test_null_is_there_and_nothing_is_not() -> None:
    assert has_field({"a": None}, ("a",))
    assert not has_field({"a": None}, ("a", "b"))
    assert get_field({"a": [1]}, ("a", 5)) is None


def test_a_field_that_bears_the_whole_name_comes_before_the_path() -> None:
    json = {"a.b": 1, "a": {"b": 2}}
    assert get_field(json, ("a", "b")) == 1
    assert with_field(json, ("a", "b"), 3) == {"a.b": 3, "a": {"b": 2}}
    assert without_field(json, ("a", "b")) == {"a": {"b": 2}}


def test_an_index_of_any_length_is_no_error() -> None:
    name = "a[" + "9" * 5_000 + "]"
    assert parse_path(name, dot_notation=True) == (name,)
