"""What the list of workflows tells of each: its last run, when it fires next, if it is held."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from apps.runs.holds import hold
from apps.runs.models import Run
from apps.workflows.models import Workflow
from tests.clients import ApiClient
from tests.factories import make_run, make_schedule, make_user, make_version, make_workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow() -> Workflow:
    return make_workflow()


@pytest.fixture
def client(workflow: Workflow) -> ApiClient:
    return ApiClient(make_user(workflow.workspace))


def listed(client: ApiClient) -> dict[str, Any]:
    [row] = client.get("workflows").json()["results"]
    return dict(row)


def test_what_never_ran_and_has_no_schedule_says_so(client: ApiClient) -> None:
    row = listed(client)
    assert (row["last_run"], row["next_run_at"], row["held"]) == (None, None, False)


def test_the_last_run_is_told(workflow: Workflow, client: ApiClient) -> None:
    version = make_version(workflow)
    make_run(version, "failed")
    last: Run = make_run(version, "completed")
    make_run()
    told = listed(client)["last_run"]
    assert (told["id"], told["status"]) == (str(last.pk), "completed")
    assert told["created_at"].endswith("Z")


def test_the_next_time_is_the_first_of_the_schedules_that_fire(
    workflow: Workflow, client: ApiClient
) -> None:
    moment = now().replace(microsecond=0)
    for hours, rest in [
        (1, {"paused_at": moment}),
        (2, {"is_live": False}),
        (4, {"is_live": True}),
        (3, {"is_live": True}),
    ]:
        at = moment + timedelta(hours=hours)
        make_schedule(workflow, node_id=f"n{hours}", due_at=at, **{"is_live": True, **rest})
    expected = (moment + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert listed(client)["next_run_at"] == expected


def test_a_pause_of_the_workflow_itself_is_told(workflow: Workflow, client: ApiClient) -> None:
    hold(workflow.workspace, by=None)
    assert listed(client)["held"] is False
    hold(workflow, by=None)
    assert listed(client)["held"] is True


def test_many_workflows_with_many_runs_are_told_in_as_many_queries_as_one(
    workflow: Workflow, client: ApiClient, django_assert_num_queries: Any
) -> None:
    for _ in range(4):
        other = make_workflow(workflow.workspace)
        version = make_version(other)
        make_schedule(other)
        for _ in range(3):
            make_run(version)
    client.get("me")
    with django_assert_num_queries(4):  # session, user, the page, its tags
        assert len(client.get("workflows").json()["results"]) == 5
