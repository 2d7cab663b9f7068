"""Set Fields: what its examples cannot say."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.nodes.registry import library
from tests.nodes.twins import jsons_of, outputs_of, sources_of


def assign(value: Any, type: str = "string", name: str = "v", **more: Any) -> dict[str, Any]:
    return {"assignments": [{"name": name, "type": type, "value": value, **more}]}


def given(params: dict[str, Any], *takes: Any) -> list[Any]:
    return jsons_of("set_fields", params, takes)


def test_no_items_give_none() -> None:
    assert given(assign("={{ $json.a }}")) == []


@pytest.mark.parametrize(
    ("type", "value", "stored"),
    [
        ("string", 5, "5"),
        ("number", "12.5", 12.5),
        ("number", 10**30, 10**30),
        ("boolean", "true", True),
        ("array", "[1]", [1]),
        ("object", '{"a": 1}', {"a": 1}),
        ("number", None, None),
    ],
)
def test_a_value_is_read_as_its_type(type: str, value: Any, stored: Any) -> None:
    assert given(assign("={{ $json.x }}", type), {"x": value}) == [{"x": value, "v": stored}]


def test_a_value_that_is_not_of_the_type_is_an_error_or_kept() -> None:
    with pytest.raises(NodeError) as failure:
        given(assign("={{ $json.x }}", "number"), {"x": 1}, {"x": "one"})
    assert failure.value.code == "invalid_params"
    assert "assignments[0].value" in failure.value.message
    kept = given(assign("={{ $json.x }}", "number", lenient=True), {"x": "2"}, {"x": "one"})
    assert [json["v"] for json in kept] == [2, "one"]


def test_a_literal_that_is_not_of_the_type_is_a_fault_unless_it_is_kept() -> None:
    spec = library().find("set_fields", 1)
    assert spec is not None
    assert [fault.path for fault in spec.check(assign("x", "number"))] == ["assignments[0].value"]
    assert spec.check(assign("x", "number", lenient=True)) == []


@pytest.mark.parametrize(
    ("params", "json"),
    [
        ({}, {"a": {"b": 1, "c": 2}, "d": 3, "v": "x"}),
        ({"include": "none"}, {"v": "x"}),
        ({"include": "selected", "fields": ["a.b"]}, {"a": {"b": 1}, "v": "x"}),
        ({"include": "except", "fields": ["a.b", "nope"]}, {"a": {"c": 2}, "d": 3, "v": "x"}),
        ({"include": "selected", "fields": ["a.b"], "dot_notation": False}, {"v": "x"}),
    ],
)
def test_other_fields_stay_as_wanted(params: dict[str, Any], json: Any) -> None:
    assert given({**assign("x"), **params}, {"a": {"b": 1, "c": 2}, "d": 3}) == [json]


def test_a_name_is_a_path_or_just_a_name() -> None:
    assert given(assign("x", name="a.b[1]"), {"a": {"c": 1}}) == [{"a": {"c": 1, "b": [None, "x"]}}]
    assert given({**assign("x", name="a.b"), "dot_notation": False}, {}) == [{"a.b": "x"}]


@pytest.mark.parametrize("json", [{"a": 2}, '{"a": 2}', "={{ $json.template }}"])
def test_fields_are_set_as_json(json: Any) -> None:
    item = {"a": 1, "template": '{"a": 2}'}
    assert given({"mode": "json", "json": json, "include": "none"}, item) == [{"a": 2}]


def test_json_that_is_no_object_is_an_error() -> None:
    with pytest.raises(NodeError) as failure:
        given({"mode": "json", "json": "={{ $json.x }}"}, {"x": "[1]"})
    assert failure.value.code == "invalid_params"


def test_items_keep_their_files_unless_they_are_to_go() -> None:
    takes = [{"n": 1}, Item({"n": 2}, {"f": {"id": "x"}})]
    items = outputs_of("set_fields", assign("x"), takes)["main"]
    assert [item.binary for item in items] == [None, {"f": {"id": "x"}}]
    assert sources_of(items) == [[0], [1]]
    bare = outputs_of("set_fields", {**assign("x"), "keep_binary": False}, takes)["main"]
    assert [item.binary for item in bare] == [None, None]
