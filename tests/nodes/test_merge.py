"""Merge: what its examples cannot say."""

from itertools import repeat
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item, Paired
from apps.engine.outcomes import Done
from apps.nodes.registry import library
from apps.nodes.values import joins
from apps.nodes.values.joins import Combining, combined_rows
from tests.nodes.twins import run_step, type_of

LEFT = [{"k": 1, "a": 1}, {"k": 2, "a": 2}, {"a": 3}]
RIGHT = [{"k": 1, "b": 1}, {"k": 1, "b": 2}, {"k": 9, "b": 3}]


def merged(params: dict[str, Any], **inputs: Any) -> Any:
    merge = library().find("merge", 1)
    assert merge is not None
    outcome = run_step(merge, params, inputs or {"input_1": LEFT, "input_2": RIGHT}).outcome
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


def jsons(params: dict[str, Any], **inputs: Any) -> list[Any]:
    return [item.json for item in merged(params, **inputs)]


def by_k(**more: Any) -> dict[str, Any]:
    return {"mode": "combine", "fields": [{"left": "k", "right": "k"}], **more}


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ("keep_matches", [{"k": 1, "a": 1, "b": 1}, {"k": 1, "a": 1, "b": 2}]),
        ("keep_non_matches", [{"k": 2, "a": 2}, {"a": 3}, {"k": 9, "b": 3}]),
        (
            "enrich_2",
            [{"k": 1, "a": 1, "b": 1}, {"k": 1, "a": 1, "b": 2}, {"k": 9, "b": 3}],
        ),
    ],
)
def test_inputs_are_joined_by_equal_fields(join: str, expected: list[Any]) -> None:
    assert jsons(by_k(join=join)) == expected


def test_only_the_first_match_may_count_and_the_others_are_without_a_partner() -> None:
    assert jsons(by_k(multiple_matches="first")) == [{"k": 1, "a": 1, "b": 1}]
    rest = jsons(by_k(multiple_matches="first", join="keep_non_matches"))
    assert rest == [{"k": 2, "a": 2}, {"a": 3}, {"k": 1, "b": 2}, {"k": 9, "b": 3}]


def test_fields_are_compared_with_their_type_or_as_text() -> None:
    inputs = {"input_1": [{"k": "1"}, {"k": True}], "input_2": [{"k": 1, "b": 1}]}
    assert jsons(by_k(), **inputs) == []
    assert jsons(by_k(fuzzy=True), **inputs) == [{"k": 1, "b": 1}]


def test_a_combined_item_comes_from_both_its_parts() -> None:
    items = merged(by_k())
    assert items[1].paired == (Paired(0, 0), Paired(1, 1))


@pytest.mark.parametrize(
    ("clash", "expected"),
    [
        ("last", {"x": {"a": 1, "b": 2, "c": 9}}),
        ("first", {"x": {"a": 1, "b": 2, "c": 3}}),
        ("suffix", {"x_1": {"a": 1, "c": 3}, "x_2": {"b": 2, "c": 9}}),
    ],
)
def test_the_same_field_in_both_inputs(clash: str, expected: dict[str, Any]) -> None:
    params = {"mode": "combine", "combine_by": "position", "clash": clash}
    inputs = {"input_1": [{"x": {"a": 1, "c": 3}}], "input_2": [{"x": {"b": 2, "c": 9}}]}
    assert jsons(params, **inputs) == [expected]


def test_items_without_partner_may_stay() -> None:
    params = {"mode": "combine", "combine_by": "position", "include_unpaired": True}
    inputs = {"input_1": [{"a": 1}, {"a": 2}], "input_2": [{"b": 1}]}
    assert jsons(params, **inputs) == [{"a": 1, "b": 1}, {"a": 2}]


def test_three_inputs_are_appended_in_order() -> None:
    inputs = {"input_1": [{"n": 1}], "input_2": [], "input_3": [{"n": 3}]}
    assert jsons({"input_count": 3}, **inputs) == [{"n": 1}, {"n": 3}]


def test_all_with_all_does_not_explode() -> None:
    many = [{"n": n} for n in range(1_000)]
    with pytest.raises(NodeError) as failure:
        merged({"mode": "combine", "combine_by": "all"}, input_1=many, input_2=many)
    assert failure.value.code == "too_many_items"


def test_rows_are_combined_only_as_long_as_a_step_can_give_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joins, "MAX_BYTES", 1 << 20)
    wide = Item({f"field_{n}": n for n in range(1_000)})
    with pytest.raises(NodeError) as failure:
        combined_rows(repeat((wide, wide)), Combining())  # without an end
    assert failure.value.code == "output_too_large"


def test_the_inputs_follow_their_count() -> None:
    merge = library().find("merge", 1)
    assert merge is not None
    assert merge.inputs({"input_count": 3}) == ("input_1", "input_2", "input_3")
    assert merge.inputs({"input_count": "many"}) == ("input_1", "input_2")


