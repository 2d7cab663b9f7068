"""Faults of params: where, what, and that templates are left alone."""

import re
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.nodes.registry import library
from tests.nodes.twins import run_step, type_of

TRUE = {"leftValue": True, "operator": {"type": "boolean", "operation": "true"}}


@pytest.mark.parametrize(
    ("type", "params", "path", "code"),
    [
        ("http_call", {}, "url", "missing"),
        ("http_call", {"url": 5}, "url", "wrong_type"),
        ("http_call", {"url": "={{ }}"}, "url", "missing"),
        ("http_call", {"url": "x", "method": "FROB"}, "method", "not_one_of"),
        ("http_call", {"url": "x", "headers": {"a": {"b": 1}}}, "headers.a", "wrong_type"),
        ("http_call", {"url": "x", "timeout_s": "5"}, "timeout_s", "wrong_type"),
        ("http_call", {"url": "={{ $json. }}"}, "url", "expression_syntax"),
        ("http_call", {"url": "x", "body_kind": "json", "body": "{"}, "body", "invalid_value"),
        (
            "http_call",
            {"url": "x", "body_kind": "form", "body": {"a": {}}},
            "body",
            "invalid_value",
        ),
        ("webhook", {"path": "a b\x00"}, "path", "invalid_value"),
        ("webhook", {"path": "a/../b"}, "path", "invalid_value"),
        ("webhook", {"path": 7}, "path", "wrong_type"),
        ("webhook", {"path": "={{ 1 }}"}, "path", "invalid_value"),
        ("webhook", {"path": "x", "response_status": 99}, "response_status", "unknown_param"),
        ("webhook", {"path": "x", "method": "FROB"}, "method", "not_one_of"),
        ("delay", {}, "", "invalid_value"),
        ("delay", {"seconds": -1}, "seconds", "invalid_value"),
        ("delay", {"seconds": 1e20}, "seconds", "invalid_value"),
        ("delay", {"seconds": float("nan")}, "seconds", "invalid_value"),
        ("delay", {"until": "soon"}, "until", "invalid_value"),
        ("delay", {"seconds": 1, "until": "2026-01-01"}, "", "invalid_value"),
        ("transform", {"code": 5}, "code", "wrong_type"),
        ("transform", {"code": "return {"}, "code", "js_syntax"),
        ("condition", {}, "conditions", "missing"),
        (
            "filter",
            {"conditions": {"conditions": [{"operator": {"type": "string", "operation": "gt"}}]}},
            "conditions.conditions[0].operator.operation",
            "invalid_value",
        ),
        ("set_fields", {"assignments": [{"value": 1}]}, "assignments[0].name", "missing"),
        (
            "set_fields",
            {"assignments": [{"name": "a", "type": "number", "value": "x"}]},
            "assignments[0].value",
            "invalid_value",
        ),
        ("set_fields", {"mode": "json", "json": "[1]"}, "json", "invalid_value"),
        ("switch", {"rules": [{"name": "={{ 1 }}"}]}, "rules[0].name", "literal_only"),
        ("switch", {"rules": [{"name": "a"}, {"name": "a"}]}, "rules[1].name", "invalid_value"),
        ("switch", {"rules": [{"name": "fallback"}]}, "rules[0].name", "invalid_value"),
        ("merge", {"input_count": 1}, "input_count", "invalid_value"),
        ("merge", {"input_count": "={{ 2 }}"}, "input_count", "literal_only"),
        ("merge", {"mode": "combine"}, "fields", "invalid_value"),
        ("loop", {"batch_size": 0}, "batch_size", "invalid_value"),
        ("stop_and_error", {}, "", "invalid_value"),
        ("schedule", {"cron": "* * * * * * *"}, "cron", "invalid_value"),
        ("schedule", {"cron": "0 0 30 2 *"}, "cron", "invalid_value"),
        ("schedule", {"cron": "0 8 * * *", "timezone": "Europe"}, "timezone", "invalid_value"),
        ("schedule", {"rules": "={{ [] }}"}, "rules", "wrong_type"),
        ("schedule", {"rules": [{"unit": "weeks", "on": [8]}]}, "rules[0].on", "invalid_value"),
    ],
)
def test_a_wrong_param_is_told_at_its_path(
    type: str, params: dict[str, Any], path: str, code: str
) -> None:
    faults = type_of(type).check(params)
    assert [(fault.path, fault.code) for fault in faults] == [(path, code)]
    assert faults[0].message.endswith((".", ")"))


