"""What each of n8n's node types becomes: the params of ours."""

from typing import Any

import pytest

from apps.engine.graph import Node
from apps.interchange.n8n.convert import convert
from apps.interchange.n8n.table import TRANSLATORS
from apps.nodes.registry import library
from tests.interchange.workflows import n8n_node, n8n_workflow, to

EQUALS = {
    "leftValue": "={{ $json.a }}",
    "operator": {"type": "string", "operation": "equals"},
    "rightValue": "x",
}
GROUP = {"combinator": "and", "conditions": [EQUALS]}
STRICT = {"caseSensitive": True, "typeValidation": "strict", "version": 2}
LOOSE = STRICT | {"typeValidation": "loose"}
CASES: list[tuple[str, float, dict[str, Any], str, dict[str, Any]]] = [
    # n8n's type, version and parameters; our type and params.
    (
        "webhook",
        2,
        {"path": "a", "httpMethod": "POST", "responseMode": "responseNode"},
        "webhook",
        {"path": "a", "method": "POST", "authentication": "none", "respond": "respond_node"},
    ),
    # The hour and the day of the week are counted otherwise.
    (
        "scheduleTrigger",
        1.2,
        {"rule": {"interval": [{"field": "weeks", "triggerAtDay": [0, 1], "triggerAtHour": 9}]}},
        "schedule",
        {"rules": [{"unit": "weeks", "every": 1, "at": "09:00", "on": [1, 7]}]},
    ),
    (
        "cron",
        1,
        {"triggerTimes": {"item": [{"hour": 23, "minute": 5}]}},
        "schedule",
        {"rules": [{"unit": "days", "every": 1, "at": "23:05"}]},
    ),
    (
        "httpRequest",
        4.2,
        {
            "method": "POST",
            "url": "https://a.test",
            "sendHeaders": True,
            "headerParameters": {"parameters": [{"name": "X-A", "value": "={{ $json.a }}"}]},
            "sendBody": True,
            "specifyBody": "json",
            "jsonBody": '{"n": 1}',
            "options": {"timeout": 5_000},
        },
        "http_call",
        {
            "method": "POST",
            "url": "https://a.test",
            "whole_response": False,
            "headers": {"X-A": "={{ $json.a }}"},
            "body_kind": "json",
            "body": {"n": 1},
            "response": "auto",
            "timeout_s": 5,
        },
    ),
    # The first versions have other names for all.
    (
        "httpRequest",
        1,
        {
            "requestMethod": "PUT",
            "url": "https://a.test",
            "queryParametersUi": {"parameter": [{"name": "q", "value": "1"}]},
        },
        "http_call",
        {
            "method": "PUT",
            "url": "https://a.test",
            "whole_response": False,
            "query": {"q": "1"},
            "response": "json",
        },
    ),
    (
        "code",
        2,
        {"jsCode": "return [];", "mode": "runOnceForEachItem"},
        "transform",
        {"language": "javascript", "mode": "each", "code": "return [];"},
    ),
    (
        "functionItem",
        1,
        {"functionCode": "return item;"},
        "transform",
        {"language": "javascript", "mode": "each", "code": "const item = $json;\nreturn item;"},
    ),
    (
        "set",
        3.4,
        {
            "assignments": {"assignments": [{"name": "a", "type": "number", "value": "=1"}]},
            "includeOtherFields": True,
            "include": "except",
            "excludeFields": "b, c",
        },
        "set_fields",
        {
            "include": "except",
            "fields": ["b", "c"],
            "assignments": [{"name": "a", "type": "number", "value": "=1"}],
        },
    ),
    (
        "set",
        1,
        {"keepOnlySet": True, "values": {"string": [{"name": "a", "value": "x"}]}},
        "set_fields",
        {
            "assignments": [{"name": "a", "type": "string", "value": "x", "lenient": True}],
            "include": "none",
        },
    ),
    (
        "if",
        2.2,
        {"conditions": GROUP, "looseTypeValidation": True},
        "condition",
        {"conditions": GROUP | {"options": LOOSE}},
    ),
    # Conditions by type, as the first versions have them.
    (
        "if",
        1,
        {"conditions": {"number": [{"value1": 1, "operation": "larger", "value2": 0}]}},
        "condition",
        {
            "conditions": {
                "combinator": "and",
                "conditions": [
                    {
                        "leftValue": 1,
                        "operator": {"type": "number", "operation": "gt"},
                        "rightValue": 0,
                    }
                ],
                "options": LOOSE,
            }
        },
    ),
    (
        "switch",
        3.2,
        {
            "rules": {"values": [{"conditions": GROUP, "outputKey": "A"}, {"conditions": GROUP}]},
            "options": {"fallbackOutput": "extra"},
        },
        "switch",
        {
            "rules": [
                {"name": "A", "conditions": GROUP | {"options": STRICT}},
                {"name": "1", "conditions": GROUP | {"options": STRICT}},
            ],
            "all_matches": False,
            "fallback": "output",
            "fallback_name": "fallback",
        },
    ),
    ("merge", 3, {"numberInputs": 3}, "merge", {"mode": "append", "input_count": 3}),
    (
        "merge",
        3,
        {"mode": "combine", "fieldsToMatchString": "id", "joinMode": "enrichInput1"},
        "merge",
        {
            "mode": "combine",
            "combine_by": "fields",
            "fields": [{"left": "id", "right": "id"}],
            "join": "enrich_1",
            "multiple_matches": "all",
            "fuzzy": False,
            "dot_notation": True,
        },
    ),
    ("splitInBatches", 3, {"batchSize": 5}, "loop", {"batch_size": 5}),
    ("wait", 1.1, {"amount": 2, "unit": "minutes"}, "delay", {"seconds": 120}),
    (
        "wait",
        1.1,
        {"amount": "={{ $json.n }}", "unit": "minutes"},
        "delay",
        {"seconds": "={{ ($json.n) * 60 }}"},
    ),
    ("limit", 1, {"maxItems": 3, "keep": "lastItems"}, "limit", {"max_items": 3, "keep": "last"}),
    (
        "itemLists",
        3,
        {"operation": "limit", "maxItems": 3},
        "limit",
        {"max_items": 3, "keep": "first"},
    ),
    (
        "emailSend",
        2.1,
        {"toEmail": "a@a.test", "subject": "Hi", "html": "<p>", "options": {"ccEmail": "b@a.test"}},
        "email",
        {"from": "", "to": "a@a.test", "subject": "Hi", "cc": "b@a.test", "html": "<p>"},
    ),
    # Expressions in a statement become values, so that no text of a sender is ever SQL.
    (
        "postgres",
        2.6,
        {"operation": "executeQuery", "query": "=select * from t where a = '{{ $json.a }}'"},
        "postgres",
        {
            "operation": "execute",
            "sql": "select * from t where a = $1",
            "values": ["={{ $json.a }}"],
        },
    ),
]