@pytest.mark.parametrize(
    ("join", "data_from", "expected"),
    [
        ("keep_matches", "input_1", [{"k": 1, "a": 1}]),
        ("keep_matches", "input_2", [{"k": 1, "b": 1}, {"k": 1, "b": 2}]),
        ("keep_non_matches", "input_1", [{"k": 2, "a": 2}, {"a": 3}]),
        ("keep_non_matches", "input_2", [{"k": 9, "b": 3}]),
    ],
)
def test_only_the_items_of_one_input_may_be_given(
    join: str, data_from: str, expected: list[Any]
) -> None:
    assert jsons(by_k(join=join, data_from=data_from)) == expected


def test_everything_is_kept_with_those_that_match_as_one() -> None:
    assert jsons(by_k(join="keep_everything", data_from="input_1")) == [
        {"k": 1, "a": 1, "b": 1},
        {"k": 1, "a": 1, "b": 2},
        {"k": 2, "a": 2},
        {"a": 3},
        {"k": 9, "b": 3},
    ]


def test_an_empty_value_may_replace_none() -> None:
    params = {"mode": "combine", "combine_by": "position", "keep_filled": True}
    left = {"a": 1, "b": 2, "o": {"x": 1, "y": 1}, "l": [1, 2]}
    right = {"a": "", "b": 3, "o": {"x": None, "y": 2}, "l": [None], "c": None}
    assert jsons(params, input_1=[left], input_2=[right]) == [
        {"a": 1, "b": 3, "o": {"x": 1, "y": 2}, "l": [1, 2], "c": None}
    ]
    shallow = jsons({**params, "deep": False}, input_1=[left], input_2=[right])
    assert shallow == [{"a": 1, "b": 3, "o": {"x": None, "y": 2}, "l": [None], "c": None}]


@pytest.mark.parametrize(
    ("branch", "expected"), [(0, [{}]), (1, [{"k": 1}]), (2, [{"k": 2}, {"k": 3}])]
)
def test_one_branch_is_passed_on(branch: int, expected: list[Any]) -> None:
    params = {"mode": "choose_branch", "branch": branch}
    assert jsons(params, input_1=[{"k": 1}], input_2=[{"k": 2}, {"k": 3}]) == expected


@pytest.mark.parametrize("params", [{}, by_k(), {"mode": "combine", "combine_by": "all"}])
def test_no_items_give_none(params: dict[str, Any]) -> None:
    assert jsons(params, input_1=[], input_2=[]) == []


@pytest.mark.parametrize("how", [{"combine_by": "position"}, {"combine_by": "all"}, by_k()])
@pytest.mark.parametrize(
    ("clash", "names"),
    [
        (None, {"data": "two", "data_1": "one", "own": "own"}),
        ("first", {"data": "one", "data_1": "two", "own": "own"}),
        ("suffix", {"data_1": "one", "own_1": "own", "data_2": "two"}),
    ],
)
def test_every_file_stays(how: Any, clash: Any, names: dict[str, str]) -> None:
    one = Item({"k": 1}, {"data": {"id": "one"}, "own": {"id": "own"}})
    two = Item({"k": 1}, {"data": {"id": "two"}})
    [item] = merged({"mode": "combine", **how, "clash": clash}, input_1=[one], input_2=[two])
    assert {name: file["id"] for name, file in item.binary.items()} == names


def test_a_file_that_both_have_stays_once() -> None:
    same = [Item({}, {"data": {"id": "same"}})]
    [item] = merged({"mode": "combine", "combine_by": "position"}, input_1=same, input_2=same)
    assert item.binary == {"data": {"id": "same"}}


def test_dots_in_the_names_of_fields_may_be_just_dots() -> None:
    inputs = {"input_1": [{"c": {"id": 7}, "a": 1}], "input_2": [{"c.id": 7, "b": 1}]}
    fields = [{"left": "c.id", "right": "c.id"}]
    params = {"mode": "combine", "fields": fields}
    assert jsons(params, **inputs) == [{"c": {"id": 7}, "a": 1, "c.id": 7, "b": 1}]
    assert jsons({**params, "dot_notation": False}, **inputs) == []


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"mode": "combine"}, "fields"),
        ({"mode": "combine", "fields": [{"left": "a", "right": ""}]}, "fields[0].right"),
        ({"mode": "combine", "fields": [{"left": "a", "right": "a"}], "input_count": 3},
         "input_count"),
        ({"mode": "choose_branch", "branch": 3}, "branch"),
        ({"mode": "choose_branch", "branch": -1}, "branch"),
        ({"input_count": 1}, "input_count"),
        ({"input_count": 21}, "input_count"),
        ({"join": "outer"}, "join"),
        ({"clash": "middle"}, "clash"),
    ],
)  # fmt: skip
def test_inputs_that_cannot_be_merged_so_are_a_fault(params: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in type_of("merge").check(params)] == [path]
