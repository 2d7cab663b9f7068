"""The audit trail: who, what, before and after, from where; and who may read it."""

import re
from contextvars import copy_context
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from apps.workspaces.accounts import delete_user
from apps.workspaces.audit import LONGEST_TOLD, record
from apps.workspaces.models import AuditEntry, Workspace
from apps.workspaces.origin import Way, comes_from_command
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_workflow, make_workspace

pytestmark = pytest.mark.django_db

LIST = "/admin/workspaces/auditentry/"


def rename(client: ApiClient, workspace: Workspace, **headers: Any) -> AuditEntry:
    path = f"workspaces/{workspace.pk}"
    assert client.patch(path, {"name": "New"}, **headers).status_code == 200
    return AuditEntry.objects.get(action="workspace.rename")


def test_an_entry_tells_that_it_came_from_the_web_app_and_from_which_address() -> None:
    workspace = make_workspace()
    user = make_user(workspace)
    entry = rename(ApiClient(user), workspace)
    assert (entry.way, entry.address, entry.who) == (Way.WEB, "127.0.0.1", user.email)


def test_the_address_is_the_one_that_a_trusted_proxy_tells(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    workspace = make_workspace()
    headers = {"X-Forwarded-For": "10.0.0.1, 2001:db8::7"}
    entry = rename(ApiClient(make_user(workspace)), workspace, headers=headers)
    assert entry.address == "2001:db8::7"


def test_an_entry_of_a_program_names_its_key() -> None:
    workspace = make_workspace()
    key, text = make_api_key(workspace, name="CI")
    entry = rename(ApiClient(text), workspace)
    assert (entry.way, entry.api_key) == (Way.API, key)
    assert entry.who == f"API key CI (ff_{key.prefix}…)"


def test_an_entry_tells_that_it_came_from_the_admin() -> None:
    workspace = make_workspace()
    client = ApiClient(make_user(workspace, is_staff=True))
    path = f"/admin/workspaces/workspace/{workspace.pk}/change/"
    assert client.django.post(path, {"name": "New"}).status_code == 302
    assert AuditEntry.objects.get(action="workspace.rename").way == Way.ADMIN


def test_what_no_request_asks_for_comes_from_a_worker_or_a_command() -> None:
    workspace = make_workspace()
    entry = record("workspace.rename", workspace, by=None)
    assert (entry.way, entry.address, entry.who) == (Way.WORKER, None, "")

    def typed() -> str | None:
        comes_from_command()
        return record("workspace.rename", workspace, by=None).way

    assert copy_context().run(typed) == Way.COMMAND


def test_an_entry_tells_each_field_that_changed_before_and_after() -> None:
    workspace = make_workspace("Old")
    entry = rename(ApiClient(make_user(workspace)), workspace)
    assert entry.detail == {"changes": {"name": ["Old", "New"]}}


def test_long_texts_are_told_in_short() -> None:
    changes = {"same": (1, 1), "text": ("", "x" * 10_000)}
    entry = record("variable.change", make_workspace(), changes, by=None)
    assert entry.detail == {"changes": {"text": ["", "x" * LONGEST_TOLD + "…"]}}


def test_who_did_it_is_known_when_their_account_is_gone() -> None:
    workspace = make_workspace()
    make_user(workspace)
    user = make_user(workspace, email="gone@example.test")
    rename(ApiClient(user), workspace)
    delete_user(user, by=None)
    answer = ApiClient(make_user(workspace)).get(f"workspaces/{workspace.pk}/audit")
    told = {entry["action"]: (entry["who"], entry["user"]) for entry in answer.json()["results"]}
    assert told["workspace.rename"] == ("gone@example.test", None)


@pytest.fixture
def workspace() -> Workspace:
    """With entries of two workflows, and of one long ago."""
    workspace = make_workspace()
    for action, name in (("workflow.create", "A"), ("workflow.rename", "B")):
        record(action, make_workflow(workspace, name=name), by=None)
    return workspace


def names(client: ApiClient, workspace: Workspace, query: str) -> list[str]:
    answer = client.get(f"workspaces/{workspace.pk}/audit?{query}")
    assert answer.status_code == 200, answer.content
    return [entry["object_name"] for entry in answer.json()["results"]]


def test_the_api_finds_entries_by_action_object_way_and_time(workspace: Workspace) -> None:
    client = ApiClient(make_user(workspace))
    entry = AuditEntry.objects.get(action="workflow.rename")
    soon = (timezone.now() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert names(client, workspace, "") == ["B", "A"]
    assert names(client, workspace, "action=workflow.create") == ["A"]
    assert names(client, workspace, f"object_id={entry.object_id}") == ["B"]
    assert names(client, workspace, "object_type=run") == []
    assert names(client, workspace, "way=worker") == ["B", "A"]
    assert names(client, workspace, f"before={soon}") == ["B", "A"]
    assert names(client, workspace, f"after={soon}") == []


def test_the_api_tells_what_is_wrong_with_a_filter(workspace: Workspace) -> None:
    client = ApiClient(make_user(workspace))
    path = f"workspaces/{workspace.pk}/audit?object_id=x&way=pigeon&after=soon&nope=1"
    told = {path for path, _ in faults(client.get(path))}
    assert told == {"object_id", "way", "after", "nope"}


def staff(workspace: Workspace, role: str) -> ApiClient:
    return ApiClient(make_user(workspace, role, is_staff=True))


def test_each_object_leads_admins_to_its_own_entries(workspace: Workspace) -> None:
    client = staff(workspace, "admin")
    mine = AuditEntry.objects.get(action="workflow.create").object_id
    path = f"/admin/workflows/workflow/{mine}/"
    assert f"{path}history/" in client.get(f"{path}change/").content.decode()
    answer = client.get(f"{path}history/")
    assert answer["Location"] == f"{LIST}?of={mine}"
    page = client.get(answer["Location"]).content.decode()
    assert "workflow.create" in rows_of(page)
    assert "workflow.rename" not in rows_of(page)


def rows_of(page: str) -> str:
    found = re.search(r'id="result_list".*?</table>', page, re.DOTALL)
    return found.group() if found else ""


def test_operators_are_offered_no_history_and_get_none(workspace: Workspace) -> None:
    client = staff(workspace, "operator")
    mine = AuditEntry.objects.get(action="workflow.create").object_id
    path = f"/admin/workflows/workflow/{mine}/"
    assert "history/" not in client.get(f"{path}change/").content.decode()
    assert client.get(f"{path}history/").status_code == 403
    assert client.get(f"{LIST}?of={mine}").status_code == 403


def test_admins_of_one_workspace_see_no_entries_of_another(workspace: Workspace) -> None:
    client = staff(make_workspace(), "admin")
    theirs = AuditEntry.objects.get(action="workflow.create")
    for query in (f"?of={theirs.object_id}", f"?q={theirs.object_id}", "?action=workflow.create"):
        assert rows_of(client.get(LIST + query).content.decode()) == ""
    assert client.get(f"/admin/workflows/workflow/{theirs.object_id}/history/").status_code in (
        302,
        403,
    )


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?action=workflow.rename", 1),
        ("?way__exact=worker", 2),
        ("?way__exact=api", 0),
        ("?at_from_0=2020-01-01&at_from_1=00:00:00", 2),
        ("?at_to_0=2020-01-01&at_to_1=00:00:00", 0),
        ("?of=0191d4a0-0000-7000-8000-000000000000", 0),
        ("?q=no-id", 0),
    ],
)
def test_the_admin_finds_entries_by(workspace: Workspace, query: str, count: int) -> None:
    page = staff(workspace, "admin").get(LIST + query).content.decode()
    assert len(re.findall(r">\s*workflow\.[a-z]+", rows_of(page))) == count


