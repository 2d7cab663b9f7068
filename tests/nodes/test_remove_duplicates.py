"""Remove Duplicates: what its examples cannot say."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.ports import RunInfo
from apps.nodes.context import bound, services
from apps.nodes.inner import NoMemory
from tests.nodes.twins import outputs_of, sources_of, type_of

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
    faults = type_of("remove_duplicates").check({"compare": "except"})
    assert [fault.code for fault in faults] == ["invalid_value"]


@given(st.lists(st.sampled_from(ODD)))
def test_the_first_of_each_is_kept_and_only_that(values: list[Any]) -> None:
    items = [{"v": value} for value in values]
    places = kept({}, items)
    assert places == sorted(places)
    assert kept({}, [items[place] for place in places]) == list(range(len(places)))
    left = [items[place] for place in places]
    assert all(any(item == other for other in left) for item in items)


class MemoryKeys(NoMemory):
    """Remembers what was taken, by scope."""

    def __init__(self) -> None:
        self.seen: dict[str, set[str]] = {}
        self.most = 0

    def take_new(
        self, run: RunInfo, step: tuple[str, int], scope: str, keys: Sequence[str], most: int
    ) -> list[bool]:
        self.most = most
        seen = self.seen.setdefault(scope, set())
        is_new = [key not in seen and key not in keys[:place] for place, key in enumerate(keys)]
        seen |= set(keys)
        return is_new

    def forget(self, run: RunInfo, scope: str) -> int:
        return len(self.seen.pop(scope, ()))


@pytest.fixture
def memory() -> Iterator[MemoryKeys]:
    memory = MemoryKeys()
    with bound(replace(services(), memory=memory)):
        yield memory


EARLIER = {"operation": "earlier_runs", "compare": "selected", "fields": ["id"]}


def test_what_earlier_runs_saw_is_removed(memory: MemoryKeys) -> None:
    assert kept(EARLIER, [{"id": 1}, {"id": 2}, {"id": 1}]) == [0, 1]
    assert kept(EARLIER, [{"id": 2, "a": 1}, {"id": 3}, {"id": "2"}, {}]) == [1, 2, 3]
    assert memory.most == 10_000
    assert kept({**EARLIER, "history": 5}, []) == []
    assert memory.most == 5


def test_nodes_that_give_the_same_name_share_what_they_have_seen(memory: MemoryKeys) -> None:
    items = [{"id": 1}]
    assert [kept({**EARLIER, "scope": scope}, items) for scope in ("", "n1", "shop", "shop")] == [
        [0],
        [0],  # a name is never the same as a node's own
        [0],
        [],
    ]


def test_what_was_seen_can_be_forgotten_and_all_items_pass(memory: MemoryKeys) -> None:
    items = [{"id": 1}, {"id": 1}]
    forget = {"operation": "forget", "scope": "shop"}
    kept({**EARLIER, "scope": "shop"}, items)
    kept(EARLIER, items)
    assert kept(forget, items) == [0, 1]
    assert kept({**EARLIER, "scope": "shop"}, items) == [0]
    assert kept(EARLIER, items) == []


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"operation": "remember"}, "operation"),
        ({"compare": "some"}, "compare"),
        ({"history": 0}, "history"),
        ({"history": 1_000_001}, "history"),
        ({"scope": "x" * 65}, "scope"),
    ],
)
def test_params_that_cannot_be_are_a_fault(params: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in type_of("remove_duplicates").check(params)] == [path]
