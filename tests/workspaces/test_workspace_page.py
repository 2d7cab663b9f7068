"""A workspace's page in the admin: who works there, and which programs."""

from typing import Any

import pytest
from django.urls import reverse

from apps.workspaces.api_keys import revoke_api_key, verify
from apps.workspaces.models import Workspace
from tests.api.rows import invitation
from tests.clients import ApiClient
from tests.factories import make_api_key, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace("Ops")


def page_of(workspace: Workspace, client: ApiClient) -> str:
    answer = client.get(f"/admin/workspaces/workspace/{workspace.pk}/change/")
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


@pytest.fixture
def boss() -> ApiClient:
    return ApiClient(make_user(is_staff=True, is_superuser=True))


def test_it_lists_members_invitations_and_keys(workspace: Workspace, boss: ApiClient) -> None:
    ada = make_user(workspace, "editor")
    gone = make_user(workspace, "viewer", is_active=False)
    invited = invitation(workspace)
    key, text = make_api_key(workspace, name="Deployment")
    revoke_api_key(make_api_key(workspace, name="Old one")[0])
    page = page_of(workspace, boss)
    for told in (ada.email, gone.email, "disabled", invited.email, "Deployment", "never"):
        assert told in page
    assert "revoked" in page
    assert text not in page
    assert key.hash not in page


def test_an_operator_sees_members_and_neither_keys_nor_invitations(workspace: Workspace) -> None:
    ada = make_user(workspace, "editor")
    invited = invitation(workspace)
    make_api_key(workspace, name="Deployment")
    page = page_of(workspace, ApiClient(make_user(workspace, "operator", is_staff=True)))
    assert ada.email in page
    assert "Deployment" not in page
    assert invited.email not in page
    assert reverse("admin:workspaces_invitation_add") not in page


def test_an_operator_sees_no_other_workspace(workspace: Workspace) -> None:
    client = ApiClient(make_user(make_workspace(), "operator", is_staff=True))
    answer = client.get(f"/admin/workspaces/workspace/{workspace.pk}/change/")
    assert answer.status_code == 302  # there is no such row


def test_a_key_is_revoked_on_its_page(workspace: Workspace, boss: ApiClient) -> None:
    key, text = make_api_key(workspace)
    path = reverse("admin:workspaces_apikey_revoke_this", args=[key.pk])
    boss.django.post(path, {"_form_submitted": "on"})
    assert verify(text) is None


def test_an_operator_revokes_no_key(workspace: Workspace) -> None:
    key, text = make_api_key(workspace)
    path = reverse("admin:workspaces_apikey_revoke_this", args=[key.pk])
    operator = ApiClient(make_user(workspace, "operator", is_staff=True))
    assert operator.django.post(path, {"_form_submitted": "on"}).status_code == 403
    assert verify(text) is not None


def test_it_asks_as_much_for_many_as_for_one(
    workspace: Workspace, boss: ApiClient, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make_user(workspace)
        make_api_key(workspace)
    with django_assert_max_num_queries(16):
        page_of(workspace, boss)