@pytest.mark.parametrize(
    ("type", "version", "parameters", "ours", "params"),
    CASES,
    ids=[f"{case[0]} {case[1]} {index}" for index, case in enumerate(CASES)],
)
def test_a_node_becomes(
    type: str, version: float, parameters: Any, ours: str, params: dict[str, Any]
) -> None:
    graph: Any = convert(n8n_workflow(n8n_node(type, "It", version, parameters=parameters))).graph
    [node] = graph["nodes"]
    assert node["type"] == ours
    assert node["params"] == params
    spec = library().find(ours, 1)
    assert spec is not None
    faults = spec.check(Node(id="n1", type=ours, name="It", params=params).params)
    assert [fault for fault in faults if "credential" not in fault.path] == []


def statement(query: str) -> Any:
    parameters = {"operation": "executeQuery", "query": query}
    return convert(n8n_workflow(n8n_node("postgres", version=2.6, parameters=parameters)))


@pytest.mark.parametrize(
    ("query", "sql"),
    [
        ("=select {{ 1 }}, '{{ 2 }}'", "select $1, $2"),
        ("=select '{{ 1 }}'::date, f({{ 2 }},'{{ 3 }}');", "select $1::date, f($2,$3);"),
        # Not every quote begins a literal.
        ("=select 'it''s', \"a'b\", {{ 1 }} -- it's\n", "select 'it''s', \"a'b\", $1 -- it's\n"),
        (r"=select E'\'', '{{ 1 }}'", r"select E'\'', $1"),
        ("=select $$it's$$, /* ' */ '{{ 1 }}'", "select $$it's$$, /* ' */ $1"),
        # Braces and quotes within an expression are its own.
        ("=select {{ {a: '}}'} }}", "select $1"),
    ],
)
def test_expressions_of_a_statement_become_values(query: str, sql: str) -> None:
    [node] = statement(query).graph["nodes"]
    assert node["type"] == "postgres"
    assert node["params"]["sql"] == sql
    assert len(node["params"]["values"]) == query.count("{{")


