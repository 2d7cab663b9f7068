"""Who is in a workspace."""

from typing import Any

import pytest

from apps.workspaces.errors import ConflictError
from apps.workspaces.members import change_role, remove_member
from apps.workspaces.models import AuditEntry, Membership, User
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_member, make_user, make_workspace

pytestmark = pytest.mark.django_db


def test_who_makes_a_workspace_is_its_admin() -> None:
    user = make_user()
    made = ApiClient(user).post("workspaces", {"name": "Ops"})
    assert made.status_code == 201
    assert made.json()["role"] == "admin"
    assert ApiClient(user).get("workspaces").json()["results"] == [made.json()]


def test_a_member_is_added_by_address_known_or_not() -> None:
    workspace = make_workspace()
    make_user(email="ada@example.test")
    client = ApiClient(make_user(workspace))
    path = f"workspaces/{workspace.pk}/members"
    known = client.post(path, {"email": "ADA@example.test", "role": "editor"})
    unknown = client.post(path, {"email": "new@example.test", "role": "viewer"})
    assert (known.status_code, unknown.status_code) == (201, 201)
    assert known.json().keys() == unknown.json().keys()
    assert not User.objects.get(email="new@example.test").has_usable_password()


def test_nobody_is_a_member_twice() -> None:
    workspace = make_workspace()
    admin = make_user(workspace)
    answer = ApiClient(admin).post(
        f"workspaces/{workspace.pk}/members", {"email": admin.email, "role": "viewer"}
    )
    assert answer.status_code == 409
    assert faults(answer) == [("", "already_member")]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_the_last_admin_stays(method: str) -> None:
    workspace = make_workspace()
    admin = make_user(workspace)
    make_user(workspace, "editor")
    membership = Membership.objects.get(user=admin)
    path = f"workspaces/{workspace.pk}/members/{membership.pk}"
    answer = ApiClient(admin).send(method, path, {"role": "viewer"})
    assert answer.status_code == 409
    assert faults(answer) == [("", "last_admin")]
    assert Membership.objects.get(pk=membership.pk).role == "admin"


@pytest.mark.parametrize("deed", [remove_member, lambda m, by: change_role(m, Role.VIEWER, by=by)])
def test_who_became_the_last_admin_meanwhile_stays(deed: Any) -> None:
    """The role counts that the member has by now, not the one that the request saw."""
    workspace = make_workspace()
    membership = make_member(workspace, make_user(), "viewer")
    Membership.objects.filter(pk=membership.pk).update(role=Role.ADMIN)
    with pytest.raises(ConflictError):
        deed(membership, by=None)
    assert Membership.objects.get(pk=membership.pk).role == Role.ADMIN


def test_who_went_meanwhile_is_not_there() -> None:
    membership = make_member(make_workspace(), make_user(), "viewer")
    Membership.objects.filter(pk=membership.pk).delete()
    with pytest.raises(Membership.DoesNotExist):
        change_role(membership, Role.EDITOR, by=None)


def test_one_of_two_admins_may_go_and_it_is_remembered() -> None:
    workspace = make_workspace()
    admin, other = make_user(workspace), make_user()
    membership = make_member(workspace, other)
    path = f"workspaces/{workspace.pk}/members/{membership.pk}"
    assert ApiClient(admin).delete(path).status_code == 204
    entry = AuditEntry.objects.get(action="member.remove")
    assert (entry.user, entry.workspace) == (admin, workspace)
    assert ApiClient(other).get(f"workspaces/{workspace.pk}").status_code == 404


def test_a_role_changes_at_once() -> None:
    workspace = make_workspace()
    admin, viewer = make_user(workspace), make_user()
    membership = make_member(workspace, viewer, "viewer")
    path = f"workspaces/{workspace.pk}/members/{membership.pk}"
    assert ApiClient(viewer).patch(path, {"role": "admin"}).status_code == 403
    assert ApiClient(admin).patch(path, {"role": "admin"}).json()["role"] == "admin"
    assert ApiClient(viewer).get(f"workspaces/{workspace.pk}/audit").status_code == 200


def test_the_audit_trail_tells_who_did_what_newest_first() -> None:
    workspace = make_workspace()
    ada = make_user(workspace)
    client = ApiClient(ada)
    client.patch(f"workspaces/{workspace.pk}", {"name": "Newer"})
    client.post(f"workspaces/{workspace.pk}/api-keys", {"role": "viewer"})
    results = client.get(f"workspaces/{workspace.pk}/audit").json()["results"]
    assert [entry["user_email"] for entry in results] == [ada.email, ada.email]
    assert [entry["api_key_prefix"] for entry in results] == [None, None]
    assert [entry["action"] for entry in results] == ["api_key.create", "workspace.rename"]
    assert results[1]["detail"] == {"changes": {"name": ["Ops", "Newer"]}}


def test_the_audit_trail_tells_of_programs_by_the_prefix_of_their_key() -> None:
    key, text = make_api_key()
    client = ApiClient(text)
    client.patch(f"workspaces/{key.workspace_id}", {"name": "Newer"})
    [renamed] = client.get(f"workspaces/{key.workspace_id}/audit?limit=1").json()["results"]
    assert (renamed["user_email"], renamed["api_key_prefix"]) == (None, key.prefix)
