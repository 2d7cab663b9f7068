"""Paths of webhooks with names: which are sound, what fits them, and what stands there."""

from typing import Any

import pytest

from apps.nodes.webhooks.paths import pattern_of, patterns_for, values_in
from tests.nodes.twins import type_of


def faults_of(params: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.path, fault.message) for fault in type_of("webhook").check(params)]


@pytest.mark.parametrize(
    "path", ["orders/:id", "orders/:id/items/:item_2", "a/:b/:c", "a/:b/c/d/e/f/g/h"]
)
def test_parts_of_a_path_may_be_names(path: str) -> None:
    assert faults_of({"path": path}) == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (":id", "first part"),
        (":a/orders", "first part"),
        ("orders/:", "“:”"),
        ("orders/:a-b", "“:a-b”"),
        ("orders/:ä", "“:ä”"),
        ("orders/a:b", "letters, digits"),
        ("orders//:id", "letters, digits"),
        ("orders/../:id", "letters, digits"),
        ("orders/:id/:id", "once"),
        ("a/b/c/d/e/f/g/h/:id", "at most 8 parts"),
    ],
)
def test_a_name_that_is_none_is_a_fault_that_says_why(path: str, told: str) -> None:
    [(place, message)] = faults_of({"path": path})
    assert place == "path"
    assert told in message


def test_a_form_has_no_names() -> None:
    fields = [{"name": "a", "type": "text"}]
    faults = type_of("form").check({"title": "Order", "path": "orders/:id", "fields": fields})
    assert [fault.path for fault in faults] == ["path"]


def test_two_paths_that_differ_by_names_alone_are_one_address() -> None:
    claims = [type_of("webhook").claims({"path": f"orders/:{name}"}) for name in ("id", "number")]
    assert claims[0] == claims[1]
    assert pattern_of("a/:b/c") == "a/:/c"


def test_a_request_is_looked_for_by_the_most_exact_pattern_from_the_left_first() -> None:
    assert list(patterns_for(("a", "b", "c"))) == ["a/b/:", "a/:/c", "a/:/:"]


def test_a_part_with_other_characters_stands_only_at_a_name() -> None:
    assert list(patterns_for(("a", "b c", "d"))) == ["a/:/d", "a/:/:"]
    assert list(patterns_for(("a", ":", ".."))) == ["a/:/:"]


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ("a",),
        ("a", ""),
        ("", "a"),
        ("a b", "c"),
        ("a", "b\0"),
        ("a", "\ufffd"),
        ("a", "b" * 999),
        ("a",) * 9,
    ],
    ids=["none", "one", "empty", "no first", "odd first", "NUL", "no UTF-8", "long", "nine"],
)
def test_what_no_path_with_names_takes_is_looked_for_by_none(parts: tuple[str, ...]) -> None:
    assert list(patterns_for(parts)) == []


def test_no_request_is_looked_for_by_more_than_127_patterns() -> None:
    assert len(set(patterns_for(tuple("abcdefgh")))) == 127


def test_values_are_known_by_the_names_of_the_path() -> None:
    assert values_in("a/:b/c/:__proto__", ("a", "1/2", "c", "x")) == {"b": "1/2", "__proto__": "x"}
    assert values_in("a/b", ("a/b",)) == {}
