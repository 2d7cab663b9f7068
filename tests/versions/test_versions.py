"""Drafts, versions and publishing, as a builder meets them."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.engine.encoding import encode
from apps.engine.errors import Fault, FaultsError
from apps.engine.parse_node import RETRYABLE_CODES
from apps.expressions.sandbox import Sandbox
from apps.nodes.context import bound, services
from apps.versions.models import ImmutableVersionError, WorkflowVersion
from apps.versions.save import save_version
from apps.workflows.models import Workflow, empty_graph
from apps.workflows.signals import version_published
from apps.workspaces.models import AuditEntry, User
from tests.clients import ApiClient, faults
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import chain, graph, node

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow() -> Workflow:
    return make_workflow()


@pytest.fixture
def client(workflow: Workflow) -> ApiClient:
    return ApiClient(make_user(workflow.workspace, "editor"))


def test_the_draft_comes_back_as_it_was_put(workflow: Workflow, client: ApiClient) -> None:
    params = {"z": 1, "a": {"text": "\0 \u202e <b>", "huge": 10**40, "float": 1.0}}
    written = graph([node("start", "manual"), node("x", params=params)], ["start -> x"])
    saved = client.put(f"workflows/{workflow.pk}/draft", {"graph": written, "revision": 0})
    assert (saved.status_code, saved.json()["revision"]) == (200, 1)
    draft = client.get(f"workflows/{workflow.pk}/draft").json()
    assert encode(draft["graph"]) == encode(written)
    assert draft["revision"] == 1


def test_a_stale_draft_is_a_conflict_that_tells_the_revision(
    workflow: Workflow, client: ApiClient
) -> None:
    path = f"workflows/{workflow.pk}/draft"
    client.put(path, {"graph": chain("a", "b"), "revision": 0})
    answer = client.put(path, {"graph": chain("a", "c"), "revision": 0})
    assert answer.status_code == 409
    assert faults(answer) == [("", "stale_revision")]
    assert answer.json()["revision"] == 1
    assert client.get(path).json()["graph"] == chain("a", "b")


def test_a_draft_with_faults_of_meaning_is_kept_and_told(
    workflow: Workflow, client: ApiClient
) -> None:
    path = f"workflows/{workflow.pk}/draft"
    half = graph([node("start", "manual"), node("x", "no_such_type")])
    saved = client.put(path, {"graph": half, "revision": 0})
    assert saved.status_code == 200
    assert [fault["code"] for fault in saved.json()["errors"]] == ["unknown_type"]
    assert client.get(path).json()["errors"] == saved.json()["errors"]


def test_a_draft_tells_the_ends_that_follow_from_a_nodes_params(
    workflow: Workflow, client: ApiClient
) -> None:
    path = f"workflows/{workflow.pk}/draft"
    rules = [{"name": "paid", "conditions": {"conditions": []}}]
    nodes = [
        node("start", "manual"),
        node("which", "switch", params={"rules": rules}),
        node("join", "merge", params={"input_count": 3}),
    ]
    saved = client.put(path, {"graph": graph(nodes), "revision": 0}).json()
    assert saved["ports"] == {
        "which": {"inputs": ["main"], "outputs": ["paid", "fallback"]},
        "join": {"inputs": ["input_1", "input_2", "input_3"], "outputs": ["main"]},
    }
    assert client.get(path).json()["ports"] == saved["ports"]


@pytest.mark.parametrize("document", [None, 5, "graph", [], {"nodes": {}}, {"schema": 1}])
def test_what_is_no_graph_is_refused_and_nothing_is_stored(
    document: Any, workflow: Workflow, client: ApiClient
) -> None:
    path = f"workflows/{workflow.pk}"
    for answer in (
        client.put(f"{path}/draft", {"graph": document, "revision": 0}),
        client.post(f"{path}/versions", {"graph": document}),
    ):
        assert answer.status_code == 422
        assert faults(answer)
    workflow.refresh_from_db()
    assert workflow.draft_revision == 0
    assert not workflow.versions.exists()


def test_validate_tells_everything_and_saves_nothing(workflow: Workflow, client: ApiClient) -> None:
    broken = graph([node("a", "nope"), node("a", "manual")], ["a -> ghost"])
    answer = client.post(f"workflows/{workflow.pk}/validate", {"graph": broken})
    codes = {fault["code"] for fault in answer.json()["errors"]}
    assert answer.status_code == 200
    assert codes >= {"unknown_type", "duplicate_id", "unknown_node"}
    assert not workflow.versions.exists()


BUSY = Sandbox(size=0, wait_s=0)


def test_code_is_checked_without_waiting_for_runs(workflow: Workflow, client: ApiClient) -> None:
    asked = {"graph": graph([node("a", "transform", params={"code": "return ("})])}
    with bound(replace(services(), sandbox=BUSY)):
        answer = client.post(f"workflows/{workflow.pk}/validate", asked)
    told = {(fault["path"], fault["code"]) for fault in answer.json()["errors"]}
    assert ("nodes[0].params.code", "js_syntax") in told


def test_a_check_that_finds_all_processes_at_work_is_refused_for_now(
    workflow: Workflow, client: ApiClient
) -> None:
    asked = {"graph": graph([node("a", "transform", params={"code": "return 1"})])}
    with bound(replace(services(), editor_sandbox=BUSY)):
        answer = client.post(f"workflows/{workflow.pk}/validate", asked)
    assert (answer.status_code, faults(answer)) == (503, [("", "js_host")])


def test_a_version_is_made_of_the_draft(workflow: Workflow, client: ApiClient) -> None:
    answer = client.post(f"workflows/{workflow.pk}/versions", {"note": "first"})
    version = answer.json()
    assert answer.status_code == 201
    assert (version["version"], version["note"]) == (1, "first")
    assert version["graph"] == workflow.draft_graph
    assert client.get(f"workflows/{workflow.pk}").json()["latest_version"] == 1


def test_the_same_content_makes_no_version(workflow: Workflow, client: ApiClient) -> None:
    path = f"workflows/{workflow.pk}/versions"
    first = client.post(path, {"graph": chain("a", "b"), "note": "first"})
    client.post(path, {"graph": chain("a", "c")})
    again = client.post(path, {"graph": chain("a", "b"), "note": "again"})
    assert again.status_code == 200
    assert again.json() == first.json()
    assert workflow.versions.count() == 2


def test_a_version_without_a_note_is_given_one_once(workflow: Workflow, client: ApiClient) -> None:
    path = f"workflows/{workflow.pk}/versions"
    for note in ("", "why", "other"):
        client.post(path, {"graph": chain("a", "b"), "note": note})
    assert list(workflow.versions.values_list("version", "note")) == [(1, "why")]
    told = AuditEntry.objects.filter(action="version.note").values_list("detail", flat=True)
    assert list(told) == [{"version": 1, "changes": {"note": ["", "why"]}}]


def test_a_faulty_graph_makes_no_version_and_every_fault_is_told(
    workflow: Workflow, client: ApiClient
) -> None:
    broken = graph([node("start", "manual"), node("x", "nope"), node("y", "nada")])
    answer = client.post(f"workflows/{workflow.pk}/versions", {"graph": broken})
    assert answer.status_code == 422
    assert ("nodes[1].type", "unknown_type") in faults(answer)
    assert ("nodes[2].type", "unknown_type") in faults(answer)
    assert not workflow.versions.exists()


def test_versions_are_listed_without_graphs_newest_first(
    workflow: Workflow, client: ApiClient
) -> None:
    make_version(workflow)
    made = client.post(f"workflows/{workflow.pk}/versions", {"graph": chain("a", "b")})
    results = client.get(f"workflows/{workflow.pk}/versions").json()["results"]
    assert made.status_code == 201
    assert [version["version"] for version in results] == [2, 1]
    assert "graph" not in results[0]
    emails = [version["created_by_email"] for version in results]
    assert emails == [User.objects.get().email, None]


def test_a_version_refuses_to_be_saved_again(workflow: Workflow) -> None:
    version = make_version(workflow)
    version.note = "changed"
    with pytest.raises(ImmutableVersionError):
        version.save()


@pytest.mark.parametrize(
    "change", [{"graph_json": {}}, {"version": 9}, {"note": "x"}, {"content_hash": "x"}]
)
def test_the_database_refuses_to_change_a_version(change: dict[str, Any]) -> None:
    version, _ = save_version(make_workflow(), chain("a", "b"), "why", by=None)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        WorkflowVersion.objects.filter(pk=version.pk).update(**change)


def test_the_hash_is_that_of_the_stored_graph(workflow: Workflow) -> None:
    version, _ = save_version(workflow, chain("a", "b"), by=None)
    stored = WorkflowVersion.objects.get(pk=version.pk).graph_json
    assert version.content_hash == hashlib.sha256(encode(stored)).hexdigest()


def test_publishing_moves_the_pointer_and_back(workflow: Workflow, client: ApiClient) -> None:
    make_version(workflow)
    make_version(workflow)
    path = f"workflows/{workflow.pk}/publish"
    assert client.post(path, {"version": 2}).json()["version"] == 2
    assert client.post(path, {"version": 1}).json()["version"] == 1
    assert workflow.versions.get(version=1).published_at is not None
    details = AuditEntry.objects.filter(action="version.publish").values_list("detail", flat=True)
    assert {"changes": {"version": [2, 1]}} in list(details)


def test_a_version_that_is_not_there_is_not_published(
    workflow: Workflow, client: ApiClient
) -> None:
    answer = client.post(f"workflows/{workflow.pk}/publish", {"version": 7})
    assert answer.status_code == 422
    assert faults(answer) == [("version", "unknown")]


def test_who_is_told_of_publishing_may_refuse(workflow: Workflow, client: ApiClient) -> None:
    version = make_version(workflow)
    told = []

    def refuse(sender: object, *, workflow: Workflow, version: Any, **_: Any) -> None:
        told.append((workflow.version, version.version))
        raise FaultsError([Fault("nodes[0].params.path", "taken", "This path is taken.")])

    version_published.connect(refuse)
    try:
        answer = client.post(f"workflows/{workflow.pk}/publish", {"version": version.version})
    finally:
        version_published.disconnect(refuse)
    assert answer.status_code == 422
    assert faults(answer) == [("nodes[0].params.path", "taken")]
    assert told == [(1, 1)]
    workflow.refresh_from_db()
    assert workflow.version is None


def test_archived_workflows_are_not_edited(workflow: Workflow, client: ApiClient) -> None:
    make_version(workflow)
    client.post(f"workflows/{workflow.pk}/archive")
    path = f"workflows/{workflow.pk}"
    for answer in (
        client.put(f"{path}/draft", {"graph": chain("a", "b"), "revision": 0}),
        client.post(f"{path}/versions", {"graph": chain("a", "b")}),
        client.post(f"{path}/publish", {"version": 1}),
    ):
        assert answer.status_code == 409
        assert faults(answer) == [("", "workflow_archived")]


def test_a_version_of_an_archived_workflow_is_given_no_note(
    workflow: Workflow, client: ApiClient
) -> None:
    path = f"workflows/{workflow.pk}/versions"
    client.post(path, {"graph": chain("a", "b")})
    client.post(f"workflows/{workflow.pk}/archive")
    answer = client.post(path, {"graph": chain("a", "b"), "note": "late"})
    assert (answer.status_code, faults(answer)) == (409, [("", "workflow_archived")])
    assert workflow.versions.get().note == ""


def test_node_types_tell_the_canvas_what_there_is(client: ApiClient) -> None:
    answer = client.get("node-types").json()
    results = answer["results"]
    by_type = {entry["type"]: entry for entry in results}
    assert by_type["manual"]["kind"] == "trigger"
    assert client.get("node-types/manual").json() == by_type["manual"]
    assert client.get("node-types/nope").status_code == 404
    assert [each["code"] for each in answer["retryable"]] == [*RETRYABLE_CODES]
    assert all(each["meaning"] for each in answer["retryable"])


def test_a_graph_that_becomes_a_version_becomes_the_draft_that_nobody_has_touched() -> None:
    workflow = make_workflow(draft_graph=empty_graph())
    client = ApiClient(make_user(workflow.workspace, "editor"))
    path = f"workflows/{workflow.pk}"
    assert client.post(f"{path}/versions", {"graph": chain("a", "b")}).status_code == 201
    draft = client.get(f"{path}/draft").json()
    assert (draft["graph"], draft["revision"]) == (chain("a", "b"), 1)
    # Who still has the empty one open does not write over it.
    stale = client.put(f"{path}/draft", {"graph": chain("a", "c"), "revision": 0})
    assert stale.status_code == 409


def test_a_version_leaves_a_draft_alone_that_somebody_has_touched() -> None:
    workflow = make_workflow(draft_graph=empty_graph())
    client = ApiClient(make_user(workflow.workspace, "editor"))
    path = f"workflows/{workflow.pk}"
    client.put(f"{path}/draft", {"graph": empty_graph(), "revision": 0})
    client.post(f"{path}/versions", {"graph": chain("a", "b")})
    draft = client.get(f"{path}/draft").json()
    assert (draft["graph"], draft["revision"]) == (empty_graph(), 1)
