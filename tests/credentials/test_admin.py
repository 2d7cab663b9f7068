"""Credentials in the admin: entered, changed and tried there, and never shown."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.credentials.models import Credential
from apps.credentials.seal import unseal
from apps.nodes.context import Services, bound
from apps.nodes.contract import Answer
from apps.workspaces.models import AuditEntry, Workspace
from tests.clients import ApiClient
from tests.factories import make_credential, make_user, make_workflow, make_workspace
from tests.nodes.test_credential_types import GOOD, PEM, SECRET
from tests.nodes.twins import StubHttp

pytestmark = pytest.mark.django_db

LIST = reverse("admin:credentials_credential_changelist")
ADD = reverse("admin:credentials_credential_add")


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def client(workspace: Workspace) -> ApiClient:
    return ApiClient(make_user(workspace, "editor", is_staff=True))


def page_of(credential: Credential) -> str:
    return reverse("admin:credentials_credential_change", args=[credential.pk])


def sent(client: ApiClient, path: str, **fields: Any) -> Any:
    return client.django.post(path, fields, follow=True)


def changed(client: ApiClient, credential: Credential, **fields: Any) -> Any:
    """Send the form as a browser would: with all that it was filled with."""
    form = client.django.get(page_of(credential)).context["adminform"].form
    filled = {name: form[name].value() for name in form.fields}
    shown = {name: value for name, value in filled.items() if value not in (None, "", [])}
    lines = {name: "\n".join(v) if isinstance(v, list) else v for name, v in shown.items()}
    return sent(client, page_of(credential), **lines | fields)


def errors_of(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def values_of(credential: Credential) -> dict[str, Any]:
    credential.refresh_from_db()
    return unseal(credential)


def fields_of(type: str) -> dict[str, Any]:
    """The good values of a type, as one types them into its form."""
    typed = {}
    for name, value in GOOD[type].items():
        if isinstance(value, dict):
            value = "\n".join(f"{key}={text}" for key, text in value.items())
        typed[f"value_{name}"] = "\n".join(value) if isinstance(value, list) else value
    defaults = {
        "oauth2_client": {"value_grant": "authorization_code", "value_client_auth": "header"},
        "smtp": {"value_port": 587, "value_security": "starttls"},
        "imap": {"value_port": 993, "value_security": "tls"},
        "postgres": {"value_port": 5432, "value_sslmode": "prefer"},
    }
    return defaults.get(type, {}) | typed


@pytest.mark.parametrize("type", GOOD)
def test_each_type_is_entered_in_its_form_and_never_shown_again(
    client: ApiClient, workspace: Workspace, type: str
) -> None:
    assert f"?type={type}" in client.get(ADD).content.decode()
    assert "value_" in client.get(f"{ADD}?type={type}").content.decode()
    made = sent(
        client, f"{ADD}?type={type}", workspace=workspace.pk, name="Mine", **fields_of(type)
    )
    credential = Credential.objects.get()
    assert (credential.name, credential.type) == ("Mine", type)
    assert values_of(credential) == GOOD[type]
    assert changed(client, credential, name="Ours").status_code == 200
    assert values_of(credential) == GOOD[type]
    assert credential.name == "Ours"
    pages = [made, *(client.get(path) for path in (LIST, page_of(credential)))]
    pages.append(client.get(reverse("admin:credentials_credential_history", args=[credential.pk])))
    assert SECRET not in "".join(page.content.decode() for page in pages)
    told = [*LogEntry.objects.values_list("change_message", flat=True)]
    told += [str(entry.detail) for entry in AuditEntry.objects.all()]
    assert SECRET not in str(told)


def test_all_faults_are_told_beside_their_fields_and_no_secret_is_sent_back(
    client: ApiClient, workspace: Workspace
) -> None:
    answer = sent(
        client,
        f"{ADD}?type=oauth2_client",
        workspace=workspace.pk,
        name="x",
        value_grant="authorization_code",
        value_client_auth="header",
        value_token_url="ftp://id.test",
        value_client_id="a",
        value_client_secret=SECRET,
    )
    assert errors_of(answer).keys() == {"value_token_url"}
    assert SECRET not in answer.content.decode()
    answer = sent(
        client,
        f"{ADD}?type=oauth2_client",
        workspace=workspace.pk,
        name="x",
        value_grant="authorization_code",
        value_client_auth="header",
        value_token_url="https://id.test/",
        value_client_id="a",
    )
    assert errors_of(answer).keys() == {"value_authorize_url"}
    assert Credential.objects.count() == 0


def test_a_secret_that_is_left_empty_stays(client: ApiClient, workspace: Workspace) -> None:
    values = {"host": "mail.test", "username": "ada", "password": SECRET}
    credential = make_credential(workspace, "smtp", values)
    changed(client, credential, value_username="bob")
    assert values_of(credential) == values | {"username": "bob"}
    changed(client, credential, value_password="another-one")
    assert values_of(credential)["password"] == "another-one"
    changed(client, credential, without_password="on")
    assert "password" not in values_of(credential)


def test_a_secret_is_needed_again_where_it_would_go_elsewhere(
    client: ApiClient, workspace: Workspace
) -> None:
    values = {"host": "mail.test", "password": SECRET}
    credential = make_credential(workspace, "smtp", values)
    answer = changed(client, credential, value_host="evil.test")
    assert errors_of(answer).keys() == {"value_password"}
    assert values_of(credential) == values
    changed(client, credential, value_host="other.test", value_password="another-one")
    assert values_of(credential) == {"host": "other.test", "password": "another-one"}


def test_pairs_are_replaced_and_taken_away_by_name(client: ApiClient, workspace: Workspace) -> None:
    credential = make_credential(workspace, "generic", {"pairs": {"a": "1", "b": "2", "c": "3"}})
    assert "Set: a, b, c." in client.get(page_of(credential)).content.decode()
    changed(client, credential, value_pairs="a=x=y\nb=\nd = 4")
    assert values_of(credential) == {"pairs": {"a": "x=y", "c": "3", "d": "4"}}
    answer = changed(client, credential, value_pairs=f"e={SECRET}\nonly a name")
    assert errors_of(answer).keys() == {"value_pairs"}
    assert SECRET not in answer.content.decode()


def test_a_key_in_pem_keeps_its_lines(client: ApiClient, workspace: Workspace) -> None:
    sent(
        client,
        f"{ADD}?type=signing_key",
        workspace=workspace.pk,
        name="Key",
        value_private_key=PEM,
        value_passphrase="open sesame",
    )
    stored = values_of(Credential.objects.get())["private_key"]
    assert stored.split() == PEM.split()


def test_a_stale_page_changes_nothing(client: ApiClient, workspace: Workspace) -> None:
    credential = make_credential(workspace)
    answer = changed(client, credential, name="Late", seen_revision=0)
    assert "changed meanwhile" in answer.content.decode()
    credential.refresh_from_db()
    assert credential.name != "Late"


def test_a_credential_in_use_is_not_deleted(client: ApiClient, workspace: Workspace) -> None:
    credential = make_credential(workspace)
    nodes = [{"params": {"credential": str(credential.pk)}}]
    make_workflow(workspace, draft_graph={"nodes": nodes}, name="Letters")
    assert "Letters" in client.get(page_of(credential)).content.decode()
    delete = reverse("admin:credentials_credential_delete", args=[credential.pk])
    assert "Letters" in sent(client, delete, post="yes").content.decode()
    assert Credential.objects.exists()


def test_of_several_none_is_deleted_where_one_is_in_use(
    client: ApiClient, workspace: Workspace
) -> None:
    used, other = make_credential(workspace), make_credential(workspace)
    nodes = [{"params": {"credential": str(used.pk)}}]
    make_workflow(workspace, draft_graph={"nodes": nodes}, name="Letters")
    chosen = {"action": "delete_selected", "_selected_action": [used.pk, other.pk], "post": "yes"}
    assert "Letters" in sent(client, LIST, **chosen).content.decode()
    assert Credential.objects.count() == 2


def test_a_test_says_what_came_of_it(client: ApiClient, workspace: Workspace) -> None:
    credential = make_credential(workspace, values={"token": SECRET})
    path = reverse("admin:credentials_credential_test_on", args=[credential.pk])
    for status, told in ((200, "The credential works."), (401, "answered 401")):
        with bound(Services(transport=StubHttp([Answer(status)]))):
            answer = client.django.post(
                path, {"url": "https://api.test/", "_form_submitted": "on"}, follow=True
            )
        assert told in answer.content.decode()
    assert "fails" in client.get(LIST).content.decode()


def test_who_may_only_see_tests_nothing(workspace: Workspace) -> None:
    viewer = ApiClient(make_user(workspace, "viewer", is_staff=True))
    values = {"host": "mail.test", "username": "ada", "password": SECRET}
    credential = make_credential(workspace, "smtp", values)
    seen = viewer.get(page_of(credential)).content.decode()
    assert "mail.test" in seen
    assert SECRET not in seen
    for name in ("test", "test_on"):
        path = reverse(f"admin:credentials_credential_{name}", args=[credential.pk])
        answer = viewer.django.post(
            path, {"url": "https://api.test/", "_form_submitted": "on"}, follow=True
        )
        assert answer.status_code == 403


def test_a_list_asks_as_much_for_many_as_for_one(
    client: ApiClient, workspace: Workspace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        make_credential(workspace)
    with django_assert_max_num_queries(12):
        assert client.get(LIST).status_code == 200
