"""When two values count as the same, and which of them comes first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.encoding import encode
from apps.nodes.values.comparing import identity, identity_of_fields, key_text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("left", "right", "same", "fuzzily"),
    [
        (1, 1.0, True, True),
        (1, "1", False, True),
        (1, True, False, False),
        (0, False, False, False),
        ("true", True, False, True),
        (None, "", False, True),
        (None, [], False, True),
        ({}, [], False, True),
        ([1], [1.0], True, True),
        ([1], ["1"], False, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, True),
        ([1, 2], [2, 1], False, False),
        (10**400, 10**400 + 1, False, False),
        (2.0**70, 2**70, True, True),
        ("A", "a", False, False),
    ],
)
def test_two_values_are_the_same_or_not(left: Any, right: Any, same: bool, fuzzily: bool) -> None:
    assert (identity(left) == identity(right)) is same
    if same or fuzzily != same:
        assert (identity(left, fuzzy=True) == identity(right, fuzzy=True)) is fuzzily


@given(values, values)
def test_without_floats_what_is_written_the_same_is_the_same(left: Any, right: Any) -> None:
    def written(value: Any) -> bytes:
        return encode(value) if not isinstance(value, dict | list) else encode(ordered(value))

    def ordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: ordered(value[name]) for name in sorted(value)}
        return [ordered(each) for each in value] if isinstance(value, list) else value

    assert (identity(left) == identity(right)) == (written(left) == written(right))


def test_an_item_that_lacks_a_field_has_no_identity() -> None:
    assert identity_of_fields({"a": 1}, [("a",), ("b",)], fuzzy=False) is None
    assert identity_of_fields({"a": 1, "b": None}, [("a",), ("b",)], fuzzy=False) is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": {"x": [1, {"y": 2, "z": 3}]}}, {"a": {"x": [1, {"z": 3, "y": 2}]}}, True),
        ({}, {"a": None}, False),
    ],
)
def test_keys_are_the_same_texts_for_what_is_the_same(one: Any, other: Any, same: bool) -> None:
    assert (key_text(one) == key_text(other)) is same
    assert (identity(one) == identity(other)) is same


def test_a_key_that_compares_as_text_takes_numbers_for_texts() -> None:
    assert key_text({"a": 1}, fuzzy=True) == key_text({"a": "1"}, fuzzy=True)
