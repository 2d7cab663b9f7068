"""How steps run: params an item, lineage, loops, waiting, code."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.engine.errors import FlowForgeError
from apps.engine.items import Item, Items, Paired
from apps.engine.outcomes import Done, LoopBatch, Wait
from apps.nodes.compiled import compiled_of
from apps.nodes.context import bound, services
from tests.nodes.twins import NOW, MemoryAttempt, make_call, run_step, type_of

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


def loop_over(position: int, collected: Items = ()) -> dict[str, Items]:  # type: ignore[assignment]
    items = [Item({"n": n}) for n in range(3)]
    batch = LoopBatch(items, position, collect=lambda: list(collected))
    return given("loop", {"batch_size": 2}, [{"returned": True}], batch=batch)


def test_a_loop_gives_batch_after_batch() -> None:
    assert [i.json["n"] for i in loop_over(0)["loop"]] == [0, 1]
    [last] = loop_over(2)["loop"]
    assert (last.json, last.paired) == ({"n": 2}, (Paired(2, 0),))


def test_a_loop_that_is_through_gives_what_came_back() -> None:
    outputs = loop_over(4, [Item({"x": 1}), Item({"x": 2})])
    assert [(i.json["x"], i.paired) for i in outputs["done"]] == [
        (1, (Paired(0, 1),)),
        (2, (Paired(1, 1),)),
    ]


@pytest.mark.parametrize(
    ("params", "wait_s"),
    [
        ({"seconds": "={{ $json.n }}"}, 90),
        ({"until": "2026-03-01T14:30:00"}, 1800),  # Riga is two hours ahead of UTC
        ({"until": "2026-03-01T12:30:00Z"}, 1800),
    ],
)
def test_a_delay_waits_until_a_moment(params: dict[str, Any], wait_s: int) -> None:
    outcome = run_step(type_of("delay"), params, [{"n": 90}]).outcome
    assert outcome == Wait("delay", NOW + timedelta(seconds=wait_s))


def test_a_delay_that_is_over_passes_its_items_on() -> None:
    call = make_call(type_of("delay"), {"seconds": 5}, [{"n": 1}, {"n": 2}])
    outcome = type_of("delay").resume(call, MemoryAttempt())
    assert isinstance(outcome, Done)
    assert [(i.json["n"], i.paired) for i in outcome.outputs["main"]] == [
        (1, (Paired(0),)),
        (2, (Paired(1),)),
    ]


def test_a_delay_of_more_than_ten_years_is_refused() -> None:
    with pytest.raises(FlowForgeError, match="ten years"):
        run_step(type_of("delay"), {"until": "2999-01-01"})


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
            given("transform", {"code": code}, takes)
        assert failure.value.code in {"no_object", "js_error", "js_syntax"}
        return
    assert [item.json for item in given("transform", {"code": code}, takes)["main"]] == json


def test_code_for_each_item_keeps_the_lineage_over_dropped_items() -> None:
    params = {"mode": "each", "code": "return $json.n > 1 ? { m: $json.n } : null"}
    [item] = given("transform", params, [{"n": 1}, {"n": 2}])["main"]
    assert (item.json, item.paired) == ({"m": 2}, (Paired(1),))


def test_code_says_itself_where_its_items_came_from() -> None:
    params = {"code": "return [{ json: {}, pairedItem: 1 }, { json: {}, pairedItem: 'x' }, {}]"}
    items = given("transform", params, [{}, {}])["main"]
    assert [item.paired for item in items] == [(Paired(1),), None, None]


def test_console_lines_of_code_go_to_the_log() -> None:
    params = {"code": "console.log('hi', 1); console.warn('ho'); return []"}
    ran = run_step(type_of("transform"), params)
    assert ran.attempt.lines == [("info", "hi 1"), ("warn", "ho")]


def test_a_mapping_for_all_items_is_made_once() -> None:
    params = {"language": "json", "mapping": {"count": "={{ $input.all().length }}"}}
    assert [i.json for i in given("transform", params, [{}, {}])["main"]] == [{"count": 2}]


def test_a_switch_may_drop_what_matches_no_rule() -> None:
    params = {"rules": [{"name": "a"}], "expression": "={{ $json.way }}", "fallback": "none"}
    outputs = given("switch", params, [{"way": "a"}, {"way": "b"}, {"way": 7}])
    assert {name: len(items) for name, items in outputs.items()} == {"a": 1}


def test_the_outputs_of_a_switch_follow_its_rules() -> None:
    switch = type_of("switch")
    assert switch.outputs({"rules": [{"name": "a"}, {"name": "b"}]}) == ("a", "b", "fallback")
    assert switch.outputs({"rules": [{"name": "a"}, 5, {}], "fallback": "none"}) == ("a",)
    assert switch.outputs({"rules": "x"}) == ("fallback",)


def test_stop_and_error_tells_the_message_of_an_error_object() -> None:
    with pytest.raises(FlowForgeError, match=r"^gone$"):
        given("stop_and_error", {"error": "={{ $json }}"}, [{"message": "gone"}])
