"""Runs and their steps, as a client of the API meets them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.runs.models import Run
from apps.runs.states import RunStatus, Trigger
from apps.versions.models import WorkflowVersion
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_run, make_step, make_user, make_version
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "order-1"}
DECISION = {"for": "decision", "until": None}


@pytest.fixture
def version() -> WorkflowVersion:
    return make_version(is_published=True)


def client_of(row: Any, role: str = Role.OPERATOR) -> ApiClient:
    return ApiClient(make_user(row.workspace, role))


def runs_of(version: WorkflowVersion) -> str:
    return f"workflows/{version.workflow_id}/runs"


# --- To start -------------------------------------------------------------------------------------


def test_a_started_run_is_answered_at_once_and_pending(version: WorkflowVersion) -> None:
    user = make_user(version.workspace, Role.OPERATOR)
    answer = ApiClient(user).post(runs_of(version), {"input": {"a": 1}})
    run = Run.objects.get()
    told = answer.json()
    assert answer.status_code == 202
    assert (told["id"], told["status"], told["trigger"]) == (str(run.pk), "pending", "manual")
    assert (told["workflow_name"], told["version"]) == ("Sync orders", 1)
    assert (told["triggered_by"], told["waiting_for"]) == (str(user.pk), [])
    assert run.input_json == [{"json": {"a": 1}}]


def test_a_program_starts_runs_too(version: WorkflowVersion) -> None:
    client = ApiClient(make_api_key(version.workspace, Role.OPERATOR)[1])
    told = client.post(runs_of(version), {}).json()
    assert (told["trigger"], told["triggered_by"]) == (Trigger.API, None)


def test_nothing_published_is_a_conflict() -> None:
    version = make_version()
    answer = client_of(version).post(runs_of(version), {})
    assert (answer.status_code, faults(answer)) == (409, [("", "not_published")])


def test_an_archived_workflow_starts_nothing(version: WorkflowVersion) -> None:
    version.workflow.status = "archived"
    version.workflow.save()
    answer = client_of(version).post(runs_of(version), {})
    assert (answer.status_code, faults(answer)) == (409, [("", "archived")])


def test_what_was_never_published_takes_an_editor(version: WorkflowVersion) -> None:
    unpublished = make_version(version.workflow)
    for asked in ("draft", unpublished.version):
        body = {"version": asked}
        assert client_of(version).post(runs_of(version), body).status_code == 403
        editor = client_of(version, Role.EDITOR)
        assert editor.post(runs_of(version), body).status_code == 202


def test_running_the_draft_makes_a_version_once(version: WorkflowVersion) -> None:
    editor = client_of(version, Role.EDITOR)
    numbers = {
        editor.post(runs_of(version), {"version": "draft"}).json()["version"] for _ in range(2)
    }
    assert numbers == {2}


def test_a_run_of_what_was_never_published_is_a_trial(version: WorkflowVersion) -> None:
    editor = client_of(version, Role.EDITOR)
    for asked, is_trial in ((None, False), (version.version, False), ("draft", True)):
        made = editor.post(runs_of(version), {"version": asked} if asked else {}).json()["id"]
        assert Run.objects.get(pk=made).is_trial == is_trial, asked


def test_all_that_is_wrong_with_a_start_is_told_at_once(version: WorkflowVersion) -> None:
    body = {
        "version": 0,
        "priority": 1,
        "deadline_s": "soon",
        "stop_node": 7,
    }
    answer = client_of(version).post(runs_of(version), body)
    assert answer.status_code == 422
    assert {path for path, _ in faults(answer)} == body.keys()
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"version": 99}, ("version", "unknown")),
        ({"stop_node": "nowhere"}, ("stop_node", "unknown_node")),
        ({"input": [1]}, ("input[0]", "not_an_object")),
        ({"deadline_s": -1}, ("deadline_s", "min_value")),
        ({"priority": "urgent"}, ("priority", "invalid_choice")),
    ],
)
def test_what_does_not_fit_is_told_by_its_path(
    version: WorkflowVersion, body: dict[str, Any], fault: tuple[str, str]
) -> None:
    answer = client_of(version).post(runs_of(version), body)
    assert (answer.status_code, faults(answer)) == (422, [fault])


def test_a_run_is_started_with_a_priority_by_its_name(version: WorkflowVersion) -> None:
    client = client_of(version)
    told = [client.post(runs_of(version), body).json() for body in ({}, {"priority": "high"})]
    assert [run["priority"] for run in told] == ["default", "high"]


def test_a_repeated_start_makes_one_run(version: WorkflowVersion) -> None:
    client = client_of(version)
    first = client.post(runs_of(version), {"input": {"a": 1}}, headers=KEY)
    again = client.post(runs_of(version), {"input": {"a": 1}}, headers=KEY)
    assert again.json() == first.json()
    assert Run.objects.count() == 1
    other = client.post(runs_of(version), {"input": {"a": 2}}, headers=KEY)
    assert (other.status_code, faults(other)) == (409, [("", "idempotency_key_reused")])


# --- To look --------------------------------------------------------------------------------------


def test_a_run_tells_what_became_of_it(version: WorkflowVersion) -> None:
    run = make_run(version, "failed", error_code="http_status", error_message="It said 500")
    told = client_of(run, Role.VIEWER).get(f"runs/{run.pk}").json()
    assert (told["status"], told["error_code"]) == ("failed", "http_status")
    assert told["error_message"] == "It said 500"
    assert told["created_at"].endswith("Z")


def test_a_run_tells_all_that_it_waits_for() -> None:
    run = make_run(status=RunStatus.WAITING)
    until = "2026-11-24T12:00:00.000Z"
    decision = make_step(run, "a", wait=DECISION)
    delay = make_step(run, "b", wait={"for": "delay", "until": until}, seq_started=2)
    told = client_of(run).get(f"runs/{run.pk}").json()["waiting_for"]
    assert told == [
        {"step": str(decision.pk), "node": "a", "for": "decision", "until": None},
        {"step": str(delay.pk), "node": "b", "for": "delay", "until": until},
    ]


def test_runs_are_listed_newest_first_without_payloads(
    version: WorkflowVersion, django_assert_num_queries: Any
) -> None:
    runs = [make_run(version) for _ in range(3)]
    make_run()
    client = client_of(version, Role.VIEWER)
    client.get("me")
    with django_assert_num_queries(3) as seen:  # session, user, the page
        listed = client.get("runs").json()["results"]
    assert [row["id"] for row in listed] == [str(run.pk) for run in reversed(runs)]
    for column in ("input_json", '"pins"'):
        assert not any(column in query["sql"] for query in seen.captured_queries)


def test_runs_are_filtered(version: WorkflowVersion) -> None:
    now = timezone.now()
    # None starts before it is made.
    soon, later, late = (now + timedelta(minutes=minutes) for minutes in (1, 30, 60))
    first = make_run(version, "completed", started_at=soon)
    second = make_run(make_version(version.workflow), "failed", trigger="webhook", started_at=late)
    third = make_run(
        version, "waiting", retry_of=first, parent_step=make_step(first), parent_item=0
    )
    client = client_of(version)
    names = {str(run.pk): name for run, name in ((first, "1"), (second, "2"), (third, "3"))}

    def found(query: str) -> str:
        rows = client.get(f"runs?{query}").json()["results"]
        return "".join(sorted(names[row["id"]] for row in rows))

    assert found("status=failed") == "2"
    assert found("status=failed&status=waiting") == "23"
    assert found("trigger=webhook") == "2"
    assert found(f"workflow={version.workflow_id}") == "123"
    assert found(f"workflow={uuid4()}") == ""
    assert found(f"retry_of={first.pk}") == "3"
    assert found(f"parent_run={first.pk}") == "3"
    between = f"{later:%Y-%m-%dT%H:%M:%SZ}"
    assert found(f"started_after={between}") == "2"
    assert found(f"started_before={between}") == "1"


def test_every_wrong_filter_is_told() -> None:
    run = make_run()
    answer = client_of(run).get("runs?status=lost&workflow=x&started_after=soon&trigger=x")
    assert answer.status_code == 422
    assert {path for path, _ in faults(answer)} == {
        "status",
        "workflow",
        "started_after",
        "trigger",
    }


def test_the_list_is_read_in_pages(version: WorkflowVersion) -> None:
    runs = [str(make_run(version).pk) for _ in range(5)]
    client = client_of(version)
    seen, path = [], "/api/v1/runs?limit=2&ordering=created_at"
    while path:
        page = client.get(path).json()
        seen += [row["id"] for row in page["results"]]
        path = page["next"] and page["next"].partition("/api/")[2]
        path = path and f"/api/{path}"
    assert seen == runs


# --- Steps ----------------------------------------------------------------------------------------


def test_steps_come_in_their_order_and_with_payloads_where_asked() -> None:
    run = make_run()
    make_step(run, "b", seq_started=5, sources={"main": [["a", 0, "main"]]})
    make_step(run, "a", seq_started=2, output_json={"main": [{"json": {"n": 10**30}}]})
    client = client_of(run, Role.VIEWER)
    plain = client.get(f"runs/{run.pk}/steps").json()["results"]
    assert [step["node"] for step in plain] == ["a", "b"]
    assert "output_json" not in plain[0]
    told = client.get(f"runs/{run.pk}/steps?include=payloads").json()["results"]
    assert told[0]["output_json"] == told[1]["input_json"] == {"main": [{"json": {"n": 10**30}}]}
    assert client.get(f"/runs/{run.pk}/steps").json()["results"] == plain


def test_of_nodes_that_ran_again_and_again_the_newest_steps_are_asked_for() -> None:
    run = make_run()
    for turn in range(3):
        make_step(run, "a", iteration=turn, seq_started=2 * turn + 1)
        make_step(run, "b", iteration=turn, seq_started=2 * turn + 2)
    make_step(run, "c", seq_started=9)
    make_step(make_run(run.version), "a", iteration=7)
    told = client_of(run).get(f"runs/{run.pk}/steps?newest_of=a,b,nope&include=payloads").json()
    assert [(step["node"], step["iteration"]) for step in told["results"]] == [("a", 2), ("b", 2)]


def test_a_list_leaves_out_what_is_large_and_a_step_has_it_whole(settings: Any) -> None:
    run = make_run()
    large = {"main": [{"json": {"text": "x" * settings.INLINE_PAYLOAD_BYTES}}]}
    step = make_step(run, output_json=large)
    client = client_of(run)
    [listed] = client.get(f"runs/{run.pk}/steps?include=payloads").json()["results"]
    assert (listed["output_json"], listed["left_out"]) == (None, ["output_json"])
    whole = client.get(f"runs/{run.pk}/steps/{step.pk}").json()
    assert (whole["output_json"], whole["left_out"]) == (large, [])


def test_a_step_of_another_run_is_not_there() -> None:
    run = make_run()
    step = make_step(make_run(run.version))
    assert client_of(run).get(f"runs/{run.pk}/steps/{step.pk}").status_code == 404


def test_data_of_any_form_is_told_exactly() -> None:
    named = node("end", "no_operation", name="\u202enaïve 𝄞")
    version = make_version(graph=graph([node("start", "manual"), named], ["start -> end"]))
    run = make_run(version)
    odd = {"main": [{"json": {"": "\0", "big": -(10**40), "deep": [[[[]]]], "f": 0.1}}]}
    step = make_step(run, output_json=odd, error="a\u2028b")
    told = client_of(run).get(f"runs/{run.pk}/steps/{step.pk}").json()
    assert (told["output_json"], told["error"]) == (odd, "a\u2028b")