@pytest.mark.parametrize(
    "query",
    [
        "='{{ 1 }}-{{ 2 }}'",
        "=like '%{{ 1 }}%'",
        "='{{ 1 }}''s'",
        "='it''{{ 1 }}'",
        "=E'{{ 1 }}'",
        "=E'\\'{{ 1 }}'",
        "=interval '{{ 1 }}'",
        '=select "{{ 1 }}"',
        "=from table_{{ 1 }}",
        "=from {{ 1 }}.table",
        "={{ 1 }}{{ 2 }}",
        "=$a$ {{ 1 }} $a$",
        "=-- {{ 1 }}",
        "=/* {{ 1 }} */",
    ],
)
def test_an_expression_that_is_a_part_of_a_literal_or_name_is_told(query: str) -> None:
    converted = statement(query)
    [told] = converted.report.unsupported
    assert "is only a part of a literal or a name" in str(told["why"])
    assert converted.graph["nodes"][0]["type"] == "no_operation"


@pytest.mark.parametrize("type", sorted(TRANSLATORS))
def test_every_type_is_read_without_parameters(type: str) -> None:
    for version in (1, 2, 3, 4):
        graph: Any = convert(n8n_workflow(n8n_node(type, version=version))).graph
        assert library().find(graph["nodes"][0]["type"], 1) is not None


@pytest.mark.parametrize("type", ["any", "file", "={{ $json.type }}"])
def test_an_old_switch_by_a_type_that_is_not_known_is_told(type: str) -> None:
    rules = {"rules": [{"value2": "a"}]}
    switch = n8n_node("switch", parameters={"dataType": type, "value1": "a", "rules": rules})
    [told] = convert(n8n_workflow(switch)).report.unsupported
    assert told["why"] == f"“{type}” of “dataType” has no counterpart."


def test_the_last_version_of_a_loop_has_done_first() -> None:
    graph: Any = convert(
        n8n_workflow(
            n8n_node("splitInBatches", "Loop", 3),
            n8n_node("noOp", "Each"),
            n8n_node("noOp", "End"),
            connections={"Loop": {"main": [to("End"), to("Each")]}},
        )
    ).graph
    assert [(edge["source_output"], edge["target"]) for edge in graph["edges"]] == [
        ("done", "n3"),
        ("loop", "n2"),
    ]


def test_inputs_go_by_their_places() -> None:
    second = [{"node": "Merge", "type": "main", "index": 1}]
    graph: Any = convert(
        n8n_workflow(
            n8n_node("noOp", "A"),
            n8n_node("merge", "Merge", 3),
            connections={"A": {"main": [second]}},
        )
    ).graph
    assert graph["edges"][0]["target_input"] == "input_2"


def test_form_fields_go_by_their_labels() -> None:
    values = [
        {"fieldLabel": "Your name", "requiredField": True},
        {
            "fieldLabel": "Tea",
            "fieldType": "dropdown",
            "fieldOptions": {"values": [{"option": "Green"}]},
        },
    ]
    form = n8n_node("formTrigger", parameters={"formTitle": "Hi", "formFields": {"values": values}})
    graph: Any = convert(n8n_workflow(form)).graph
    assert graph["nodes"][0]["params"]["fields"] == [
        {"name": "Your name", "label": "Your name", "required": True, "type": "text"},
        {
            "name": "Tea",
            "label": "Tea",
            "required": False,
            "type": "dropdown",
            "choices": ["Green"],
        },
    ]
