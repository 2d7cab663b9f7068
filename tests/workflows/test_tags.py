"""Tags, as an API client sets and asks for them."""

from typing import Any

import pytest

from apps.workflows.models import Workflow
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.factories import make_user, make_workflow, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow() -> Workflow:
    return make_workflow()


@pytest.fixture
def client(workflow: Workflow) -> ApiClient:
    return ApiClient(make_user(workflow.workspace, "editor"))


def tagged(client: ApiClient, workflow: Workflow, *tags: str) -> Any:
    return client.patch(f"workflows/{workflow.pk}", {"tags": list(tags)})


def test_tags_are_kept_once_in_lower_case_and_in_order(
    workflow: Workflow, client: ApiClient
) -> None:
    answer = tagged(client, workflow, "Ops", " month   end ", "ops")
    assert answer.json()["tags"] == ["month end", "ops"]
    assert client.get(f"workflows/{workflow.pk}").json()["tags"] == ["month end", "ops"]


def test_tags_are_replaced_as_a_whole(workflow: Workflow, client: ApiClient) -> None:
    tagged(client, workflow, "a", "b")
    kept = workflow.tags.get(name="b").pk
    assert tagged(client, workflow, "b", "c").json()["tags"] == ["b", "c"]
    assert workflow.tags.get(name="b").pk == kept
    assert tagged(client, workflow).json()["tags"] == []


def test_the_audit_trail_tells_who_tagged(workflow: Workflow, client: ApiClient) -> None:
    tagged(client, workflow, "ops")
    tagged(client, workflow, "ops")
    [entry] = AuditEntry.objects.filter(action="workflow.tag")
    assert entry.detail == {"changes": {"tags": [[], ["ops"]]}}


def test_workflows_are_found_by_a_tag_in_any_case(workflow: Workflow, client: ApiClient) -> None:
    make_workflow(workflow.workspace)
    tagged(client, workflow, "billing")
    found = client.get("workflows?tag=Billing").json()["results"]
    assert [(row["id"], row["tags"]) for row in found] == [(str(workflow.pk), ["billing"])]
    assert client.get("workflows?tag=bill").json()["results"] == []


def test_the_tags_of_a_workspace_are_told_once_each(workflow: Workflow, client: ApiClient) -> None:
    other, stranger = make_workflow(workflow.workspace), make_workflow()
    tagged(client, workflow, "ops", "billing")
    tagged(client, other, "ops")
    tagged(ApiClient(make_user(stranger.workspace)), stranger, "secret")
    told = client.get(f"workspaces/{workflow.workspace_id}/workflow-tags").json()
    assert told == {"results": ["billing", "ops"]}


@pytest.mark.parametrize(
    ("tags", "fault"),
    [
        (["x" * 41], "max_length"),
        (["  "], "blank"),
        ([1], "invalid"),
        ("ops", "not_a_list"),
        ([str(n) for n in range(21)], "max_length"),
    ],
)
def test_what_is_no_tag_is_told(
    workflow: Workflow, client: ApiClient, tags: Any, fault: str
) -> None:
    answer = client.patch(f"workflows/{workflow.pk}", {"tags": tags})
    assert answer.status_code == 422
    [(path, code)] = faults(answer)
    assert (path.split(".")[0], code) == ("tags", fault)


def test_who_may_not_edit_tags_nothing(workflow: Workflow) -> None:
    operator = ApiClient(make_user(workflow.workspace, "operator"))
    assert tagged(operator, workflow, "ops").status_code == 403


def test_a_deleted_workflow_takes_its_tags_along(workflow: Workflow, client: ApiClient) -> None:
    tagged(client, workflow, "ops")
    assert client.delete(f"workflows/{workflow.pk}").status_code == 204
    workspace = workflow.workspace_id
    assert client.get(f"workspaces/{workspace}/workflow-tags").json() == {"results": []}


def test_who_is_no_member_learns_no_tags(workflow: Workflow) -> None:
    stranger = ApiClient(make_user(make_workspace()))
    answer = stranger.get(f"workspaces/{workflow.workspace_id}/workflow-tags")
    assert answer.status_code == 404
