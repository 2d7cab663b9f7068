"""Credentials over the API: secrets go in and never come out."""

from typing import Any
from uuid import uuid4

import pytest

from apps.credentials.models import Credential
from apps.credentials.seal import unseal
from apps.workspaces.models import AuditEntry, IdempotencyKey
from tests.clients import ApiClient, faults
from tests.factories import make_credential, make_user, make_workflow, make_workspace
from tests.nodes.test_credential_types import GOOD, SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential() -> Credential:
    values = {"host": "mail.test", "username": "ada", "password": SECRET}
    return make_credential(type="smtp", values=values, name="Mail")


@pytest.fixture
def client(credential: Credential) -> ApiClient:
    return ApiClient(make_user(credential.workspace, "editor"))


def change(client: ApiClient, credential: Credential, **body: Any) -> Any:
    credential.refresh_from_db()
    body.setdefault("revision", credential.revision)
    return client.patch(f"credentials/{credential.pk}", body)


def values_of(credential: Credential) -> dict[str, Any]:
    credential.refresh_from_db()
    return unseal(credential)


def test_credentials_are_found_by_words_of_their_name_in_any_case() -> None:
    workspace = make_workspace()
    for name in ("Die ÄRZTE, shop", "Others", "Renamed"):
        make_credential(workspace, name=name)
    client = ApiClient(make_user(workspace, "editor"))
    renamed = client.get("credentials?search=renamed").json()["results"][0]
    client.patch(f"credentials/{renamed['id']}", {"revision": 1, "name": "Ärztinnen"})

    def found(words: str) -> list[str]:
        path = f"credentials?ordering=name&search={words}"
        return [each["name"] for each in client.get(path).json()["results"]]

    assert found("ärzt") == ["Die ÄRZTE, shop", "Ärztinnen"]
    assert found("RENAMED") == []


@pytest.mark.parametrize("type", GOOD)
def test_no_answer_holds_a_secret_whatever_is_asked(type: str) -> None:
    workspace = make_workspace()
    client = ApiClient(make_user(workspace))
    new = {"workspace": str(workspace.pk), "name": "One", "type": type, "values": GOOD[type]}
    made = client.post("credentials", new, headers={"Idempotency-Key": "once"})
    assert made.status_code == 201, made.content
    path = f"credentials/{made.json()['id']}"
    answers = [
        made,
        client.post("credentials", new, headers={"Idempotency-Key": "once"}),
        client.get("credentials"),
        client.get(path),
        client.patch(path, {"revision": 1, "values": GOOD[type]}),
        client.get(f"workspaces/{workspace.pk}/audit"),
        client.delete(path),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 200, 200, 200, 200, 204]
    assert SECRET not in "".join(answer.content.decode() for answer in answers)
    assert SECRET not in str([entry.detail for entry in AuditEntry.objects.all()])
    assert SECRET not in str(list(IdempotencyKey.objects.values()))


def test_a_credential_tells_what_it_has_and_where_it_is_used(
    client: ApiClient, credential: Credential
) -> None:
    params = {"credential": str(credential.pk)}
    draft = {"schema": 1, "nodes": [{"params": params}], "edges": [], "settings": {}}
    workflow = make_workflow(credential.workspace, draft_graph=draft, name="Letters")
    told = client.get(f"credentials/{credential.pk}").json()
    assert told["values"] == {"host": "mail.test", "username": "ada"}
    assert told["secrets"] == ["password"]
    assert told["used_by"] == [{"workflow": str(workflow.pk), "name": "Letters", "where": "draft"}]
    [listed] = client.get("credentials").json()["results"]
    assert listed == {name: value for name, value in told.items() if name != "used_by"}
    [with_uses] = client.get("credentials?include=uses").json()["results"]
    assert with_uses == told
    assert faults(client.get("credentials?include=graphs")) == [("include", "unknown")]


def test_a_list_is_of_the_types_that_one_asks_for(
    client: ApiClient, credential: Credential
) -> None:
    make_credential(credential.workspace, name="Token")
    make_credential(credential.workspace, "slack", {"bot_token": "xoxb-1"}, name="Bot")

    def names(query: str) -> list[str]:
        return [row["name"] for row in client.get(f"credentials{query}").json()["results"]]

    assert names("") == ["Bot", "Mail", "Token"]
    assert names("?type=smtp&type=slack&ordering=-name") == ["Mail", "Bot"]
    assert faults(client.get("credentials?type=smpt")) == [("type", "invalid_choice")]


def test_all_faults_of_the_values_are_told_at_once(client: ApiClient) -> None:
    new = {"name": "x", "type": "smtp", "values": {"port": "25", "hots": "mail.test"}}
    assert set(faults(client.post("credentials", new))) == {
        ("values.host", "missing"),
        ("values.port", "wrong_type"),
        ("values.hots", "unknown_param"),
    }
    for wrong in ([], None, "x"):
        assert faults(client.post("credentials", new | {"values": wrong}))[0][0] == "values"
    assert faults(client.post("credentials", new | {"type": "ftp"})) == [("type", "invalid_choice")]
    assert Credential.objects.count() == 1


@pytest.mark.parametrize("name", ["username", "password", "host"])
@pytest.mark.parametrize("value", ["a\0b", "two\nlines", "x" * 9_000, 7, ["x"], {"x": "y"}])
def test_values_that_cannot_be_used_are_refused(client: ApiClient, name: str, value: Any) -> None:
    values = {"host": "mail.test", "username": "ada", "password": "p"} | {name: value}
    answer = client.post("credentials", {"name": "x", "type": "smtp", "values": values})
    assert [path for path, _ in faults(answer)] == [f"values.{name}"]
    assert str(value) not in answer.json()["detail"]


