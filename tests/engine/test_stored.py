"""Outputs in stored form."""

import math
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.encoding import NotJsonError, decode, encode
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Paired, read_outputs, write_outputs
from apps.engine.stored import stored_form

MOST = 1 << 20

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
items = st.builds(
    Item,
    st.dictionaries(st.text(max_size=3), values, max_size=3),
    st.none() | st.just({"f": {"id": "x"}}),
    st.none() | st.lists(st.builds(Paired, st.integers(0, 9), st.integers(0, 2))).map(tuple),
)


@given(st.dictionaries(st.sampled_from(["main", "error", "ā"]), st.lists(items, max_size=3)))
def test_what_is_passed_on_is_what_the_bytes_stand_for(outputs: dict[str, Items]) -> None:
    written, stored = stored_form(outputs, MOST)
    assert written == encode(write_outputs(outputs)) or decode(written) == decode(
        encode(write_outputs(outputs))
    )
    assert repr(stored) == repr(read_outputs(decode(written)))


def test_an_item_that_reads_back_as_it_was_is_the_same_object() -> None:
    plain = Item({"a": [1, 2.5, None, {"b": "ā"}]}, None, (Paired(0),))
    assert stored_form({"main": [plain]}, MOST)[1]["main"][0] is plain


@pytest.mark.parametrize(
    ("value", "stored"),
    [(math.nan, None), ((1, 2), [1, 2]), ("\ud800", "\ufffd"), ([math.inf], [None])],
)
def test_an_item_that_json_cannot_carry_as_it_is_becomes_what_is_stored(
    value: Any, stored: Any
) -> None:
    (item,) = stored_form({"main": [Item({"v": value})]}, MOST)[1]["main"]
    assert item.json == {"v": stored}
    assert type(item.json["v"]) is type(stored)


def test_what_is_no_json_at_all_is_refused() -> None:
    with pytest.raises(NotJsonError):
        stored_form({"main": [Item({"v": object()})]}, MOST)


def test_writing_stops_where_it_becomes_too_large() -> None:
    item = Item({"text": "x" * 1_000})
    taken = 0

    def endless() -> Iterator[Item]:
        nonlocal taken
        for each in repeat(item):
            taken += 1
            yield each

    with pytest.raises(NodeError) as failure:
        stored_form({"main": endless()}, 100_000)  # type: ignore[dict-item]
    assert failure.value.code == "output_too_large"
    assert "100,000" in failure.value.message
    assert taken < 100