def test_the_admin_finds_what_a_program_did_by_its_key(workspace: Workspace) -> None:
    key, _ = make_api_key(workspace)
    record("workflow.rename", make_workflow(workspace), by=key)
    client = staff(workspace, "admin")
    page = client.get(f"{LIST}?api_key__id__exact={key.pk}").content.decode()
    assert len(re.findall(r">\s*workflow\.[a-z]+", rows_of(page))) == 1
    make_api_key(make_workspace(), name="Of others")
    assert "Of others" not in client.get(LIST).content.decode()


@pytest.mark.parametrize("typed", ["ada@example.test", " Ada ", "EXAMPLE.test"])
def test_the_admin_finds_what_a_person_did_by_their_name(workspace: Workspace, typed: str) -> None:
    workflow = make_workflow(workspace)
    ada = make_user(email="ada@example.test")
    record("workflow.archive", workflow, by=ada)
    record("workflow.archive", make_workflow(), by=ada)
    record("workflow.archive", workflow, by=make_user(email="ben@elsewhere.test"))
    delete_user(ada, by=None)
    rows = rows_of(staff(workspace, "admin").get(f"{LIST}?q={typed}").content.decode())
    assert rows.count("workflow.archive") == 1
    assert "ada@example.test" in rows


def test_the_api_finds_what_was_done_by_a_part_of_a_name(workspace: Workspace) -> None:
    key, _ = make_api_key(workspace, name="Nightly 100 %")
    record("workflow.rename", make_workflow(workspace, name="C"), by=key)
    client = ApiClient(make_user(workspace))
    assert names(client, workspace, "who=nightly") == ["C"]
    assert names(client, workspace, "who=100 %25") == ["C"]
    assert names(client, workspace, "who=_ightly") == []


def test_the_page_of_an_entry_shows_before_and_after() -> None:
    workspace = make_workspace("Old")
    client = staff(workspace, "admin")
    entry = rename(client, workspace)
    page = client.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert all(text in page for text in ("Before", "Old", "New", "127.0.0.1", "web app"))


def test_the_admin_keeps_no_second_log(workspace: Workspace) -> None:
    client = staff(workspace, "admin")
    path = f"/admin/workspaces/workspace/{workspace.pk}/change/"
    client.django.post(path, {"name": "New"})
    assert not LogEntry.objects.exists()
