"""Limit: what its examples cannot say."""

from typing import Any

import pytest

from tests.nodes.twins import outputs_of, sources_of

THREE = [{"n": 1}, {"n": 2}, {"n": 3}]


@pytest.mark.parametrize(
    ("params", "takes", "places"),
    [
        ({}, [], []),
        ({}, THREE, [[0]]),
        ({"max_items": 0}, THREE, []),
        ({"max_items": 0, "keep": "last"}, THREE, []),
        ({"max_items": 2, "keep": "last"}, THREE, [[1], [2]]),
        ({"max_items": 9}, THREE, [[0], [1], [2]]),
        ({"max_items": 9, "keep": "last"}, THREE, [[0], [1], [2]]),
    ],
)
def test_so_many_items_pass(params: dict[str, Any], takes: list[Any], places: list[Any]) -> None:
    assert sources_of(outputs_of("limit", params, takes)["main"]) == places
