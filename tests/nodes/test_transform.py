"""Transform: what code and mappings give, and where it came from."""

from typing import Any

import pytest

from apps.engine.errors import FlowForgeError
from apps.engine.items import Item, Items, Paired
from tests.nodes.twins import jsons_of, outputs_of, run_step, sources_of, type_of

JSON = {"language": "json"}


def given(params: dict[str, Any], takes: Any = ({},)) -> Items:
    return outputs_of("transform", params, takes)["main"]


def failing(params: dict[str, Any], takes: Any = ({},)) -> FlowForgeError:
    with pytest.raises(FlowForgeError) as failure:
        given(params, takes)
    return failure.value


@pytest.mark.parametrize(
    ("code", "json"),
    [
        ("return [{ a: 1 }, { json: { a: 2 } }]", [{"a": 1}, {"a": 2}]),
        ("return { a: 1 }", [{"a": 1}]),
        ("return null", []),
        ("", []),
        ("return items", [{"n": 1}, {"n": 2}]),
        ("return $input.all().map(i => i.json)", [{"n": 1}, {"n": 2}]),
        ("= 1; return []", None),  # never a template: JavaScript judges it
        ("return 5", None),
        ("return [5]", None),
        ("return { json: 5 }", None),
        ("throw new Error('no')", None),
    ],
)
def test_code_over_all_items_gives_items(code: str, json: list[Any] | None) -> None:
    takes = [{"n": 1}, {"n": 2}]
    if json is None:
        with pytest.raises(FlowForgeError) as failure:
            given({"code": code}, takes)
        assert failure.value.code in {"no_object", "js_error", "js_syntax"}
        return
    assert [item.json for item in given({"code": code}, takes)] == json


def test_code_for_each_item_keeps_the_lineage_over_dropped_items() -> None:
    params = {"mode": "each", "code": "return $json.n > 1 ? { m: $json.n } : null"}
    [item] = given(params, [{"n": 1}, {"n": 2}])
    assert (item.json, item.paired) == ({"m": 2}, (Paired(1),))


def test_code_says_itself_where_its_items_came_from() -> None:
    params = {"code": "return [{ json: {}, pairedItem: 1 }, { json: {}, pairedItem: 'x' }, {}]"}
    items = given(params, [{}, {}])
    assert [item.paired for item in items] == [(Paired(1),), None, None]


def test_console_lines_of_code_go_to_the_log() -> None:
    params = {"code": "console.log('hi', 1); console.warn('ho'); return []"}
    ran = run_step(type_of("transform"), params)
    assert ran.attempt.lines == [("info", "hi 1"), ("warn", "ho")]


def test_a_mapping_for_all_items_is_made_once() -> None:
    params = {"language": "json", "mapping": {"count": "={{ $input.all().length }}"}}
    assert [i.json for i in given(params, [{}, {}])] == [{"count": 2}]


def test_code_is_not_run_without_items() -> None:
    for mode in ("all", "each"):
        assert given({"mode": mode, "code": "throw new Error('no')"}, []) == []
        assert given({**JSON, "mode": mode, "mapping": {"a": 1}}, []) == []


@pytest.mark.parametrize("value", ["5", "[$json]", "'text'", "true", "{ json: [] }"])
def test_what_code_gives_for_an_item_that_is_none_is_named_by_its_place(value: str) -> None:
    params = {"mode": "each", "code": f"return $json.bad ? {value} : $json"}
    error = failing(params, [{}, {"bad": True}])
    assert error.code == "no_object"
    assert error.message.startswith("Item 1: The result")


def test_code_that_throws_for_an_item_fails_the_step() -> None:
    params = {"mode": "each", "code": "if ($json.bad) throw new Error('not this'); return $json"}
    error = failing(params, [{}, {"bad": True}])
    assert error.code == "js_error"
    assert "not this" in error.message


def test_code_for_each_item_gives_an_item_form_its_own_source() -> None:
    code = "return { json: { n: $json.n }, binary: { f: { id: 'x' } }, pairedItem: 0 }"
    items = given({"mode": "each", "code": code}, [{"n": 1}, {"n": 2}])
    assert [item.json for item in items] == [{"n": 1}, {"n": 2}]
    assert [item.binary for item in items] == [{"f": {"id": "x"}}] * 2
    assert sources_of(items) == [[0], [1]]


def test_code_passes_files_on_with_the_items_that_it_gives_back() -> None:
    items = given({"code": "return items"}, [Item({"n": 1}, {"f": {"id": "x"}})])
    assert (items[0].json, items[0].binary) == ({"n": 1}, {"f": {"id": "x"}})


def test_files_that_are_no_object_are_left_out() -> None:
    assert given({"code": "return { json: {}, binary: 5 }"})[0].binary is None


@pytest.mark.parametrize("paired", ["-1", "true", "1.5", "null", "{}", "[0, 'x']", "{ item: -1 }"])
def test_a_source_that_is_none_counts_as_nothing(paired: str) -> None:
    [item] = given({"code": f"return {{ json: {{}}, pairedItem: {paired} }}"})
    assert item.paired is None


@pytest.mark.parametrize(
    ("paired", "sources"), [("{ item: 1 }", [1]), ("[0, 1]", [0, 1]), ("[{ item: 1 }, 0]", [1, 0])]
)
def test_a_source_may_be_told_in_several_forms(paired: str, sources: list[int]) -> None:
    items = given({"code": f"return {{ json: {{}}, pairedItem: {paired} }}"}, [{}, {}])
    assert sources_of(items) == [sources]


@pytest.mark.parametrize(
    ("mapping", "jsons"),
    [
        ({}, [{}]),
        (None, []),
        ([], []),
        ([{"a": 1}, {"json": {"a": 2}}, None], [{"a": 1}, {"a": 2}]),
        ({"a": {"b": ["={{ $json.n }}"]}}, [{"a": {"b": [1]}}]),
        ("={{ $json }}", [{"n": 1}]),
        ("={{ $input.all() }}", [{"n": 1}, {"n": 2}]),
    ],
)
def test_a_mapping_for_all_items_gives_one_or_a_list(mapping: Any, jsons: list[Any]) -> None:
    assert jsons_of("transform", {**JSON, "mapping": mapping}, [{"n": 1}, {"n": 2}]) == jsons


@pytest.mark.parametrize("mapping", ["text", 5, [5], {"json": "x"}, "={{ $json.n }}"])
def test_a_mapping_that_gives_no_objects_is_a_named_error(mapping: Any) -> None:
    assert failing({**JSON, "mapping": mapping}, [{"n": 1}]).code == "no_object"


def test_a_mapping_for_each_item_keeps_the_lineage_over_dropped_items() -> None:
    mapping = "={{ $json.n > 1 ? { m: $json.n } : null }}"
    items = given({**JSON, "mode": "each", "mapping": mapping}, [{"n": 1}, {"n": 2}])
    assert [item.json for item in items] == [{"m": 2}]
    assert sources_of(items) == [[1]]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"language": "python"}, "language"),
        ({"mode": "once"}, "mode"),
        ({"code": 5}, "code"),
        ({"code": "return ("}, "code"),
        ({"code": "x" * 200_001}, "code"),
    ],
)
def test_what_cannot_be_run_is_a_fault(params: dict[str, Any], path: str) -> None:
    assert path in [fault.path for fault in type_of("transform").check(params)]
