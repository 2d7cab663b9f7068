"""What a client of the API does to runs: cancel, retry, decide."""

from typing import Any
from uuid import uuid4

import pytest

from apps.runs.models import Run, RunSignal
from apps.runs.states import RunStatus
from apps.versions.models import WorkflowVersion
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_run, make_step, make_user, make_version

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "order-1"}
DECISION = {"for": "decision", "until": None}


@pytest.fixture
def version() -> WorkflowVersion:
    return make_version(is_published=True)


def client_of(row: Any, role: str = Role.OPERATOR) -> ApiClient:
    return ApiClient(make_user(row.workspace, role))


def test_a_cancel_is_accepted_and_a_late_one_refused(version: WorkflowVersion) -> None:
    run, ended = make_run(version), make_run(version, "completed")
    client = client_of(version)
    assert client.post(f"runs/{run.pk}/cancel").status_code == 202
    assert client.post(f"runs/{run.pk}/cancel").status_code == 202
    refused = client.post(f"runs/{ended.pk}/cancel")
    assert (refused.status_code, faults(refused)) == (409, [("", "run_ended")])
    assert RunSignal.objects.count() == 1


def test_a_retry_makes_a_new_run_on_the_version_asked_for(version: WorkflowVersion) -> None:
    run = make_run(version, "failed")
    newer = make_version(version.workflow, is_published=True)
    client = client_of(version)
    same = client.post(f"runs/{run.pk}/retry", {}).json()
    published = client.post(f"runs/{run.pk}/retry", {"from": "start", "version": "published"})
    assert (same["version"], same["retry_of"]) == (version.version, str(run.pk))
    assert published.json()["version"] == newer.version


def test_a_retry_that_does_not_fit_is_refused(version: WorkflowVersion) -> None:
    run, ended = make_run(version), make_run(version, "failed")
    client = client_of(version)
    too_early = client.post(f"runs/{run.pk}/retry", {})
    assert (too_early.status_code, faults(too_early)) == (409, [("", "not_ended")])
    unknown = client.post(f"runs/{ended.pk}/retry", {"from": "nowhere"})
    assert (unknown.status_code, faults(unknown)) == (422, [("from", "unknown_node")])
    wrong = client.post(f"runs/{ended.pk}/retry", {"from": 1, "version": "older"})
    assert {path for path, _ in faults(wrong)} == {"from", "version"}


def test_a_repeated_retry_makes_one_run(version: WorkflowVersion) -> None:
    run = make_run(version, "failed")
    client = client_of(version)
    answers = [client.post(f"runs/{run.pk}/retry", {}, headers=KEY).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert Run.objects.filter(retry_of=run).count() == 1


def test_a_decision_reaches_the_step() -> None:
    run = make_run(status=RunStatus.WAITING)
    step = make_step(run, wait=DECISION)
    body = {"step": str(step.pk), "decision": "use", "items": {"id": 7}, "comment": "seen"}
    answer = client_of(run).post(f"runs/{run.pk}/resume", body)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert RunSignal.objects.get().body["items"] == [{"json": {"id": 7}}]


def test_a_decision_to_use_says_which_items() -> None:
    run = make_run(status=RunStatus.WAITING)
    body: dict[str, Any] = {"step": str(make_step(run, wait=DECISION).pk), "decision": "use"}
    client = client_of(run)
    forgotten = client.post(f"runs/{run.pk}/resume", body)
    assert (forgotten.status_code, faults(forgotten)) == (422, [("items", "required")])
    assert client.post(f"runs/{run.pk}/resume", body | {"items": []}).status_code == 202


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"decision": "fail"}, ("step", "missing")),
        ({"step": "x", "decision": "fail"}, ("step", "invalid")),
        ({"step": str(uuid4()), "decision": "fail"}, ("step", "unknown")),
    ],
)
def test_a_decision_about_no_step_of_the_run_is_refused(
    body: dict[str, Any], fault: tuple[str, str]
) -> None:
    run = make_run(status=RunStatus.WAITING)
    answer = client_of(run).post(f"runs/{run.pk}/resume", body)
    assert (answer.status_code, faults(answer)) == (422, [fault])


def test_a_step_that_waits_for_nothing_takes_no_decision() -> None:
    run = make_run(status=RunStatus.RUNNING)
    body = {"step": str(make_step(run).pk), "decision": "run_again"}
    answer = client_of(run).post(f"runs/{run.pk}/resume", body)
    assert (answer.status_code, faults(answer)) == (409, [("", "not_waiting")])


@pytest.mark.parametrize("deed", ["cancel", "retry", "resume"])
def test_a_viewer_may_do_nothing_and_a_stranger_sees_nothing(deed: str) -> None:
    run = make_run()
    body = {"step": str(make_step(run).pk), "decision": "fail"} if deed == "resume" else None
    path = f"runs/{run.pk}/{deed}"
    assert client_of(run, Role.VIEWER).post(path, body).status_code == 403
    assert client_of(make_run(), Role.ADMIN).post(path, body).status_code == 404
    assert ApiClient().post(path, body).status_code == 401
