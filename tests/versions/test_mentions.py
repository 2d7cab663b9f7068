"""What a graph mentions and has not is warned of: nodes in expressions, other workflows."""

from typing import Any
from uuid import uuid4

import pytest

from apps.versions.validate import validate
from tests.factories import make_version, make_workflow, make_workspace
from tests.graphs import chain, graph, node


def warned(type: str, params: dict[str, Any], workspace: Any = None) -> list[tuple[str, str, str]]:
    nodes = [node("Start", "manual"), node("Orders"), node("x", type, params=params)]
    document = graph(nodes, ["Start -> Orders", "Orders -> x"])
    return [
        (warning.path.removeprefix("nodes[2].params."), warning.code, warning.message)
        for warning in validate(document, workspace or uuid4()).warnings
    ]


def assigned(value: Any) -> dict[str, Any]:
    return {"assignments": [{"name": "a", "value": value}]}


@pytest.mark.parametrize(
    "value",
    ["={{ $('Order').item.json.a }}", '=a {{ $node["Order"].json.a }}', "={{ $items(`Order`) }}"],
)
def test_an_expression_that_names_no_node_is_warned_of(value: str) -> None:
    [(path, code, told)] = warned("set_fields", assigned(value))
    assert (path, code) == ("assignments[0].value", "expression_unknown_node")
    assert told == "Node “x”: There is no node named “Order”. Did you mean “Orders”?"


def test_code_that_names_no_node_is_warned_of_once() -> None:
    code = "const a = $('Nope').all(), b = $('Nope').first();\nreturn [];"
    [(path, code, told)] = warned("transform", {"code": code})
    assert (path, code, told) == (
        "code",
        "expression_unknown_node",
        "Node “x”: There is no node named “Nope”.",
    )


@pytest.mark.parametrize(
    "value",
    ["={{ $('Orders').item.json.a }}", "={{ $(`${$json.name}`).item }}", "$('Nope') is 5 {{ a }}"],
)
def test_what_names_a_node_that_is_there_or_is_no_expression_is_not(value: str) -> None:
    assert warned("set_fields", assigned(value)) == []


@pytest.mark.parametrize("value", ["{{ $json.a }}", "Dear {{$('Orders').item.json.name}}!"])
def test_an_expression_without_its_sign_is_warned_of(value: str) -> None:
    [(path, code, told)] = warned("set_fields", assigned(value))
    assert (path, code) == ("assignments[0].value", "looks_like_expression")
    assert "plain text" in told
    assert "begins with “=”" in told


def test_code_and_triggers_and_disabled_nodes_are_not_taken_for_expressions() -> None:
    assert warned("transform", {"code": "return '{{ $json.a }}' ? [] : []"}) == []
    nodes = [
        node("Start", "manual"),
        node("Off", "set_fields", params=assigned("{{ $json.a }}"), disabled=True),
    ]
    document = graph(nodes, ["Start -> Off"])
    assert validate(document, uuid4()).warnings == []


def test_an_expression_in_a_trigger_is_warned_of() -> None:
    fields = [{"name": "a", "label": "={{ $now }}"}, {"name": "b", "label": "{{ plain }} = 2"}]
    document = graph([node("Start", "form", params={"path": "a", "fields": fields})])
    [warning] = validate(document, uuid4()).warnings
    assert (warning.path, warning.code) == (
        "nodes[0].params.fields[0].label",
        "expression_in_trigger",
    )
    assert warning.message == (
        "Node “Start”: “={{ $now }}” stays plain text: before a trigger there are no items."
    )