@pytest.mark.parametrize(
    ("type", "params"),
    [
        ("transform", {}),
        ("transform", {"code": "= 5; return items"}),  # code, though it begins like a template
        ("http_call", {"url": "={{ $json.url }}", "method": "={{ $json.method }}"}),
        ("http_call", {"url": "x", "timeout_s": "={{ $json.n }}", "headers": {"a": 5, "b": None}}),
        ("http_call", {"url": "x", "body_kind": "form", "body": "={{ $json }}"}),
        ("delay", {"seconds": "={{ $json.n }}"}),
        ("set_fields", {"assignments": "={{ $json.assignments }}"}),
        (
            "set_fields",
            {"assignments": [{"name": "a", "type": "number", "value": "={{ $json.n }}"}]},
        ),
        ("condition", {"conditions": {"conditions": [{**TRUE, "id": "1"}], "extra": 1}}),
        ("loop", {}),
        ("no_operation", {}),
    ],
)
def test_what_may_be_right_is_no_fault(type: str, params: dict[str, Any]) -> None:
    faults = type_of(type).check(params)
    assert [fault for fault in faults if fault.code != "js_syntax"] == []


def test_all_faults_of_a_node_are_told_at_once() -> None:
    faults = type_of("http_call").check({"method": "FROB", "headers": 1, "urk": "={{ ( }}"})
    assert {fault.path for fault in faults} == {"method", "headers", "url", "urk"}


def test_an_unknown_param_suggests_the_one_that_was_meant() -> None:
    [missing, unknown] = type_of("filter").check({"condition": []})
    assert (missing.path, unknown.path) == ("conditions", "condition")
    assert "Did you mean “conditions”?" in unknown.message


def test_a_whole_graph_is_checked_node_by_node() -> None:
    nodes = [
        Node("a", "transform", "A", {"code": "return ("}),
        Node("b", "nope", "B", {"x": 1}),
        Node("c", "http_call", "C", {"url": "=a{{ ) }}"}),
        Node("d", "loop", "D", {}),
    ]
    faults = library().check(nodes)
    assert [[fault.path for fault in told] for told in faults] == [["code"], [], ["url"], []]


def test_a_template_that_gives_the_wrong_type_fails_the_step_by_the_params_name() -> None:
    with pytest.raises(NodeError, match="batch_size") as failure:
        run_step(type_of("loop"), {"batch_size": "={{ $json.n }}"}, [{"n": "many"}])
    assert failure.value.code == "invalid_params"


def test_numbers_from_templates_become_text_where_text_is_wanted() -> None:
    params = {"message": "={{ $json.n }}"}
    with pytest.raises(NodeError, match="12345678901234567890"):
        run_step(type_of("stop_and_error"), params, [{"n": 12345678901234567890}])


def test_the_fault_of_a_rule_over_fields_says_its_path_once() -> None:
    [fault] = type_of("switch").check({"rules": [{"name": "a"}, {"name": "a"}]})
    assert (fault.path, fault.message) == ("rules[1].name", "An output “a” is there already.")
    with pytest.raises(NodeError) as failure:
        run_step(
            type_of("http_call"),
            {"url": "https://api.test", "body_kind": "json", "body": '={{ "{,}" }}'},
        )
    assert failure.value.message.startswith("body: The body is not JSON: ")
    assert failure.value.message.count("JSON") == 1


@pytest.mark.parametrize(
    ("type", "params"),
    [
        (
            "set_fields",
            {"assignments": [{"name": "a", "type": "object", "value": "={{ $json.t }}"}]},
        ),
        ("delay", {"until": "={{ $json.t }}"}),
        ("jwt", {"claims": "={{ $json.t }}", "credential": "c"}),
        ("convert_to_file", {"encoding": "={{ $json.t }}"}),
        ("date_time", {"timezone": "={{ $json.t }}"}),
    ],
)
def test_half_a_character_where_another_value_is_wanted_is_a_named_error(
    type: str, params: dict[str, Any]
) -> None:
    with pytest.raises(NodeError) as failure:
        run_step(type_of(type), params, [{"t": "\ud83d"}])
    assert "\ud83d" not in failure.value.message


def test_half_a_character_is_a_fault_of_a_literal_too() -> None:
    assert [fault.code for fault in type_of("date_time").check({"timezone": "\ud83d"})] == [
        "invalid_value"
    ]


URL = "={{ $json.url }}"
NAMED_TWICE = [{"name": "a", "conditions": {"conditions": [TRUE]}}, {"name": "a"}]


@pytest.mark.parametrize(
    ("type", "params", "path", "told"),
    [
        ("http_call", {"url": URL, "body": {"a": 1}}, "body", "body_kind"),
        ("http_call", {"url": "x", "body": "={{ $json }}"}, "body", "body_kind"),
        ("http_call", {"url": URL, "body_kind": "json"}, "body", "nothing to send"),
        ("http_call", {"url": "x", "body_kind": "json", "body": " "}, "body", "nothing to send"),
        ("http_call", {"url": URL, "body_kind": "form", "body": ""}, "body", "nothing to send"),
        ("http_call", {"url": URL, "pagination": {}}, "pagination.next_url", "next page"),
        (
            "http_call",
            {"url": URL, "pagination": {"until": "expression", "is_last": URL}},
            "pagination.next_url",
            "next page",
        ),
        ("html", {"value": "={{ $json.page }}"}, "extract", "is needed"),
        ("switch", {"rules": NAMED_TWICE, "expression": URL}, "rules[1].name", "there already"),
    ],
)
def test_what_would_silently_do_nothing_is_a_fault_beside_any_template(
    type: str, params: dict[str, Any], path: str, told: str
) -> None:
    [fault] = type_of(type).check(params)
    assert (fault.path, fault.code) == (path, "invalid_value")
    assert told in fault.message


