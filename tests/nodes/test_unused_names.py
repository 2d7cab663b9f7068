"""Names given out, each of them once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.nodes.formats.unused_names import UnusedNames


def numbered(name: str, number: int) -> str:
    return f"{name}_{number}"


def test_a_name_that_is_taken_gets_the_next_number_that_is_free() -> None:
    names = UnusedNames(numbered)
    given = [names.unused(name) for name in ("a", "a", "a_3", "a", "b", "a_3")]
    assert given == ["a", "a_2", "a_3", "a_4", "b", "a_3_2"]


@given(st.lists(st.sampled_from(["a", "a_2", "a_2_2", "a_3", "b", ""])))
def test_no_name_is_given_twice(wanted: list[str]) -> None:
    names = UnusedNames(numbered)
    given = [names.unused(name) for name in wanted]
    assert len(set(given)) == len(wanted)
    assert all(each.startswith(name) for each, name in zip(given, wanted, strict=True))


@pytest.mark.parametrize(
    "wanted", [["a"] * 2_000, [f"a_{n}" for n in range(2_000)] + ["a"] * 2_000]
)
def test_no_number_is_tried_twice(wanted: list[str]) -> None:
    tried: list[str] = []

    def counted(name: str, number: int) -> str:
        tried.append(name)
        return numbered(name, number)

    names = UnusedNames(counted)
    for name in wanted:
        names.unused(name)
    assert len(tried) <= len(wanted)
