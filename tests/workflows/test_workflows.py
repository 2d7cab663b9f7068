"""Workflows and their life, as an API client meets them."""

from typing import Any

import pytest

from apps.engine.errors import Fault, FaultsError
from apps.workflows.models import Workflow
from apps.workflows.signals import workflow_activating, workflow_deactivating
from apps.workspaces.models import AuditEntry
from apps.workspaces.views import TenantView
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_version, make_workflow, make_workspace
from tests.graphs import chain, graph, node

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow() -> Workflow:
    return make_workflow()


@pytest.fixture
def client(workflow: Workflow) -> ApiClient:
    return ApiClient(make_user(workflow.workspace, "editor"))


def test_a_new_workflow_is_an_empty_draft() -> None:
    key, text = make_api_key(role="editor")
    client = ApiClient(text)
    made = client.post("workflows", {"name": "Sync"})
    assert made.status_code == 201
    body = made.json()
    assert body == {
        "id": body["id"],
        "workspace": str(key.workspace_id),
        "name": "Sync",
        "status": "draft",
        "version": None,
        "latest_version": None,
        "tags": [],
        "keep_completed_days": None,
        "keep_failed_days": None,
        "keep_runs": None,
        "max_kept_bytes": None,
        "kept_bytes": 0,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert client.get(f"workflows/{body['id']}").json() == body
    draft = client.get(f"workflows/{body['id']}/draft").json()
    assert draft["graph"] == {"schema": 1, "nodes": [], "edges": [], "settings": {}}


def test_a_workflow_is_made_with_a_graph_in_its_draft(client: ApiClient) -> None:
    made = client.post("workflows", {"name": "Copy", "graph": chain("a", "b")})
    assert made.status_code == 201
    draft = client.get(f"workflows/{made.json()['id']}/draft").json()
    assert (draft["graph"], draft["revision"]) == (chain("a", "b"), 1)


def test_a_workflow_is_made_with_a_graph_that_means_something_wrong(client: ApiClient) -> None:
    half_done = graph([node("x", "no_such_type")])
    made = client.post("workflows", {"name": "Copy", "graph": half_done})
    assert made.status_code == 201
    draft = client.get(f"workflows/{made.json()['id']}/draft").json()
    assert [fault["code"] for fault in draft["errors"]] == ["unknown_type"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        pytest.param("text", "graph", id="no object"),
        pytest.param(None, "graph", id="null"),
        pytest.param(graph([{"id": 7}]), "graph.nodes[0].id", id="a node without a form"),
    ],
)
def test_what_is_no_graph_makes_no_workflow(given: Any, path: str, client: ApiClient) -> None:
    answer = client.post(
        "workflows", {"name": "Copy", "graph": given}, headers={"Idempotency-Key": "once"}
    )
    assert answer.status_code == 422
    assert path in [told for told, _ in faults(answer)]
    assert not Workflow.objects.filter(name="Copy").exists()
    assert not AuditEntry.objects.filter(action="workflow.create").exists()


def test_times_are_utc_with_milliseconds(workflow: Workflow, client: ApiClient) -> None:
    created_at = client.get(f"workflows/{workflow.pk}").json()["created_at"]
    assert len(created_at) == len("2026-11-24T17:50:46.123Z")
    assert created_at.endswith("Z")


def test_who_is_in_two_workspaces_says_which() -> None:
    user = make_user(make_workspace())
    assert ApiClient(user).post("workflows", {"name": "x"}).status_code == 201
    second = make_workspace()
    second.memberships.create(user=user, role="admin")
    assert faults(ApiClient(user).post("workflows", {"name": "x"})) == [("workspace", "missing")]


def test_the_list_is_filtered_by_workspace_status_and_words() -> None:
    one, two = make_workspace(), make_workspace()
    user = make_user(one)
    two.memberships.create(user=user, role="viewer")
    make_workflow(one, name="Straße nach Riga")
    make_workflow(one, name="Old", status="archived")
    make_workflow(two, name="100% sure")
    client = ApiClient(user)

    def names(query: str) -> set[str]:
        return {row["name"] for row in client.get(f"workflows?{query}").json()["results"]}

    assert names(f"workspace={one.pk}") == {"Straße nach Riga", "Old"}
    assert names("status=archived") == {"Old"}
    assert names("search=STRASSE") == {"Straße nach Riga"}
    assert names("search=%25") == {"100% sure"}
    assert names("search=_") == set()


def test_a_wrong_filter_is_told() -> None:
    client = ApiClient(make_user(make_workspace()))
    answer = client.get("workflows?workspace=x&status=nope")
    assert answer.status_code == 422
    assert {path for path, _ in faults(answer)} == {"workspace", "status"}