@pytest.mark.django_db
def test_a_workflow_that_cannot_be_run_is_warned_of() -> None:
    workspace = make_workspace()
    draft = make_workflow(workspace)
    published = make_version(make_workflow(workspace), is_published=True).workflow
    archived = make_version(make_workflow(workspace), is_published=True).workflow
    type(archived).objects.filter(pk=archived.pk).update(status="archived")
    foreign = make_version(make_workflow(), is_published=True).workflow

    def codes(workflow: Any) -> list[tuple[str, str]]:
        told = warned("run_workflow", {"workflow": str(workflow)}, workspace.pk)
        return [(path, code) for path, code, _ in told]

    assert codes(published.pk) == []
    assert codes("={{ $json.workflow }}") == []
    assert codes(draft.pk) == [("workflow", "workflow_not_published")]
    for unknown in (archived.pk, foreign.pk, uuid4(), "orders"):
        assert codes(unknown) == [("workflow", "workflow_unknown")]


@pytest.mark.django_db
def test_an_error_workflow_that_no_failure_could_start_is_warned_of() -> None:
    workspace = make_workspace()
    alarm = graph([node("failed", "error")])
    asleep = graph([node("failed", "error", disabled=True), node("start", "manual")])

    def published(document: Any, workspace: Any = workspace) -> Any:
        return make_version(make_workflow(workspace), document, is_published=True).workflow.pk

    def codes(workflow: Any) -> list[tuple[str, str]]:
        document = chain("a", "b", error_workflow=str(workflow))
        return [(each.path, each.code) for each in validate(document, workspace.pk).warnings]

    path = "settings.error_workflow"
    assert codes(published(alarm)) == []
    assert codes(make_workflow(workspace).pk) == [(path, "workflow_not_published")]
    for unknown in (published(alarm, make_workspace()), uuid4(), "alarm"):
        assert codes(unknown) == [(path, "workflow_unknown")]
    for without in (None, asleep):
        assert codes(published(without)) == [(path, "no_error_trigger")]


def test_a_thousand_names_that_are_not_there_are_told_within_bounds() -> None:
    code = "\n".join(f"$('Nope {number}')" for number in range(1_000))
    assert 0 < len(warned("transform", {"code": code})) <= 100


def test_a_graph_without_expressions_has_no_warnings() -> None:
    assert validate(chain("a", "b"), uuid4()).warnings == []


@pytest.mark.parametrize(
    ("respond", "answers", "expected"),
    [
        ("respond_node", True, []),
        ("respond_node", False, [("nodes[0].params.respond", "nothing_answers")]),
        ("at_once", True, [("nodes[1].type", "answer_is_not_sent")]),
        ("last_node", False, []),
    ],
)
def test_who_answers_a_webhook_and_who_waits_for_it_go_together(
    respond: str, answers: bool, expected: list[tuple[str, str]]
) -> None:
    hook = node("hook", "webhook", params={"path": "x", "respond": respond})
    answer = node("answer", "respond_to_webhook", disabled=not answers)
    warnings = validate(graph([hook, answer], ["hook -> answer"]), uuid4()).warnings
    assert [(warning.path, warning.code) for warning in warnings] == expected


@pytest.mark.parametrize(
    ("json", "expected"),
    [
        ("={{ { url: $execution.resumeUrl } }}", []),
        ("={{ $json }}", [("nodes[1].type", "nobody_is_told")]),
    ],
)
def test_who_waits_for_a_request_needs_somebody_who_tells_of_the_address(
    json: str, expected: list[tuple[str, str]]
) -> None:
    tell = node("tell", "set_fields", params={"mode": "json", "json": json})
    page = node("wait", "form_page", params={"title": "Yes?"})
    for wait in (node("wait", "wait_for_webhook"), page):
        warnings = validate(graph([tell, wait], ["tell -> wait"]), uuid4()).warnings
        assert [(warning.path, warning.code) for warning in warnings] == expected


def test_a_page_behind_a_form_is_shown_to_who_filled_that_in() -> None:
    form = node("form", "form", params={"title": "Who?"})
    page = node("page", "form_page", params={"title": "Yes?"})
    assert validate(graph([form, page], ["form -> page"]), uuid4()).warnings == []
