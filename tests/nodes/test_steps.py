"""How steps run: params an item, lineage, what templates see."""

from dataclasses import replace
from typing import Any

import pytest

from apps.engine.items import Item, Items, Paired
from apps.engine.outcomes import Done
from apps.nodes.compiled import compiled_of
from apps.nodes.context import bound, services
from tests.nodes.twins import run_step, type_of

BIG = 12345678901234567890123


def given(name: str, params: dict[str, Any], takes: Any = ({},), **more: Any) -> dict[str, Items]:
    outcome = run_step(type_of(name), params, takes, **more).outcome
    assert isinstance(outcome, Done)
    return dict(outcome.outputs)


def set_field(value: Any, **more: Any) -> dict[str, Any]:
    return {"assignments": [{"name": "a", "value": value, **more}]}


def test_integers_of_any_size_pass_through_set_fields_exactly() -> None:
    params = set_field("={{ $json.n }}", type="number")
    [item] = given("set_fields", params, [{"n": BIG}])["main"]
    assert item.json == {"n": BIG, "a": BIG}


def test_the_log_says_when_javascript_rounded_an_integer() -> None:
    params = set_field("={{ $json.n + 1 }}", type="number")
    ran = run_step(type_of("set_fields"), params, [{"n": BIG}])
    assert [level for level, _ in ran.attempt.lines] == ["warn"]


def test_the_log_says_which_expression_first_gave_nothing() -> None:
    assignments = [
        {"name": "a", "value": "={{ $json.n.x.y }}"},
        {"name": "b", "value": "=b{{ 1 }}{{ JSON.parse($json.n) }}"},
    ]
    ran = run_step(
        type_of("set_fields"), {"assignments": assignments}, [{"n": {"x": {}}}, {"n": 1}, {}]
    )
    [(level, text)] = ran.attempt.lines
    assert level == "debug"
    assert text.startswith("An expression gave nothing for item 0: assignments[1].value: ")


@pytest.mark.parametrize("count", [1, 5_000])  # more than goes over at once
def test_a_mistyped_name_is_told_for_the_item_where_it_stands(count: int) -> None:
    takes = [*({"n": 1} for _ in range(count)), {"n": 2}, {"n": 2}]
    ran = run_step(type_of("set_fields"), set_field("={{ $json.n === 1 ? 0 : $jsn.a }}"), takes)
    where = f"item {count}: assignments[0].value"
    told = f"An expression gave nothing for {where}: $jsn is not defined."
    assert ran.attempt.lines == [("debug", told)]


def test_an_expression_that_gives_something_is_not_spoken_of() -> None:
    ran = run_step(type_of("set_fields"), set_field("={{ $json.n?.x ?? 'none' }}"), [{}])
    assert ran.attempt.lines == []


def test_an_item_stays_traceable_whatever_it_came_from_before() -> None:
    old = Item({"n": 1}, {"file": "ref"}, (Paired(7, 3),))
    [_, item] = given("set_fields", set_field("x"), [{}, old])["main"]
    assert item.paired == (Paired(1),)
    assert item.binary == {"file": "ref"}


def test_inputs_are_not_changed() -> None:
    source = {"a": {"b": 1}}
    given("set_fields", {"assignments": [{"name": "a.c", "value": "x"}]}, [source])
    assert source == {"a": {"b": 1}}


def test_a_step_without_items_gives_none() -> None:
    assert given("set_fields", set_field("={{ $json.n }}"), []) == {"main": []}
    assert given("transform", {"language": "json", "mode": "each"}, []) == {"main": []}


def test_a_template_reaches_earlier_nodes_and_the_workflow() -> None:
    params = set_field("={{ $('First').first().json.x }} in {{ $workflow.name }}")
    [item] = given("set_fields", params, nodes={"First": [{"x": 5}]})["main"]
    assert item.json["a"] == "5 in Demo"


def test_what_is_not_known_of_the_workflow_is_not_said() -> None:
    [item] = given("set_fields", set_field("={{ Object.keys($workflow).join() }}"))["main"]
    assert item.json["a"] == "id,name,active"


def test_expressions_read_what_the_operator_opens_of_the_environment() -> None:
    template = set_field("={{ $env.SHOP + ($env.PATH ?? '-') }}")
    with bound(replace(services(), environment={"SHOP": "Riga"})):
        [item] = given("set_fields", template)["main"]
    assert item.json["a"] == "Riga-"


def test_a_run_that_a_person_started_is_a_test() -> None:
    [item] = given("set_fields", set_field("={{ $execution.mode }}"))["main"]
    assert item.json["a"] == "test"


def test_params_of_a_node_are_compiled_once() -> None:
    params = set_field("={{ $json.n }}")
    assert compiled_of(type_of("set_fields"), params) is compiled_of(type_of("set_fields"), params)


def test_set_fields_writes_json_over_the_chosen_fields() -> None:
    params = {
        "mode": "json",
        "json": '={"b": {{ $json.a }} }',
        "include": "except",
        "fields": ["c"],
    }
    [item] = given("set_fields", params, [{"a": 1, "c": 2, "d": 3}])["main"]
    assert item.json == {"a": 1, "b": 1, "d": 3}


def test_names_with_dots_may_be_just_names() -> None:
    params = {"assignments": [{"name": "a.b", "value": "x"}], "dot_notation": False}
    [item] = given("set_fields", params)["main"]
    assert item.json == {"a.b": "x"}
