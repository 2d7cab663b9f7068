"""Compare Datasets: what its examples cannot say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.items import Item
from tests.nodes.twins import outputs_of, sources_of

OUTPUTS = ("only_1", "same", "different", "only_2")


def compared(left: list[Any], right: list[Any], **params: Any) -> dict[str, list[Any]]:
    takes = {"input_1": left, "input_2": right}
    params = {"match": [{"left": "id", "right": "id"}], **params}
    outputs = outputs_of("compare_datasets", params, takes)
    return {name: [item.json for item in items] for name, items in outputs.items()}


@pytest.mark.parametrize(
    ("left", "right", "given"),
    [
        ([], [], {}),
        ([{"id": 1}], [], {"only_1": [{"id": 1}]}),
        ([], [{"id": 1}], {"only_2": [{"id": 1}]}),
        (
            [{"x": 1}],
            [{"x": 1}],
            {"only_1": [{"x": 1}], "only_2": [{"x": 1}]},
        ),  # nothing to match by
    ],
)
def test_an_input_may_be_empty(left: list[Any], right: list[Any], given: Any) -> None:
    assert compared(left, right) == {name: given.get(name, []) for name in OUTPUTS}


LEFT = {"id": 1, "a": 1, "o": {"x": 1, "y": 1}, "old": 0}
RIGHT = {"id": 1, "a": 2, "o": {"x": 1, "y": 2}, "new": 0}


@pytest.mark.parametrize(
    ("params", "given"),
    [
        ({"give": "prefer_1"}, LEFT),
        ({"give": "prefer_2"}, RIGHT),
        ({"give": "mix"}, LEFT),
        ({"give": "mix", "mix_base": "input_2"}, RIGHT),
        (
            {"give": "mix", "mix_except": ["o.y", "new", "old"]},
            {"id": 1, "a": 1, "o": {"x": 1, "y": 2}, "new": 0},
        ),
        (
            {"skip": ["old", "new", "o.y"]},
            {
                "keys": {"id": 1},
                "same": {"id": 1, "o": {"x": 1}},
                "different": {"a": {"inputA": 1, "inputB": 2}},
                "skipped": {
                    "old": {"inputA": 0, "inputB": None},
                    "o": {"inputA": {"y": 1}, "inputB": {"y": 2}},
                    "new": {"inputA": None, "inputB": 0},
                },
            },
        ),
    ],
)
def test_of_items_that_differ_is_given(params: dict[str, Any], given: Any) -> None:
    assert compared([LEFT], [RIGHT], **params)["different"] == [given]


def test_skipped_fields_make_no_difference() -> None:
    given = compared([LEFT], [RIGHT], skip=["a", "o.y", "old", "new"])
    assert given["same"] == [LEFT]
    assert given["different"] == []


def test_dots_may_be_just_dots() -> None:
    match = [{"left": "o.x", "right": "o.x"}]
    assert compared([LEFT], [{"o": {"x": 1}}], match=match)["only_1"] == []
    assert compared([LEFT], [{"o": {"x": 1}}], match=match, dot_notation=False)["only_1"] == [LEFT]
    assert compared([{"o.x": 1}], [{"o": {"x": 1}}], match=match, skip=["o"])["only_1"] == []


def test_values_are_compared_with_their_type_or_as_text() -> None:
    left, right = {"id": "1", "a": None, "b": 5}, {"id": 1, "b": "5"}
    strict = compared([left], [right])
    assert strict["only_1"] == [left]
    assert compared([left], [right], fuzzy=True)["same"] == [left]
    missing = compared([{"id": 1, "a": None}], [{"id": 1}])
    assert missing["different"][0]["different"] == {"a": {"inputA": None, "inputB": None}}


def test_of_several_matches_the_first_or_all_count() -> None:
    left, right = [{"id": 1, "n": 1}], [{"id": 1, "n": 1}, {"id": 1, "n": 2}]
    first = compared(left, right)
    assert (len(first["same"]), len(first["different"]), first["only_2"]) == (1, 0, right[1:])
    every = compared(left, right, multiple_matches="all")
    assert (len(every["same"]), len(every["different"]), every["only_2"]) == (1, 1, [])


def test_items_come_from_both_inputs_with_the_files_of_the_one_that_is_given() -> None:
    takes = {
        "input_1": [{"id": 0}, Item({"id": 1}, {"f": {"id": "left"}})],
        "input_2": [Item({"id": 1, "x": 1}, {"f": {"id": "right"}}), {"id": 2}],
    }
    params = {"match": [{"left": "id", "right": "id"}], "give": "prefer_2"}
    outputs = outputs_of("compare_datasets", params, takes)
    assert sources_of(outputs["only_1"]) == [[0]]
    assert sources_of(outputs["different"]) == [[1, (1, 0)]]
    assert sources_of(outputs["only_2"]) == [[(1, 1)]]
    assert outputs["different"][0].binary == {"f": {"id": "right"}}
    outputs = outputs_of("compare_datasets", {**params, "give": "prefer_1"}, takes)
    assert outputs["different"][0].binary == {"f": {"id": "left"}}


rows = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 4)}, optional={"v": st.integers(0, 2)}), max_size=6
)


@given(rows, rows, st.sampled_from(["first", "all"]))
def test_each_item_leaves_once_or_with_each_of_its_matches(
    left: list[Any], right: list[Any], matches: str
) -> None:
    takes = {"input_1": left, "input_2": right}
    params = {"match": [{"left": "id", "right": "id"}], "multiple_matches": matches}
    outputs = outputs_of("compare_datasets", params, takes)
    pairs = [
        [*left_and_right] for left_and_right in sources_of(outputs["same"] + outputs["different"])
    ]
    alone = [place for (place,) in sources_of(outputs["only_1"])]
    assert sorted({pair[0] for pair in pairs} | set(alone)) == list(range(len(left)))  # type: ignore[type-var]
    assert not {pair[0] for pair in pairs} & set(alone)
    matched = {pair[1] for pair in pairs}
    others = {place for (place,) in sources_of(outputs["only_2"])}
    assert not matched & others
    assert matched | others == {(1, place) for place in range(len(right))}
    if matches == "all":
        assert len(pairs) == sum(each["id"] == other["id"] for each in left for other in right)
