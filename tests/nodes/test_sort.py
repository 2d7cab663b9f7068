"""Sort: what its examples cannot say."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.errors import NodeError
from apps.expressions.sandbox import Limits
from apps.nodes.context import Services, bound
from apps.nodes.registry import library
from tests.nodes.twins import jsons_of, outputs_of, sources_of


def by(*fields: str, **more: Any) -> dict[str, Any]:
    """Params to sort by fields, those with a minus descending."""
    return {
        "fields": [
            {
                "field": field.removeprefix("-"),
                "direction": "descending" if field.startswith("-") else "ascending",
            }
            for field in fields
        ],
        **more,
    }


BY_V = by("v")


def ordered(values: list[Any], params: dict[str, Any] = BY_V) -> list[Any]:
    return [
        json.get("v", "missing") for json in jsons_of("sort", params, [{"v": v} for v in values])
    ]


@pytest.mark.parametrize("params", [by("v"), {"by": "random"}, {"by": "code"}])
def test_no_items_give_none(params: dict[str, Any]) -> None:
    assert jsons_of("sort", params, []) == []


def test_any_values_have_an_order() -> None:
    mixed = [{"k": 1}, None, "b", True, 10, "A", [2], 9.5, False, "a"]
    up = [9.5, 10, False, True, "A", "a", "b", [2], {"k": 1}, None]
    assert ordered(mixed) == up
    assert ordered(mixed, by("-v")) == [{"k": 1}, [2], "b", "A", "a", True, False, 10, 9.5, None]


def test_several_fields_and_paths_count_in_their_order() -> None:
    items = [{"a": {"b": 1}, "c": 1}, {"a": {"b": 2}, "c": 2}, {"a": {"b": 1}, "c": 3}, {"c": 9}]
    assert [json["c"] for json in jsons_of("sort", by("a.b", "-c"), items)] == [3, 1, 2, 9]
    plain = [{"a.b": 2, "a": {"b": 1}}, {"a.b": 1, "a": {"b": 2}}]
    assert jsons_of("sort", by("a.b", dot_notation=False), plain) == plain[::-1]


def test_items_keep_their_lineage_and_equal_ones_their_order() -> None:
    items = [{"v": 2}, {"v": 1, "n": 1}, {"w": 0}, {"v": 1, "n": 2}]
    assert sources_of(outputs_of("sort", by("v"), items)["main"]) == [[1], [3], [0], [2]]
    assert sources_of(outputs_of("sort", by("-v"), items)["main"]) == [[0], [1], [3], [2]]


def test_a_field_that_no_item_has_is_told() -> None:
    with pytest.raises(NodeError) as failure:
        jsons_of("sort", by("nmae"), [{"name": 1}])
    assert failure.value.code == "field_not_found"


def test_fields_to_sort_by_are_needed() -> None:
    spec = library().find("sort", 1)
    assert spec is not None
    assert [fault.code for fault in spec.check({})] == ["invalid_value"]
    assert spec.check({"by": "random"}) == []


def test_a_random_order_is_the_same_when_the_step_is_tried_again() -> None:
    values = list(range(100))
    first, again = ordered(values, {"by": "random"}), ordered(values, {"by": "random"})
    assert first == again
    assert first != values
    assert sorted(first) == values


def test_code_compares_items(services: Services) -> None:
    params = {
        "by": "code",
        "code": "// the longest first\nreturn b.json.v.length - a.json.v.length;",
    }
    assert ordered(["a", "ccc", "bb", "dd"], params) == ["ccc", "bb", "dd", "a"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("return nope;", "js_error"),
        ("while (true) {}", "js_timeout"),
        ("}; return [0, 0]; {", "no_order"),  # what is no comparison at all
        ("}; return 'x'; {", "no_order"),
        ("}; return ['1', '0']; {", "no_order"),
        ("}; return [0.5, [1]]; {", "no_order"),
    ],
)
def test_code_that_compares_nothing_is_a_named_error(
    code: str, error: str, services: Services
) -> None:
    short = replace(services, code_limits=Limits(wall_s=0.5, memory_mb=64))
    with bound(short), pytest.raises(NodeError) as failure:
        ordered([1, 2], {"by": "code", "code": code})
    assert failure.value.code == error


def test_the_place_of_an_error_is_that_in_the_builders_code(services: Services) -> None:
    with pytest.raises(NodeError) as failure:
        ordered([1, 2], {"by": "code", "code": "let x;\nreturn x.y;"})
    assert getattr(failure.value, "line", None) == 2


@given(st.lists(st.none() | st.booleans() | st.integers() | st.text(max_size=2)))
def test_sorting_loses_nothing_and_sorting_again_changes_nothing(values: list[Any]) -> None:
    items = [{"v": value} for value in values]
    once = outputs_of("sort", by("v"), items)["main"]
    assert sorted(place for (place,) in sources_of(once)) == list(range(len(values)))  # type: ignore[type-var]
    assert ordered([item.json["v"] for item in once]) == [item.json["v"] for item in once]