@pytest.mark.parametrize(
    ("type", "params"),
    [
        ("http_call", {"url": "x", "body": ""}),  # as an empty form leaves it
        ("http_call", {"url": "x", "body": {}}),
        ("http_call", {"url": "x", "body_kind": "={{ $json.kind }}", "body": "a"}),
        ("http_call", {"url": "x", "body_kind": "json", "body": {}}),
        ("http_call", {"url": "x", "body_kind": "json", "body": "null"}),  # as it is typed
        (
            "http_call",
            {
                "url": "x",
                "body_kind": "json",
                "pagination": {"mode": "parameters", "body": {"page": "={{ $pageCount }}"}},
            },
        ),
        ("http_call", {"url": "x", "pagination": {"mode": "parameters"}}),
        ("http_call", {"url": "x", "pagination": {"next_url": "={{ $response.body.next }}"}}),
        ("html", {"operation": "table"}),
        ("html", {"extract": "={{ $json.wanted }}"}),
    ],
)
def test_what_has_its_effect_is_no_fault(type: str, params: dict[str, Any]) -> None:
    assert type_of(type).check(params) == []


RULE = {"conditions": [{"leftValue": 1, "operator": "equals"}]}


@pytest.mark.parametrize(
    ("type", "params", "told"),
    [
        ("http_call", {"url": None}, "Text is needed, not null."),
        ("http_call", {"url": "x", "headers": "a"}, "An object is needed, not text."),
        ("set_fields", {"assignments": {"name": 1}}, "A list is needed, not an object."),
        ("filter", {"conditions": []}, "An object is needed, not a list."),
        ("filter", {"conditions": RULE}, "An object is needed, not text."),
        ("limit", {"max_items": 2.5}, "A whole number is needed."),
        ("limit", {"max_items": True}, "A whole number is needed, not true or false."),
        ("limit", {"max_items": -1}, "It must be at least 0."),
        ("limit", {"keep": "middle"}, "It must be 'first' or 'last'."),
        (
            "schedule",
            {"rules": [{"unit": "days", "at": "25:00"}]},
            "It must be written like “08:30”.",
        ),
        ("switch", {"rules": []}, "It must not be empty."),
        ("switch", {"rules": [{"name": ""}]}, "It must not be empty."),
        ("switch", {"rules": [{"name": "a" * 65}]}, "It must have at most 64 characters."),
        (
            "jwt",
            {"operation": "decode", "keep_fields": "yes"},
            "True or false is needed, not text.",
        ),
    ],
)
def test_a_fault_says_what_was_expected(type: str, params: dict[str, Any], told: str) -> None:
    assert [fault.message for fault in type_of(type).check(params)] == [told]


ODD = [None, True, 10**30, 2.5, float("inf"), "", "x" * 100_001, [], [None], {}, {"a": [1]}, [{}]]


def test_no_fault_is_in_the_words_of_a_library() -> None:
    faults = [
        fault
        for type in library().all()
        for name in type.model.model_fields
        for value in ODD
        for fault in type.check({name: value})
    ]
    assert [
        fault.message
        for fault in faults
        if re.search(r"\b(Input|List|should|valid)\b", fault.message)
    ] == []


def test_a_param_that_is_missing_is_told_apart_from_an_expression_that_gave_nothing() -> None:
    def told(params: dict[str, Any]) -> str:
        with pytest.raises(NodeError) as failure:
            run_step(type_of("set_fields"), {"assignments": [{"value": "={{ 1 }}", **params}]})
        return failure.value.message

    assert told({}) == "assignments[0].name: This parameter is missing."
    assert (
        told({"name": "={{ $json.nope }}"}) == "assignments[0].name: The expression gave nothing."
    )


@pytest.mark.parametrize(
    ("type", "params", "path", "told"),
    [
        (
            "form",
            {"title": "Order", "fields": [{"name": "a", "type": "textfield"}]},
            "fields[0].type",
            ["There is no type “textfield”, but note, text, textarea, ", "mean “text"],
        ),
        (
            "form",
            {"title": "Order", "fields": [{"name": "a"}]},
            "fields[0].type",
            ["This parameter is missing."],
        ),
        (
            "form",
            {"title": "Order", "fields": ["a"]},
            "fields[0]",
            ["An object is needed, not text."],
        ),
    ],
)
def test_what_is_known_is_told(
    type: str, params: dict[str, Any], path: str, told: list[str]
) -> None:
    [fault] = type_of(type).check(params)
    assert fault.path == path
    assert not [each for each in told if each not in fault.message]
