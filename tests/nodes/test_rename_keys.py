"""Rename Keys: what its examples cannot say."""

from dataclasses import replace
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.expressions.sandbox import Limits
from apps.nodes.context import Services, bound
from tests.nodes.twins import jsons_of, outputs_of, run_step, sources_of, type_of


def renamed(params: dict[str, Any], *takes: Any) -> list[Any]:
    return jsons_of("rename_keys", params, takes)


def names(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"keys": [{"old": old, "new": new} for old, new in pairs]}


def by_pattern(pattern: str, replacement: str, **more: Any) -> dict[str, Any]:
    return {"patterns": [{"pattern": pattern, "replacement": replacement, **more}]}


@pytest.mark.parametrize("params", [{}, names(("a", "b")), by_pattern("a", "b")])
def test_no_items_give_none(params: dict[str, Any], services: Services) -> None:
    assert renamed(params) == []


@pytest.mark.parametrize(
    ("pair", "json", "given"),
    [
        (("a", "b"), {"a": 1}, {"b": 1}),
        (("a", "b"), {"a": None}, {"b": None}),
        (("a", "b"), {"c": 1}, {"c": 1}),
        (("a", "a"), {"a": 1}, {"a": 1}),
        (("a", "b"), {"b": 1, "a": 2}, {"b": 2}),
        (("a.b", "a.c"), {"a": {"b": 1}}, {"a": {"c": 1}}),
        (("a.b", "c.d"), {"a": {"b": 1, "x": 2}}, {"a": {"x": 2}, "c": {"d": 1}}),
        (("a[0]", "first"), {"a": [1, 2]}, {"a": [2], "first": 1}),
        (("a.b", "c"), {"a.b": 1}, {"c": 1}),
        (("a", "b.c"), {"a": 1, "b": {"d": 2}}, {"b": {"d": 2, "c": 1}}),
    ],
)
def test_a_field_gets_another_name(pair: tuple[str, str], json: Any, given: Any) -> None:
    assert renamed(names(pair), json) == [given]


def test_a_renamed_field_keeps_its_place() -> None:
    (json,) = renamed(names(("b", "x")), {"a": 1, "b": 2, "c": 3})
    assert list(json) == ["a", "x", "c"]


def test_dots_may_be_just_dots() -> None:
    params = {**names(("a.b", "c.d")), "dot_notation": False}
    assert renamed(params, {"a": {"b": 1}}, {"a.b": 1}) == [{"a": {"b": 1}}, {"c.d": 1}]


@pytest.mark.parametrize(
    ("pairs", "json", "given"),
    [
        ([("a", "b"), ("b", "a")], {"a": 1, "b": 2}, {"b": 1, "a": 2}),
        ([("a", "b"), ("b", "a")], {"a": 1}, {"b": 1}),
        ([("a", "b"), ("b", "c")], {"a": 1, "b": 2}, {"b": 1, "c": 2}),
        ([("a", "b"), ("b", "c")], {"a": 1}, {"b": 1}),
        ([("a", "b"), ("b", "c"), ("c", "a")], {"a": 1, "b": 2, "c": 3}, {"b": 1, "c": 2, "a": 3}),
        ([("x.a", "x.b"), ("x.b", "x.a")], {"x": {"a": 1, "b": 2}}, {"x": {"b": 1, "a": 2}}),
        ([("a", "x.a"), ("x.a", "a")], {"a": 1, "x": {"a": 2}}, {"x": {"a": 1}, "a": 2}),
        ([("a", "b"), ("a", "c")], {"a": 1}, {"b": 1}),
    ],
)
def test_all_names_change_at_once(pairs: list[tuple[str, str]], json: Any, given: Any) -> None:
    assert renamed(names(*pairs), json) == [given]


def test_items_keep_all_else() -> None:
    item = Item({"a": 1}, {"data": {"id": "f"}})
    items = outputs_of("rename_keys", names(("a", "b")), [{"x": 1}, item])["main"]
    assert [each.json for each in items] == [{"x": 1}, {"b": 1}]
    assert items[1].binary == {"data": {"id": "f"}}
    assert sources_of(items) == [[0], [1]]


def test_what_replaces_another_field_is_logged() -> None:
    takes = [{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": None}]
    ran = run_step(type_of("rename_keys"), names(("a", "b"), ("x", "y")), takes)
    assert ran.attempt.lines == [("warn", "“a” took the place of another field “b” in 2 items.")]


@pytest.mark.parametrize(
    ("params", "given"),
    [
        (by_pattern("_", "-"), {"A-b-c": {"a-d": [{"a-e": {"a-f": 1}}]}}),
        (by_pattern("_", "-", depth=0), {"A-b-c": {"a_d": [{"a_e": {"a_f": 1}}]}}),
        (by_pattern("_", "-", depth=2), {"A-b-c": {"a-d": [{"a-e": {"a_f": 1}}]}}),
        (by_pattern("^a_(.)$", "$1$1"), {"A_b_c": {"dd": [{"ee": {"ff": 1}}]}}),
        (by_pattern("^a", "x", ignore_case=True), {"x_b_c": {"x_d": [{"x_e": {"x_f": 1}}]}}),
        (by_pattern("/^A/i", "x", depth=0), {"x_b_c": {"a_d": [{"a_e": {"a_f": 1}}]}}),
    ],
)
def test_patterns_rename_on_so_many_levels(
    params: dict[str, Any], given: Any, services: Services
) -> None:
    assert renamed(params, {"A_b_c": {"a_d": [{"a_e": {"a_f": 1}}]}}) == [given]


def test_a_pattern_that_cannot_be_read_is_a_named_error(services: Services) -> None:
    with pytest.raises(NodeError) as failure:
        renamed(by_pattern("(", "x"), {"a": 1})
    assert failure.value.code == "invalid_regex"


def test_a_pattern_that_never_ends_is_stopped(services: Services) -> None:
    short = replace(services, expression_limits=Limits(wall_s=0.3, memory_mb=64))
    with bound(short), pytest.raises(NodeError) as failure:
        renamed(by_pattern("^(a+)+$", "x"), {"a" * 40 + "b": 1})
    assert failure.value.code == "js_timeout"
