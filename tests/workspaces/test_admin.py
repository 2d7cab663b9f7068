"""What the admin does beyond showing rows."""

import re
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from apps.workflows.models import Workflow
from apps.workspaces.admin import users
from apps.workspaces.api_keys import verify
from apps.workspaces.models import ApiKey, AuditEntry, IdempotencyKey, Membership, User
from tests.clients import ApiClient
from tests.factories import (
    make_api_key,
    make_member,
    make_run,
    make_user,
    make_version,
    make_workflow,
    make_workspace,
)
from tests.staff import shown, superuser

pytestmark = pytest.mark.django_db


def send_form(client: ApiClient, path: str, **fields: object) -> str:
    answer = client.django.post(path, fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_key_made_in_the_admin_is_shown_this_once() -> None:
    workspace = make_workspace()
    client = ApiClient(make_user(workspace, is_staff=True))
    fields = {"workspace": workspace.pk, "name": "CI", "role": "viewer"}
    page = send_form(client, "/admin/workspaces/apikey/add/", **fields)
    text = re.search(r"ff_[0-9a-f]{8}_[\w-]{43}", page)
    assert text is not None
    key = verify(text.group())
    assert key is not None
    for path in ("", f"{key.pk}/change/"):
        page = client.get(f"/admin/workspaces/apikey/{path}").content.decode()
        assert key.prefix in page
        assert text.group() not in page
        assert key.hash not in page


def test_a_key_is_not_made_in_a_workspace_where_one_is_no_admin() -> None:
    user = make_user(make_workspace(), is_staff=True)
    other = make_workspace()
    fields = {"workspace": other.pk, "name": "", "role": "admin"}
    send_form(ApiClient(user), "/admin/workspaces/apikey/add/", **fields)
    assert not ApiKey.objects.exists()


def test_a_filter_offers_the_keys_of_those_workspaces_only_whose_admin_one_is() -> None:
    own, _ = make_api_key()
    user = make_user(own.workspace, is_staff=True)
    other, _ = make_api_key(make_workspace())
    make_member(other.workspace, user, "viewer")
    page = ApiClient(user).get("/admin/workspaces/auditentry/").content.decode()
    assert own.prefix in page
    assert other.prefix not in page


def test_a_filter_by_what_no_text_can_have_is_no_filter() -> None:
    answer = superuser().get("/admin/workspaces/auditentry/?action=%00")
    assert answer.headers["Location"] == "/admin/workspaces/auditentry/?e=1"


def test_answers_kept_for_repeated_requests_are_not_counted_each_time_they_are_listed() -> None:
    with CaptureQueriesContext(connection) as asked:
        superuser().get("/admin/workspaces/idempotencykey/")
    of_keys = [each["sql"] for each in asked if 'FROM "idempotency_keys"' in each["sql"]]
    assert len(of_keys) == 1
    assert "LIMIT" in of_keys[0]


def test_keys_are_revoked_by_the_action() -> None:
    key, text = make_api_key()
    client = ApiClient(make_user(key.workspace, is_staff=True))
    fields = {"action": "revoke", "_selected_action": key.pk}
    assert "It cannot be undone." in send_form(client, "/admin/workspaces/apikey/", **fields)
    assert verify(text) is not None
    fields["is_sure"] = "yes"
    assert "1 key revoked" in send_form(client, "/admin/workspaces/apikey/", **fields)
    assert verify(text) is None


def test_the_admin_keeps_the_last_admin_and_says_so() -> None:
    workspace = make_workspace()
    user = make_user(workspace, is_staff=True)
    membership = Membership.objects.get(user=user)
    path = f"/admin/workspaces/membership/{membership.pk}"
    changed = send_form(ApiClient(user), f"{path}/change/", role="viewer")
    assert "keeps at least one admin" in changed
    deleted = send_form(ApiClient(user), f"{path}/delete/", post="yes")
    assert "keeps at least one admin" in deleted
    membership.refresh_from_db()
    assert membership.role == "admin"


def test_workflows_are_activated_by_the_action_where_one_may() -> None:
    mine, theirs = make_workspace(), make_workspace()
    user = make_user(mine, "editor", is_staff=True)
    theirs.memberships.create(user=user, role="viewer")
    versions = [make_version(), make_version()]
    for version, workspace in zip(versions, (mine, theirs), strict=True):
        version.workflow.workspace = workspace
        version.workflow.version = 1
        version.workflow.save()
    ids = [version.workflow_id for version in versions]
    fields = {"action": "activate", "_selected_action": ids}
    assert "1 workflow activated" in send_form(
        ApiClient(user), "/admin/workflows/workflow/", **fields
    )
    for version, status in zip(versions, ("active", "draft"), strict=True):
        version.workflow.refresh_from_db()
        assert version.workflow.status == status


def test_a_workflow_is_deleted_with_its_versions_unless_it_has_runs() -> None:
    version, run = make_version(), make_run()
    editor = make_user(version.workspace, "editor", is_staff=True)
    make_member(run.workspace, editor, "editor")
    client = ApiClient(editor)
    path = f"/admin/workflows/workflow/{version.workflow_id}/delete/"
    assert f"{version.workflow}, with its versions" in shown(client, path)
    send_form(client, path, post="yes")
    assert not Workflow.objects.filter(pk=version.workflow_id).exists()
    path = f"/admin/workflows/workflow/{run.workflow_id}/delete/"
    assert "This workflow has runs, which are kept." in send_form(client, path, post="yes")
    assert Workflow.objects.filter(pk=run.workflow_id).exists()


def test_a_published_workflow_that_is_deactivated_is_not_called_a_draft() -> None:
    version = make_version()
    workflow = version.workflow
    workflow.version, workflow.status = version.version, "draft"
    workflow.save()
    for path in ("", f"{workflow.pk}/change/"):
        page = shown(superuser(), f"/admin/workflows/workflow/{path}")
        assert "Not active" in page


def test_an_address_is_one_account_in_any_case() -> None:
    make_user(email="ada@example.test")
    root = ApiClient(make_user(is_staff=True, is_superuser=True))
    fields = {
        "email": "ADA@example.test",
        "usable_password": "true",
        "password1": "correct horse 1",
        "password2": "correct horse 1",
    }
    page = send_form(root, "/admin/workspaces/user/add/", **fields)
    assert "already exists" in page
    assert User.objects.filter(email="ada@example.test").count() == 1


def test_a_superuser_makes_an_account_that_can_log_in() -> None:
    root = ApiClient(make_user(is_staff=True, is_superuser=True))
    fields = {
        "email": "Bob@example.test",
        "usable_password": "true",
        "password1": "correct horse 1",
        "password2": "correct horse 1",
    }
    send_form(root, "/admin/workspaces/user/add/", **fields)
    assert User.objects.get(email="bob@example.test").check_password("correct horse 1")


@pytest.mark.parametrize(
    "path", ["?q=%00", "?workspace__id__exact=x", "?o=9.9", "?p=99", "?nope=1"]
)
def test_odd_questions_to_a_list_are_no_500(path: str) -> None:
    client = ApiClient(make_user(make_workspace(), is_staff=True))
    assert client.get(f"/admin/workflows/workflow/{path}").status_code in {200, 302, 400}


@pytest.mark.parametrize("asked", ["3", "99", "0", "-1"])
def test_a_page_that_a_list_has_not_is_said_and_the_first_is_shown(
    asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_admin = admin.site.get_model_admin(Workflow)
    monkeypatch.setattr(its_admin, "list_per_page", 2)
    workspace = make_workspace()
    for number in range(3):
        make_workflow(workspace, name=f"Orders {number}")
    client = ApiClient(make_user(workspace, is_staff=True))
    path = "/admin/workflows/workflow/?q=Orders"
    answer = client.get(f"{path}&p={asked}")
    assert (answer.status_code, answer["Location"]) == (302, path)
    [told] = get_messages(answer.wsgi_request)
    assert str(told) == f"This list has no page {asked}: this is its first page."
    assert client.get(f"{path}&p=2").status_code == 200


def test_a_list_that_counts_nothing_says_too_that_it_has_no_such_page() -> None:
    client = ApiClient(make_user(make_workspace(), is_staff=True))
    answer = client.get("/admin/operations/errorgroup/?p=2")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/operations/errorgroup/")


@pytest.mark.parametrize(
    "asked", ["runs/run/?steps", "runs/steprun/?child_runs", "operations/alertrule/?alerts"]
)
def test_a_list_is_not_asked_for_what_points_to_its_rows(asked: str) -> None:
    answer = superuser().get(f"/admin/{asked}__id__exact={uuid4()}")
    assert answer.headers["Location"] == f"/admin/{asked.partition('?')[0]}?e=1"


def test_who_makes_a_workspace_in_the_admin_is_its_admin() -> None:
    root = make_user(is_staff=True, is_superuser=True)
    send_form(ApiClient(root), "/admin/workspaces/workspace/add/", name="Made")
    membership = Membership.objects.get(workspace__name="Made")
    assert (membership.user, membership.role) == (root, "admin")
    assert AuditEntry.objects.get(action="workspace.create").user == root


def test_a_member_is_added_in_the_admin() -> None:
    workspace = make_workspace()
    user, other = make_user(workspace, is_staff=True, is_superuser=True), make_user()
    fields = {"workspace": workspace.pk, "user": other.pk, "role": "editor"}
    send_form(ApiClient(user), "/admin/workspaces/membership/add/", **fields)
    assert other.role_in(workspace.pk) == "editor"
    assert AuditEntry.objects.get(action="member.add").detail == {
        "changes": {"role": [None, "editor"]}
    }


def test_of_several_none_is_removed_where_one_is_refused() -> None:
    workspace = make_workspace()
    make_user(workspace, "viewer")
    ada = make_user(workspace, is_staff=True)
    everybody = list(Membership.objects.values_list("pk", flat=True))
    chosen = {"action": "delete_selected", "_selected_action": everybody, "post": "yes"}
    page = send_form(ApiClient(ada), "/admin/workspaces/membership/", **chosen)
    assert "keeps at least one admin" in page
    assert Membership.objects.count() == 2


def test_a_workspace_does_not_lose_its_last_admin_with_their_account() -> None:
    root = ApiClient(make_user(is_staff=True, is_superuser=True))
    workspace = make_workspace("Ops")
    last, other = make_user(workspace), make_user(make_workspace(), "viewer")
    path = f"/admin/workspaces/user/{last.pk}/delete/"
    assert "A workspace keeps at least one admin" in send_form(root, path, post="yes")
    both = {"action": "delete_selected", "_selected_action": [last.pk, other.pk], "post": "yes"}
    send_form(root, "/admin/workspaces/user/", **both)
    assert User.objects.filter(pk=last.pk).exists()
    make_user(workspace)
    send_form(root, path, post="yes")
    assert not User.objects.filter(pk=last.pk).exists()
    assert AuditEntry.objects.get(action="user.delete").object_name == last.email


def test_an_idempotency_key_tells_by_name_who_asked() -> None:
    workspace = make_workspace()
    user = make_user(workspace)
    named = make_api_key(workspace, name="Nightly import")[0]
    gone = uuid4()
    for principal in (user.pk, named.pk, gone):
        IdempotencyKey.objects.create(
            workspace=workspace, principal=principal, request="POST /x", expires_at=now()
        )
    listed = shown(superuser(), "/admin/workspaces/idempotencykey/")
    for told in (user.email, "API key Nightly import", str(gone)):
        assert told in listed


def test_times_bear_their_zone() -> None:
    make_workspace()
    listed = shown(superuser(), "/admin/workspaces/workspace/")
    assert re.search(r"\d, \d\d:\d\d:\d\d UTC", listed)


def test_who_changes_no_accounts_is_told_nothing_of_how_passwords_are_kept() -> None:
    workspace = make_workspace()
    operator = ApiClient(make_user(workspace, "operator", is_staff=True))
    other = make_user(workspace, "admin")
    other.set_password("correct horse 9")
    other.save()
    page = operator.get(f"/admin/workspaces/user/{other.pk}/change/").content.decode()
    assert other.email in page
    assert other.password.split("$")[0] not in page


def test_the_page_of_an_account_tells_what_that_person_can_do() -> None:
    workspace = make_workspace("Shop <7>")
    user = make_user(workspace, "operator")
    member = make_member(make_workspace("Archive"), user, "viewer")
    key, _ = make_api_key(workspace, "editor", name="Nightly", by=user)
    make_api_key(workspace, name="Of somebody else", by=make_user(workspace))
    path = f"/admin/workspaces/user/{user.pk}/change/"
    page = shown(superuser(), path)
    for workspace_of, role in (("Archive", "Viewer"), ("Shop &lt;7&gt;", "Operator")):
        assert re.search(rf"{workspace_of}</a></td> <td><a [^>]*>{role}</a>", page)
    assert f"/admin/workspaces/membership/{member.pk}/change/" in page
    assert re.search(
        rf"apikey/{key.pk}/change/\">Nightly</a> .*? <td>Editor</td> <td>never</td>", page
    )
    assert "Of somebody else" not in page

    colleague = ApiClient(make_user(workspace, "admin", is_staff=True))
    assert "Nightly" not in shown(colleague, path)
    assert "Archive" not in shown(colleague, path)


def test_of_many_workspaces_of_a_person_the_first_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(users, "MOST_SHOWN", 1)
    user = make_user()
    for name in ("Archive", "Bakery"):
        make_member(make_workspace(name), user)
    page = shown(superuser(), f"/admin/workspaces/user/{user.pk}/change/")
    assert "Archive</a>" in page
    assert "Bakery</a>" not in page
    rest = f"/admin/workspaces/membership/?user__id__exact={user.pk}"
    assert f'href="{rest}"' in page
    assert "At most 1 are shown here." in page
    assert "Bakery" in shown(superuser(), rest)
