"""New secrets take the place of the old under the same name, and are tried first."""

from typing import Any

import pytest
from django.urls import reverse

from apps.credentials.models import Credential
from apps.credentials.vault import opened
from apps.nodes.contract import Answer
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.credentials.test_try_out import answering
from tests.factories import make_credential, make_user, make_workspace

pytestmark = pytest.mark.django_db
OLD, NEW = "0ld-s3cret-token", "n3w-s3cret-token"
URL = "https://api.test/me"


@pytest.fixture
def credential() -> Credential:
    return make_credential(values={"token": OLD})


@pytest.fixture
def client(credential: Credential) -> ApiClient:
    return ApiClient(make_user(credential.workspace, "editor", is_staff=True))


def rotate(client: ApiClient, credential: Credential, **body: Any) -> Any:
    body = {"revision": 1, "values": {"token": NEW}} | body
    return client.post(f"credentials/{credential.pk}/rotate", body)


def token(credential: Credential) -> str:
    return str(opened(Credential.objects.get(pk=credential.pk)).values["token"])


def test_new_secrets_are_tried_and_stored(client: ApiClient, credential: Credential) -> None:
    with answering([Answer(200)]) as service:
        answer = rotate(client, credential, url=URL)
    assert answer.status_code == 200
    assert service.requests[0].headers["authorization"] == f"Bearer {NEW}"
    assert token(credential) == NEW
    assert (answer.json()["name"], answer.json()["revision"]) == (credential.name, 2)
    assert answer.json()["last_tested_at"] is not None
    entry = AuditEntry.objects.get(action="credential.rotate")
    assert entry.detail["tried"] is True
    assert list(entry.detail["changes"]) == ["values.token"]
    for told in (answer.content.decode(), str(entry.detail)):
        assert NEW not in told
        assert OLD not in told


def test_what_the_service_does_not_take_is_not_stored(
    client: ApiClient, credential: Credential
) -> None:
    with answering([Answer(403)]):
        answer = rotate(client, credential, url=URL)
    assert faults(answer) == [("", "not_taken")]
    assert NEW not in answer.content.decode()
    assert token(credential) == OLD


def test_without_a_url_those_of_http_are_stored_untried(
    client: ApiClient, credential: Credential
) -> None:
    answer = rotate(client, credential)
    assert answer.json()["last_tested_at"] is None
    assert token(credential) == NEW


def test_a_type_with_a_service_of_its_own_is_always_tried(client: ApiClient) -> None:
    workspace = Credential.objects.get().workspace
    slack = make_credential(workspace, "slack", {"bot_token": OLD})
    with answering([Answer(200, {"ok": False, "error": "invalid_auth"})]):
        answer = rotate(client, slack, values={"bot_token": NEW})
    assert faults(answer) == [("", "not_taken")]
    with answering([Answer(200, {"ok": True})]):
        assert rotate(client, slack, values={"bot_token": NEW}).status_code == 200


def test_who_saw_an_older_one_replaces_nothing(client: ApiClient, credential: Credential) -> None:
    assert faults(rotate(client, credential, revision=7)) == [("", "stale_revision")]
    assert token(credential) == OLD


def test_there_must_be_new_secrets(client: ApiClient, credential: Credential) -> None:
    assert faults(rotate(client, credential, values={})) == [("values", "missing")]


def press(client: ApiClient, credential: Credential, **form: str) -> Any:
    path = reverse("admin:credentials_credential_rotate", args=[credential.pk])
    return client.django.post(path, {"_form_submitted": "on", **form}, follow=True)


def test_they_are_rotated_in_the_admin(client: ApiClient, credential: Credential) -> None:
    with answering([Answer(200)]):
        page = press(client, credential, value_token=NEW, url=URL).content.decode()
    assert "1 credential rotated" in page
    assert token(credential) == NEW
    assert NEW not in page
    assert OLD not in page


def test_the_admin_says_what_was_not_taken(client: ApiClient, credential: Credential) -> None:
    with answering([Answer(401)]):
        page = press(client, credential, value_token=NEW, url=URL).content.decode()
    assert "are not stored" in page
    assert token(credential) == OLD


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_may_not_change_it_rotates_nothing(credential: Credential, role: str) -> None:
    low = ApiClient(make_user(credential.workspace, role, is_staff=True))
    assert press(low, credential, value_token=NEW).status_code == 403
    assert rotate(low, credential).status_code == 403
    stranger = ApiClient(make_user(make_workspace(), "admin", is_staff=True))
    assert press(stranger, credential, value_token=NEW).status_code == 403
    assert token(credential) == OLD
