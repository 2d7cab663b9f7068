"""A graph may name the credentials of its workspace, of types that its nodes take."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.credentials.models import Credential
from apps.credentials.uses import uses_of
from apps.credentials.vault import named_credentials
from apps.engine.errors import FaultsError
from apps.versions.publish import publish_version
from apps.versions.save import save_version
from apps.workflows.models import Workflow
from apps.workspaces.permissions import RIGHTS, Role
from tests.clients import ApiClient, faults
from tests.factories import make_credential, make_user, make_version, make_workflow
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db
PLACE = "nodes[1].params.credential"


def calling(credential: Any, **members: Any) -> dict[str, Any]:
    params = {"url": "https://api.test/", "credential": credential}
    nodes = [node("start", "manual"), node("call", "http_call", params=params, **members)]
    return graph(nodes, ["start -> call"])


def codes(workflow: Workflow, document: Any) -> list[tuple[str, str]]:
    try:
        save_version(workflow, document, by=None)
    except FaultsError as error:
        return [(fault.path, fault.code) for fault in error.faults]
    return []


def test_a_credential_of_the_workspace_may_be_named() -> None:
    credential = make_credential()
    assert codes(make_workflow(credential.workspace), calling(str(credential.pk))) == []


def test_no_credential_is_none_too_many() -> None:
    assert codes(make_workflow(), calling(None)) == []


def test_what_is_no_credential_of_the_workspace_is_a_fault() -> None:
    theirs = make_credential()
    for written in (str(theirs.pk), str(uuid4()), "CRM", "", theirs.pk.hex):
        assert codes(make_workflow(), calling(written)) == [(PLACE, "credential_unknown")]
    upper = str(theirs.pk).upper()
    assert codes(make_workflow(theirs.workspace), calling(upper)) == [(PLACE, "credential_unknown")]


def test_who_names_a_credential_by_its_name_is_told_its_id() -> None:
    credential, theirs = make_credential(name="CRM"), make_credential(name="Shop")
    workflow = make_workflow(credential.workspace)
    for name, is_told in (("CRM", True), ("Shop", False)):
        with pytest.raises(FaultsError) as caught:
            save_version(workflow, calling(name), by=None)
        [fault] = caught.value.faults
        assert fault.code == "credential_unknown"
        assert (f"Give its id: {credential.pk}." in fault.message) == is_told
        assert str(theirs.pk) not in fault.message


def test_a_type_that_the_node_does_not_take_is_a_fault() -> None:
    credential = make_credential(type="smtp", values={"host": "mail.test"})
    workflow = make_workflow(credential.workspace)
    assert codes(workflow, calling(str(credential.pk))) == [(PLACE, "credential_wrong_type")]


def test_a_credential_is_never_computed() -> None:
    credential = make_credential()
    document = calling(f"={{{{ '{credential.pk}' }}}}")
    assert (PLACE, "literal_only") in codes(make_workflow(credential.workspace), document)


def test_a_disabled_node_is_warned_of_and_saved() -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace, "editor"))
    document = calling(str(uuid4()), disabled=True)
    told = client.post(f"workflows/{workflow.pk}/versions", {"graph": document}).json()
    assert [warning["code"] for warning in told["warnings"]] == ["credential_unknown"]


def test_the_editor_is_told_before_anything_is_saved() -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace, "editor"))
    document = calling(str(uuid4()))
    for answer in (
        client.post(f"workflows/{workflow.pk}/validate", {"graph": document}),
        client.put(f"workflows/{workflow.pk}/draft", {"graph": document, "revision": 0}),
        client.get(f"workflows/{workflow.pk}/draft"),
    ):
        assert [fault["code"] for fault in answer.json()["errors"]] == ["credential_unknown"]
    assert faults(client.post(f"workflows/{workflow.pk}/versions", {})) == [
        (PLACE, "credential_unknown")
    ]


def test_publishing_asks_again() -> None:
    credential = make_credential()
    version = make_version(make_workflow(credential.workspace), calling(str(credential.pk)))
    Credential.objects.all().delete()
    with pytest.raises(FaultsError, match="faults"):
        publish_version(version, by=None)


def test_who_may_not_use_credentials_saves_no_graph_that_names_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credential = make_credential()
    workflow = make_workflow(credential.workspace)
    client = ApiClient(make_user(workflow.workspace, "editor"))
    monkeypatch.setitem(RIGHTS, "credential.use", Role.ADMIN)
    path, named = f"workflows/{workflow.pk}/versions", {"graph": calling(str(credential.pk))}
    assert client.post(path, named).status_code == 403
    assert client.post(path, {"graph": calling(None)}).status_code == 201
    monkeypatch.undo()
    assert client.post(path, named).status_code == 201


def test_uses_are_found_in_drafts_and_published_versions_alone() -> None:
    credential = make_credential()
    workspace = credential.workspace
    document = calling(str(credential.pk))
    draft = make_workflow(workspace, draft_graph=document, name="In its draft")
    published = make_workflow(workspace, name="Published")
    make_version(published, document, is_published=True)
    old = make_workflow(workspace, name="Not any more")
    make_version(old, document)
    make_version(old, is_published=True)
    mentioned = graph([node("start", "manual", notes=str(credential.pk))])
    make_workflow(workspace, draft_graph=mentioned, name="Only mentioned")
    theirs = make_workflow(draft_graph=document, name="Theirs")
    other = make_credential(workspace)
    uses = uses_of([credential, other])
    assert {(use.workflow, use.where) for use in uses[credential.pk]} == {
        (draft.pk, "draft"),
        (published.pk, "published"),
    }
    assert theirs.pk not in {use.workflow for use in uses[credential.pk]}
    assert uses[other.pk] == []


def test_uses_of_many_credentials_are_found_as_well() -> None:
    first = make_credential()
    others = [make_credential(first.workspace) for _ in range(6)]
    document = calling(str(first.pk))
    used = make_workflow(first.workspace, draft_graph=document)
    uses = uses_of([first, *others])
    assert [use.workflow for use in uses[first.pk]] == [used.pk]
    assert [uses[other.pk] for other in others] == [[]] * 6


@pytest.mark.parametrize("sought_count", [1, 7])  # one by one, and all at once
def test_uses_take_two_queries_and_read_only_the_graphs_that_name_what_is_sought(
    sought_count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sought = [make_credential()]
    workspace = sought[0].workspace
    sought += [make_credential(workspace) for _ in range(sought_count - 1)]
    naming, other = calling(str(sought[0].pk)), calling(str(make_credential(workspace).pk))
    for document in (naming, other, other, graph([node("start", "manual")])):
        make_version(make_workflow(workspace, draft_graph=document), document, is_published=True)
    read: list[Any] = []

    def reading(document: Any) -> set[UUID]:
        read.append(document)
        return named_credentials(document)

    monkeypatch.setattr("apps.versions.uses.named_credentials", reading)
    with django_assert_num_queries(2):
        found = uses_of(sought)
    assert [use.where for use in found[sought[0].pk]] == ["draft", "published"]
    assert read == [naming, naming]
