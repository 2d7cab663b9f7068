"""Summarize: what its examples cannot say."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.errors import NodeError
from tests.nodes.twins import jsons_of, outputs_of, sources_of, type_of

ROWS = [
    {"team": "a", "n": 3, "x": "p"},
    {"team": "b", "n": 1, "x": None},
    {"team": "a", "n": 2.5, "x": ""},
    {"n": 10, "x": "p"},
]


def summarized(params: dict[str, Any], *takes: Any) -> list[Any]:
    return jsons_of("summarize", params, takes)


def one(aggregation: str, values: list[Any], **more: Any) -> Any:
    params = {"summaries": [{"aggregation": aggregation, "field": "v", **more}]}
    (given,) = summarized(params, *({"v": value} for value in values))
    (value,) = given.values()
    return value


def test_no_items_give_none() -> None:
    assert summarized({"summaries": [{"field": "v"}]}) == []


@pytest.mark.parametrize(
    ("aggregation", "values", "result"),
    [
        ("append", [1, None, "", "x"], [1, "x"]),
        ("average", [1, 2, "", "x", None], 1.5),
        ("average", ["x"], None),
        ("average", [1, 3], 2),
        ("concatenate", ["a", 1, True, {"k": 1}, None], 'a, 1, true, {"k":1}'),
        ("count", [0, False, None, "", "x"], 3),
        ("count_unique", [1, 1.0, "1", True, None, {"a": 1}, {"a": 1}], 4),
        ("max", [2, 10, None, 9], 10),
        ("max", ["b", "a"], "b"),
        ("max", [None], None),
        ("min", [2, 10, "", 9], 2),
        ("min", ["x", 5], 5),
        ("sum", [0.1, 0.2, 0.3], 0.6),
        ("sum", [10**30, 1, True, "x"], 10**30 + 1),
        ("sum", ["2", 3, " 4.5 "], 9.5),
        ("sum", ["x"], 0),
    ],
)
def test_values_come_to(aggregation: str, values: list[Any], result: Any) -> None:
    given = one(aggregation, values)
    assert given == result
    assert type(given) is type(result)


@pytest.mark.parametrize(
    ("aggregation", "result"),
    [
        ("append", ["a", None, ""]),
        ("concatenate", "a//"),
        ("count", 3),
        ("count_unique", 3),
        ("max", "a"),
        ("average", None),
    ],
)
def test_what_is_empty_may_count(aggregation: str, result: Any) -> None:
    assert one(aggregation, ["a", None, ""], separator="/", include_empty=True) == result


@pytest.mark.parametrize("values", [[1e308, 1e308], [10**400, 0.5], [10**4299 * 9, 10**4299 * 9]])
def test_a_sum_over_all_numbers_is_a_named_error(values: list[Any]) -> None:
    for aggregation in ("sum", "average"):
        with pytest.raises(NodeError) as failure:
            one(aggregation, values)
        assert failure.value.code == "number_too_large"


def test_groups_come_in_their_order_with_their_values_as_they_were() -> None:
    params = {"summaries": [{"aggregation": "sum", "field": "n"}], "group_by": ["team"]}
    items = outputs_of("summarize", params, ROWS)["main"]
    assert [item.json for item in items] == [
        {"team": "a", "sum_n": 5.5},
        {"team": "b", "sum_n": 1},
        {"team": None, "sum_n": 10},
    ]
    assert sources_of(items) == [[0, 2], [1], [3]]
    assert summarized({**params, "skip_without_group": True}, *ROWS)[-1]["team"] == "b"


def test_several_groups_are_one_within_the_other() -> None:
    params = {"summaries": [{"field": "n"}], "group_by": ["a", "b.c"]}
    rows = [
        {"a": 1, "b": {"c": "x"}, "n": 1},
        {"a": 2, "b": {"c": "x"}, "n": 1},
        {"a": 1, "b": {"c": "y"}, "n": 1},
        {"a": 1, "b": {"c": "x"}, "n": 1},
    ]
    assert summarized(params, *rows) == [
        {"a": 1, "b_c": "x", "count_n": 2},
        {"a": 1, "b_c": "y", "count_n": 1},
        {"a": 2, "b_c": "x", "count_n": 1},
    ]


def test_groups_of_the_same_name_are_one_in_the_nested_form() -> None:
    params = {"summaries": [{"field": "n"}], "group_by": ["k"], "output": "nested"}
    rows = [{"k": 1, "n": 1}, {"k": "1", "n": 1}, {"n": 1}]
    items = outputs_of("summarize", params, rows)["main"]
    assert [item.json for item in items] == [{"1": {"count_n": 2}, "null": {"count_n": 1}}]
    assert sources_of(items) == [[0, 1, 2]]
    alone = {"summaries": [{"field": "n"}], "output": "nested"}
    assert summarized(alone, *rows) == [{"count_n": 3}]


def test_names_of_results_have_no_dots_and_brackets() -> None:
    params = {"summaries": [{"field": "a.b[0] c"}], "dot_notation": False}
    assert summarized(params, {"a.b[0] c": 1}) == [{"count_a_b0_c": 1}]


@pytest.mark.parametrize(
    ("params", "is_one"),
    [
        ({"summaries": [{"field": "x.y"}, {"field": "x y"}]}, True),
        ({"summaries": [{"field": "x.y"}, {"field": "x y"}], "output": "nested"}, True),
        ({"summaries": [{"field": "n"}], "group_by": ["x.y", "x y"]}, True),
        ({"summaries": [{"field": "n"}], "group_by": ["count.n"]}, True),
        ({"summaries": [{"field": "n"}], "group_by": ["x.y", "x y"], "output": "nested"}, False),
        ({"summaries": [{"field": "n"}, {"field": "n"}], "group_by": ["x", "x"]}, False),
    ],
)
def test_two_results_of_one_name_are_a_fault(params: dict[str, Any], is_one: bool) -> None:
    assert bool(type_of("summarize").check(params)) is is_one


def test_a_field_that_no_item_has_is_told_unless_it_may_be_missing() -> None:
    params = {"summaries": [{"aggregation": "sum", "field": "totl"}], "group_by": []}
    with pytest.raises(NodeError) as failure:
        summarized(params, {"total": 1})
    assert failure.value.code == "field_not_found"
    assert "total" in failure.value.message
    assert summarized({**params, "allow_missing": True}, {"total": 1}) == [{"sum_totl": 0}]


rows = st.lists(
    st.fixed_dictionaries({"k": st.sampled_from("abc") | st.none(), "n": st.integers()}), min_size=1
)


@given(rows)
def test_sums_and_counts_are_those_of_a_simple_loop(rows: list[dict[str, Any]]) -> None:
    params = {
        "summaries": [{"aggregation": "sum", "field": "n"}, {"aggregation": "count", "field": "n"}],
        "group_by": ["k"],
    }
    sums: Counter[Any] = Counter()
    counts: Counter[Any] = Counter()
    for row in rows:
        sums[row["k"]] += row["n"]
        counts[row["k"]] += 1
    assert summarized(params, *rows) == [
        {"k": key, "sum_n": sums[key], "count_n": count} for key, count in counts.items()
    ]
