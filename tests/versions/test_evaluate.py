"""The editor's preview of an expression, as a builder meets it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.exceptions import Throttled

from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import Limits
from apps.expressions.sandbox import Sandbox
from apps.nodes.context import bound, services
from apps.versions import turns
from apps.versions.evaluate import evaluate_expression
from apps.versions.turns import Turns
from apps.workspaces.models import Workspace
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_variable, make_workspace
from tests.services import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def client(workspace: Workspace) -> ApiClient:
    return ApiClient(make_user(workspace, "editor"))


def evaluate(client: ApiClient, expression: str, **asked: Any) -> Any:
    return client.post("expressions/evaluate", {"expression": expression, **asked})


def test_an_expression_is_evaluated_for_an_item(client: ApiClient) -> None:
    answer = evaluate(client, "={{ $json.name.toUpperCase() }}", item={"json": {"name": "Ada"}})
    assert (answer.status_code, answer.json()) == (
        200,
        {"value": "ADA", "type": "string", "rounded": False, "swallowed": None},
    )


def test_one_of_several_items_is_evaluated_and_sees_the_others(client: ApiClient) -> None:
    items = [{"json": {"n": 1}}, {"n": 2}]
    answer = evaluate(client, "={{ $json.n + $input.all().length }}", items=items, index=1)
    assert answer.json()["value"] == 4


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("={{ $('List').item.json.id }}", 8),
        ("={{ $('List').item.json.id + 0 }}", 8),
        ("={{ $('List').first().json.id }}", 7),
        ("={{ $('One').item.json.id }}", 9),
        ("={{ $('One').item.json.id + 0 }}", 9),
        ("={{ $('Later').isExecuted }}", False),
        ("={{ $parameter.url + $workflow.name + $runIndex }}", "u w 3"),
        ("={{ Object.values($prevNode).join() }}", "List,1,0"),
        ("={{ [$input.params, $input.context] }}", [{}, {}]),
    ],
)
def test_an_expression_sees_what_the_editor_says_of_the_run(
    client: ApiClient, expression: str, value: Any
) -> None:
    context = {
        "nodes": {"List": [{"json": {"id": 7}}, {"json": {"id": 8}}], "One": {"id": 9}},
        "parameter": {"url": "u "},
        "workflow": {"name": "w "},
        "run_index": 3,
        "previous": {"node": "List", "output": 1},
        "timezone": "Europe/Riga",
    }
    context["nodes"]["Later"] = None
    items = [{"json": {}}, {"json": {}}]
    answer = evaluate(client, expression, items=items, index=1, context=context)
    assert (answer.status_code, answer.json()["value"]) == (200, value)


def test_an_item_that_the_one_asked_for_has_no_part_in_is_not_missed(client: ApiClient) -> None:
    context = {"nodes": {"List": [{"json": {"id": 7}}]}}
    items = [{"json": {}}, {"json": {}}]
    answer = evaluate(client, "={{ $('List').item.json.id }}", items=items, context=context)
    assert answer.json()["value"] == 7


def test_what_is_wrong_with_an_expression_is_told_with_its_place(client: ApiClient) -> None:
    answer = evaluate(client, "=Hello\n{{ 1 + $('Nobody').item }}")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {
            "path": "expression",
            "code": "expression_unknown_node",
            "message": "There is no node named 'Nobody'.",
            "position": {"character": 14, "line": 2, "column": 8},
        }
    ]


def test_an_error_that_gave_undefined_is_told(client: ApiClient) -> None:
    told = evaluate(client, "={{ $json.a.b.trim() }}").json()
    assert (told["value"], told["type"]) == (None, "undefined")
    assert told["swallowed"]["message"].startswith("TypeError")
    assert told["swallowed"]["position"] == {"character": 4, "line": 1, "column": 5}


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("={{ (() => { for (;;); })() }}", "js_timeout"),
        ("={{ 'x'.repeat(2 ** 29).split('') }}", "js_memory"),
    ],
)
def test_a_limit_that_was_reached_is_told(client: ApiClient, expression: str, code: str) -> None:
    answer = evaluate(client, expression)
    assert (answer.status_code, faults(answer)) == (422, [("expression", code)])


def test_all_that_is_wrong_with_the_data_is_told_at_once(client: ApiClient) -> None:
    answer = evaluate(
        client,
        "={{ 1 }}",
        items=[1, {"json": 2}],
        context={"nodes": {"A": 5, "B": [None]}, "timezone": "Mars", "parameter": []},
    )
    assert answer.status_code == 422
    assert {path for path, _ in faults(answer)} == {
        "items[0]",
        "items[1].json",
        "context.nodes.A",
        "context.nodes.B[0]",
        "context.timezone",
        "context.parameter",
    }


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"item": {}, "items": []}, "items"),
        ({"items": []}, "index"),
        ({"index": 1}, "index"),
        ({"expression": "x" * 100_001}, "expression"),
        ({"context": {"nodez": {}}}, "context.nodez"),
        ({"context": {"previous": {}}}, "context.previous.node"),
        ({"context": {"previous": {"node": "A", "run": -1}}}, "context.previous.run"),
    ],
)
def test_what_cannot_be_meant_is_refused(client: ApiClient, asked: Any, path: str) -> None:
    answer = client.post("expressions/evaluate", {"expression": "={{ 1 }}"} | asked)
    assert answer.status_code == 422
    assert [told for told, _ in faults(answer)] == [path]


def test_a_key_needs_to_name_no_workspace(workspace: Workspace) -> None:
    key = make_api_key(workspace, "editor")[1]
    assert evaluate(ApiClient(key), "={{ 1 + 1 }}").json()["value"] == 2


def test_who_has_several_workspaces_says_which(workspace: Workspace) -> None:
    user = make_user(workspace, "editor")
    other = make_workspace()
    other.memberships.create(user=user, role="viewer")
    client = ApiClient(user)
    assert faults(evaluate(client, "={{ 1 }}")) == [("workspace", "missing")]
    assert evaluate(client, "={{ 1 }}", workspace=str(workspace.pk)).status_code == 200
    assert evaluate(client, "={{ 1 }}", workspace=str(other.pk)).status_code == 403


def test_variables_are_those_of_the_workspace(client: ApiClient, workspace: Workspace) -> None:
    make_variable(workspace, "shop", "Berlin")
    make_variable(None, "rival", "Paris")
    answer = evaluate(client, "={{ $vars }}")
    assert answer.json()["value"] == {"shop": "Berlin"}


def test_a_sandbox_that_is_away_is_no_fault_of_the_expression(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise JavaScriptError("js_host", "All processes for JavaScript are at work.")

    monkeypatch.setattr("apps.versions.evaluate.preview", fails)
    answer = evaluate(client, "={{ 1 }}")
    assert (answer.status_code, faults(answer)) == (503, [("", "js_host")])


def asked(expression: str) -> dict[str, Any]:
    return {"expression": expression, "item": None, "items": None, "index": 0, "context": {}}


def stopped(sandbox: Sandbox) -> bool:
    """True, with all stopped that its processes are at."""
    for child in list(sandbox._busy):
        child.stop()
    return True


def test_a_preview_without_end_holds_up_nobody_else() -> None:
    endless, sandbox = asked("={{ (() => { for (;;); })() }}"), Sandbox(size=4, wait_s=30)
    longer = replace(services(), editor_sandbox=sandbox, expression_limits=Limits(wall_s=100))
    with bound(longer), ThreadPoolExecutor(3) as threads:
        loops = [threads.submit(evaluate_expression, endless, uuid4(), by="Eve") for _ in range(3)]
        wait_for(lambda: sandbox.child_count)
        for _ in range(3):
            assert evaluate_expression(asked("={{ 1 + 1 }}"), uuid4(), by="Ada").value == 2
        assert not all(loop.done() for loop in loops)
        # One after the other has its turn, as long as it waits for that.
        wait_for(lambda: stopped(sandbox) and all(loop.done() for loop in loops))
        assert all(loop.exception() for loop in loops)
    sandbox.close()


def test_who_asks_again_waits_for_the_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_S", 0.05)
    all_turns = Turns()
    with all_turns.turn("Ada"):
        with all_turns.turn("Bob"):
            pass
        with pytest.raises(Throttled), all_turns.turn("Ada"):
            pass
    with all_turns.turn("Ada"):
        pass


def test_a_turn_comes_when_the_one_before_ends() -> None:
    all_turns, order = Turns(), []

    def second() -> None:
        with all_turns.turn("Ada"):
            order.append("second")

    with all_turns.turn("Ada"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_who_has_spent_a_minutes_time_waits_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(turns.time, "monotonic", lambda: now[0])
    all_turns = Turns()
    with all_turns.turn("Ada"):
        now[0] += turns.BUDGET_S
    with pytest.raises(Throttled) as caught, all_turns.turn("Ada"):
        pass
    assert caught.value.wait == turns.WINDOW_S - turns.BUDGET_S
    with all_turns.turn("Bob"):
        pass
    now[0] += turns.WINDOW_S
    with all_turns.turn("Ada"):
        pass
