"""What a request for a part of a workflow lacks, and who may ask for one."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import graph, node
from tests.runs.parts import LINE, counting, line, post, ran
from tests.runs.work import execute

pytestmark = pytest.mark.django_db(transaction=True)


# --- What is missing ------------------------------------------------------------------------------


def test_a_start_node_without_anything_to_take_is_refused_and_told_what_is_missing() -> None:
    answer = post(line(), {"start_node": "b"})
    assert answer.status_code == 422
    assert faults(answer) == [("start_node", "missing_input")]
    assert "“a”" in answer.json()["errors"][0]["message"]
    assert not Run.objects.exists()


def test_what_has_changed_since_is_not_taken_over() -> None:
    version = line()
    earlier = ran(version)
    changed = {**LINE, "nodes": [*LINE["nodes"]]}
    changed["nodes"][1] = counting("a", always_output=True)
    newer = make_version(version.workflow, changed, is_published=True)
    answer = post(newer, {"start_node": "b", "data_from": str(earlier.pk)})
    assert faults(answer) == [("start_node", "missing_input")]
    assert "changed" in answer.json()["errors"][0]["message"]


def test_a_node_to_which_nothing_came_cannot_be_started() -> None:
    branches = graph(
        [node("start", "manual"), node("f", "filter", params={"conditions": never()}), node("a")],
        ["start -> f", "f -> a"],
    )
    version = make_version(graph=branches, is_published=True)
    earlier = ran(version)
    answer = post(version, {"start_node": "a", "data_from": str(earlier.pk)})
    assert faults(answer) == [("start_node", "no_items")]


def never() -> Any:
    operator = {"type": "string", "operation": "equals"}
    condition = {"leftValue": "a", "operator": operator, "rightValue": "b"}
    return {"combinator": "and", "conditions": [condition]}


def test_a_node_in_a_loops_body_cannot_be_started() -> None:
    looped = graph(
        [node("start", "manual"), node("loop", "loop"), node("body")],
        ["start -> loop", "loop.loop -> body", "body -> loop"],
    )
    answer = post(make_version(graph=looped, is_published=True), {"start_node": "body"})
    assert faults(answer) == [("start_node", "in_loop_body")]


def test_all_faults_of_a_request_come_at_once() -> None:
    body = {
        "input": [1],
        "start_node": "nobody",
        "stop_node": "nothing",
        "data_from": str(uuid4()),
        "pins": {"x": [], "a": {"side": []}, "b": [1], "c": 5},
    }
    assert faults(post(line(), body)) == [
        ("input[0]", "not_an_object"),
        ("start_node", "unknown_node"),
        ("stop_node", "unknown_node"),
        ("pins.x", "unknown_node"),
        ("pins.a.side", "unknown_output"),
        ("pins.b[0]", "not_an_object"),
        ("pins.c", "wrong_type"),
        ("data_from", "unknown"),
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"data_from": "RUN"}, ("start_node", "missing")),
        ({"start_node": "b", "data_from": "RUN", "input": {}}, ("input", "unexpected")),
        ({"pins": {"start": [{}]}, "input": {}}, ("pins.start", "unexpected")),
        ({"pins": []}, ("pins", "wrong_type")),
        ({"start_node": "b", "stop_node": "a", "data_from": "RUN"}, ("stop_node", "not_reached")),
        ({"start_node": 5}, ("start_node", "invalid")),
        ({"data_from": "x"}, ("data_from", "invalid")),
    ],
)
def test_what_does_not_fit_together_is_refused(body: dict[str, Any], fault: Any) -> None:
    version = line()
    earlier = ran(version)
    asked = {name: str(earlier.pk) if value == "RUN" else value for name, value in body.items()}
    answer = post(version, asked)
    assert answer.status_code in (400, 422)
    assert faults(answer) == [fault]


def test_a_run_of_another_workflow_is_unknown() -> None:
    version, other = line(), line()
    earlier = ran(other)
    answer = post(version, {"start_node": "b", "data_from": str(earlier.pk)})
    assert faults(answer) == [("data_from", "unknown")]


# --- Rights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [{"start_node": "start"}, {"pins": {"a": []}}, {"data_from": str(UUID(int=1))}], ids=str
)
def test_parts_and_pins_take_the_right_to_edit(body: dict[str, Any]) -> None:
    version = line()
    assert post(version, body, Role.OPERATOR).status_code == 403
    assert post(version, body, Role.EDITOR).status_code in (202, 422)


def test_stopping_early_takes_only_the_right_to_run() -> None:
    assert post(line(), {"stop_node": "a"}, Role.OPERATOR).status_code == 202


def test_a_draft_may_be_run_from_a_node_by_an_editor() -> None:
    workflow = make_workflow(draft_graph=LINE)
    client = ApiClient(make_user(workflow.workspace, Role.EDITOR))
    body = {"version": "draft", "start_node": "c", "pins": {"b": [{"n": 1}], "start": [{}]}}
    answer = client.post(f"workflows/{workflow.pk}/runs", body)
    assert answer.status_code == 202
    assert execute(Run.objects.get(pk=answer.json()["id"])).status == RunStatus.COMPLETED