def test_a_list_loads_no_graph(
    workflow: Workflow, client: ApiClient, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        make_workflow(workflow.workspace)
    client.get("me")
    with django_assert_num_queries(4) as seen:  # session, user, the page, its tags
        client.get("workflows")
    assert not any("draft_graph" in query["sql"] for query in seen.captured_queries)


def test_a_workflow_is_renamed_and_found_by_its_new_name(
    workflow: Workflow, client: ApiClient
) -> None:
    answer = client.patch(f"workflows/{workflow.pk}", {"name": " Neu "})
    assert answer.json()["name"] == " Neu "
    assert len(client.get("workflows?search=NEU").json()["results"]) == 1


def test_only_a_published_workflow_is_activated(workflow: Workflow, client: ApiClient) -> None:
    answer = client.post(f"workflows/{workflow.pk}/activate")
    assert answer.status_code == 409
    assert faults(answer) == [("", "not_published")]


def test_the_life_of_a_workflow(workflow: Workflow, client: ApiClient) -> None:
    make_version(workflow, is_published=True)
    heard: list[tuple[str, str]] = []

    def activating(sender: object, *, workflow: Workflow, **_: Any) -> None:
        heard.append(("activating", workflow.status))

    def deactivating(sender: object, *, workflow: Workflow, **_: Any) -> None:
        heard.append(("deactivating", workflow.status))

    workflow_activating.connect(activating)
    workflow_deactivating.connect(deactivating)
    try:
        for move, status in [
            ("activate", "active"),
            ("activate", "active"),  # again: changes nothing, tells nobody
            ("deactivate", "draft"),
            ("activate", "active"),
            ("archive", "archived"),
            ("deactivate", "draft"),  # out of the archive
        ]:
            answer = client.post(f"workflows/{workflow.pk}/{move}")
            assert (answer.status_code, answer.json()["status"]) == (200, status)
    finally:
        workflow_activating.disconnect(activating)
        workflow_deactivating.disconnect(deactivating)
    assert heard == [
        ("activating", "active"),
        ("deactivating", "draft"),
        ("activating", "active"),
        ("deactivating", "archived"),
    ]


def test_who_is_told_of_activation_may_refuse(workflow: Workflow, client: ApiClient) -> None:
    make_version(workflow, is_published=True)

    def refuse(sender: object, **_: Any) -> None:
        raise FaultsError([Fault("nodes[0].params.path", "taken", "This path is taken.")])

    workflow_activating.connect(refuse)
    try:
        answer = client.post(f"workflows/{workflow.pk}/activate")
    finally:
        workflow_activating.disconnect(refuse)
    assert answer.status_code == 422
    assert faults(answer) == [("nodes[0].params.path", "taken")]
    workflow.refresh_from_db()
    assert workflow.status == "draft"


def test_an_active_workflow_is_not_deleted(workflow: Workflow, client: ApiClient) -> None:
    make_version(workflow, is_published=True)
    client.post(f"workflows/{workflow.pk}/activate")
    answer = client.delete(f"workflows/{workflow.pk}")
    assert answer.status_code == 409
    assert faults(answer) == [("", "workflow_active")]


def test_a_workflow_is_deleted_with_its_versions(workflow: Workflow, client: ApiClient) -> None:
    make_version(workflow, is_published=True)
    assert client.delete(f"workflows/{workflow.pk}").status_code == 204
    assert client.get(f"workflows/{workflow.pk}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"name": "Later"}),
        ("DELETE", "", None),
        ("POST", "/activate", None),
        ("POST", "/archive", None),
        ("POST", "/publish", {"version": 1}),
        ("PUT", "/draft", {"graph": chain("start", "end"), "revision": 0}),
        ("POST", "/versions", {}),
        ("POST", "/versions", {"graph": chain("start", "other")}),
    ],
)
def test_a_workflow_that_is_deleted_meanwhile_is_not_there(
    workflow: Workflow,
    client: ApiClient,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
    body: Any,
) -> None:
    make_version(workflow)

    def somebody_deletes_it(self: TenantView, request: Any, found: Workflow) -> None:
        Workflow.objects.filter(pk=found.pk).delete()

    monkeypatch.setattr(TenantView, "check_object_permissions", somebody_deletes_it)
    answer = client.send(method, f"workflows/{workflow.pk}{path}", body)
    if path == "/publish":  # its versions went with it
        assert faults(answer) == [("version", "unknown")]
    else:
        assert answer.status_code == 404
        assert faults(answer) == [("", "not_found")]