def test_one_secret_changes_and_the_others_stay() -> None:
    credential = make_credential(type="generic", values={"pairs": {"a": "1", "b": "2", "c": "3"}})
    client = ApiClient(make_user(credential.workspace, "editor"))
    answer = change(client, credential, values={"pairs": {"a": "one", "b": None}})
    assert answer.json()["secrets"] == ["pairs.a", "pairs.c"]
    assert values_of(credential) == {"pairs": {"a": "one", "c": "3"}}
    entry = AuditEntry.objects.get(action="credential.change")
    assert entry.detail == {"changes": {"values.pairs": ["not shown", "changed"]}}


def test_a_name_changes_and_all_values_stay(client: ApiClient, credential: Credential) -> None:
    assert change(client, credential, name="Post").json()["name"] == "Post"
    assert values_of(credential)["password"] == SECRET
    entry = AuditEntry.objects.get(action="credential.change")
    assert entry.detail == {"changes": {"name": ["Mail", "Post"]}}


def test_a_change_of_nothing_changes_nothing(client: ApiClient, credential: Credential) -> None:
    for nothing in ({}, {"name": "Mail"}, {"values": {}}):
        assert change(client, credential, **nothing).json()["revision"] == 1
    assert not AuditEntry.objects.filter(action="credential.change").exists()


def test_a_stale_revision_is_a_conflict_and_tells_the_current_one(
    client: ApiClient, credential: Credential
) -> None:
    assert change(client, credential, name="First").json()["revision"] == 2
    answer = change(client, credential, revision=1, name="Second")
    assert (answer.status_code, answer.json()["revision"]) == (409, 2)
    credential.refresh_from_db()
    assert credential.name == "First"


def test_a_secret_is_sent_nowhere_else_by_who_does_not_know_it(
    client: ApiClient, credential: Credential
) -> None:
    for elsewhere in ({"host": "evil.test"}, {"port": 2525}, {"security": "none"}):
        assert faults(change(client, credential, values=elsewhere)) == [
            ("values.password", "needed_again")
        ]
    assert change(client, credential, values={"port": 587, "host": "mail.test"}).status_code == 200
    anew = {"host": "other.test", "password": "another"}
    assert change(client, credential, values=anew).status_code == 200
    assert change(client, credential, values={"username": "bob"}).status_code == 200
    assert values_of(credential) == {"username": "bob", "port": 587, **anew}


def test_a_secret_is_kept_to_its_hosts_by_who_does_not_know_it() -> None:
    values = {"token": SECRET, "allowed_hosts": ["api.test"]}
    credential = make_credential(values=values)
    client = ApiClient(make_user(credential.workspace, "editor"))
    for hosts in ([], ["api.test", "evil.test"], None):
        answer = change(client, credential, values={"allowed_hosts": hosts})
        assert faults(answer) == [("values.token", "needed_again")]


def test_every_pair_is_needed_again_where_all_would_be_sent_elsewhere() -> None:
    headers = {"X-A": SECRET, "X-B": SECRET}
    credential = make_credential(type="http_headers", values={"headers": headers})
    client = ApiClient(make_user(credential.workspace, "editor"))
    asked = {"allowed_hosts": ["evil.test"], "headers": {"X-A": "known"}}
    assert faults(change(client, credential, values=asked)) == [
        ("values.headers.X-B", "needed_again")
    ]


def test_an_unreadable_credential_is_mended_by_entering_its_secrets(
    client: ApiClient, credential: Credential
) -> None:
    Credential.objects.filter(pk=credential.pk).update(sealed="nothing")
    assert change(client, credential, values={"password": "anew"}).status_code == 200
    assert values_of(credential) == {"host": "mail.test", "username": "ada", "password": "anew"}


def test_a_name_is_once_in_a_workspace(client: ApiClient, credential: Credential) -> None:
    new = {"name": "Mail", "type": "http_bearer", "values": {"token": "t"}}
    taken = client.post("credentials", new)
    assert (taken.status_code, faults(taken)) == (409, [("", "name_taken")])
    other = make_credential(credential.workspace)
    assert change(client, other, name="Mail").status_code == 409
    make_credential(name="Mail")


def test_a_credential_in_use_goes_only_by_force(client: ApiClient, credential: Credential) -> None:
    params = {"credential": str(credential.pk)}
    draft = {"schema": 1, "nodes": [{"params": params}], "edges": [], "settings": {}}
    make_workflow(credential.workspace, draft_graph=draft, name="Letters")
    path = f"credentials/{credential.pk}"
    refused = client.delete(path)
    assert refused.status_code == 409
    assert "“Letters”" in refused.json()["detail"]
    assert [use["name"] for use in refused.json()["used_by"]] == ["Letters"]
    assert faults(client.delete(f"{path}?force=yes")) == [("force", "invalid")]
    assert client.delete(f"{path}?force=true").status_code == 204
    assert client.get(path).status_code == 404


def test_another_workspaces_credential_is_not_there(client: ApiClient) -> None:
    theirs = make_credential()
    for id in (theirs.pk, uuid4()):
        for method in ("GET", "PATCH", "DELETE"):
            assert client.send(method, f"credentials/{id}", {}).status_code == 404
        assert client.post(f"credentials/{id}/test", {"url": "http://x.test"}).status_code == 404


def test_the_types_are_told_with_their_schemas(client: ApiClient) -> None:
    told = {entry["type"]: entry for entry in client.get("credential-types").json()["results"]}
    assert told.keys() == GOOD.keys()
    password = told["smtp"]["schema"]["properties"]["password"]
    assert (password["title"], password["writeOnly"]) == ("Password", True)
