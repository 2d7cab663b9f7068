"""Pausing in the admin: on the pages of workflows and workspaces, and of everything."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.urls import reverse

from apps.engine.errors import FaultsError
from apps.runs.holds import hold, hold_of
from apps.runs.models import Hold
from tests.clients import ApiClient
from tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def post(client: ApiClient, page: str, row: Any, fields: str = "") -> HttpResponse:
    path = reverse(f"admin:{page}", args=[row.pk] if row else [])
    return client.post(path, f"_form_submitted=on&{fields}".encode(), content_type=FORM)


def shown(client: ApiClient, page: str, row: Any) -> str:
    answer = client.get(reverse(f"admin:{page}", args=[row.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def told(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def superuser() -> ApiClient:
    return ApiClient(make_user(is_staff=True, is_superuser=True))


@pytest.mark.parametrize(
    ("kind", "role"), [("workflows_workflow", "operator"), ("workspaces_workspace", "admin")]
)
def test_staff_pause_and_resume_what_their_role_lets_them(kind: str, role: str) -> None:
    workflow = make_version().workflow
    what = workflow if kind == "workflows_workflow" else workflow.workspace
    user = make_user(workflow.workspace, role, is_staff=True)
    client = ApiClient(user)
    pause, resume = (
        reverse(f"admin:{kind}_{deed}", args=[what.pk]) for deed in ("pause", "resume")
    )
    before = shown(client, f"{kind}_change", what)
    assert pause in before
    assert resume not in before

    assert told(post(client, f"{kind}_pause", what, "reason=upgrade")) == [
        f"1 {what._meta.verbose_name} paused."
    ]
    found = hold_of(what)
    assert found is not None
    assert (found.reason, found.created_by) == ("upgrade", user)
    page = shown(client, f"{kind}_change", what)
    assert f": upgrade ({user.email}, " in page
    assert resume in page
    assert pause not in page

    assert told(post(client, f"{kind}_resume", what)) == [f"1 {what._meta.verbose_name} resumed."]
    assert hold_of(what) is None


@pytest.mark.parametrize(
    ("kind", "role"), [("workflows_workflow", "viewer"), ("workspaces_workspace", "editor")]
)
def test_others_are_not_offered_it_and_cannot(kind: str, role: str) -> None:
    workflow = make_version().workflow
    what = workflow if kind == "workflows_workflow" else workflow.workspace
    client = ApiClient(make_user(workflow.workspace, role, is_staff=True))
    page = reverse(f"admin:{kind}_pause", args=[what.pk])
    assert page not in shown(client, f"{kind}_change", what)
    post(client, f"{kind}_pause", what, "reason=no")
    foreign = ApiClient(make_user(make_version().workspace, "admin", is_staff=True))
    post(foreign, f"{kind}_pause", what, "reason=no")
    assert not Hold.objects.exists()


def test_who_holds_everything_says_why_and_comes_back_to_the_board() -> None:
    client = superuser()
    add = reverse("admin:runs_hold_add")
    assert add in client.get("/admin/").content.decode()
    form = re.sub(r"\s*(<|>)\s*", r"\1", client.get(add).content.decode())
    assert ">Hold everything</button>" in form
    assert ">Save" not in form
    refused = post(client, "runs_hold_add", None, "reason=")
    assert "This field is required" in refused.content.decode()
    assert hold_of(None) is None
    with pytest.raises(FaultsError):
        hold(None, "  ", by=None)
    answer = post(client, "runs_hold_add", None, "reason=upgrade")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert add not in client.get("/admin/").content.decode()


def test_a_workflow_tells_of_wider_holds_too() -> None:
    workflow = make_version().workflow
    hold(workflow.workspace, "moving", by=None)
    hold(None, "upgrade", by=None)
    page = shown(superuser(), "workflows_workflow_change", workflow)
    assert "workspace: moving (an API key, " in page
    assert "everything: upgrade (an API key, " in page


def test_superusers_hold_everything_see_all_that_is_held_and_lift_it() -> None:
    client, workflow = superuser(), make_version().workflow
    hold(workflow, "broken", by=None)
    assert post(client, "runs_hold_add", None, "reason=upgrade").status_code == 302
    everything = hold_of(None)
    assert everything is not None
    assert everything.reason == "upgrade"
    listed = client.get(reverse("admin:runs_hold_changelist")).content.decode()
    assert "broken" in listed
    assert "upgrade" in listed
    assert "upgrade" in shown(client, "runs_hold_change", everything)
    assert told(post(client, "runs_hold_lift", everything)) == ["1 hold lifted."]
    assert list(Hold.objects.all()) == [hold_of(workflow)]
    post(client, "runs_hold_lift", hold_of(workflow))
    assert not Hold.objects.exists()


def lift_path(row: Any) -> str:
    return reverse("admin:runs_hold_lift", args=[row.pk])


def test_staff_see_what_is_paused_in_their_workspaces_and_nothing_else() -> None:
    workflow, foreign = make_version().workflow, make_version().workflow
    boss = make_user(is_staff=True, is_superuser=True)
    hold(workflow, "broken", by=boss)
    hold(workflow.workspace, "moving", by=boss)
    hold(foreign, "theirs", by=boss)
    hold(foreign.workspace, "theirs too", by=boss)
    everything = hold(None, "upgrade", by=boss)
    client = ApiClient(make_user(workflow.workspace, "viewer", is_staff=True))
    listed = result_list(client)
    for told in ("broken", "moving", boss.email, str(workflow.pk)):
        assert told in listed
    assert "theirs" not in listed
    assert "upgrade" not in listed
    assert client.get(reverse("admin:runs_hold_change", args=[everything.pk])).status_code == 302


def result_list(client: ApiClient) -> str:
    page = client.get(reverse("admin:runs_hold_changelist")).content.decode()
    return page[page.index('id="result_list"') :]


@pytest.mark.parametrize(
    ("role", "workflows", "workspaces"),
    [("viewer", False, False), ("operator", True, False), ("admin", True, True)],
)
def test_who_may_pause_something_is_offered_to_lift_it_where_it_is_listed(
    role: str, workflows: bool, workspaces: bool
) -> None:
    workflow = make_version().workflow
    client = ApiClient(make_user(workflow.workspace, role, is_staff=True))
    for what, may in ((workflow, workflows), (workflow.workspace, workspaces)):
        held = hold(what, "broken", by=None)
        assert (lift_path(held) in shown(client, "runs_hold_change", held)) == may
        post(client, "runs_hold_lift", held)
        assert (hold_of(what) is None) == may


def test_of_several_holds_those_are_lifted_that_one_may_and_the_others_are_named() -> None:
    workflow = make_version().workflow
    hold(workflow, by=None)
    hold(workflow.workspace, by=None)
    operator = ApiClient(make_user(workflow.workspace, "operator", is_staff=True))
    chosen = "&".join(f"_selected_action={held.pk}" for held in Hold.objects.all())
    answer = operator.post(
        reverse("admin:runs_hold_changelist"),
        f"action=lift_all&{chosen}".encode(),
        content_type=FORM,
    )
    assert set(told(answer)) == {
        f"{workflow.workspace}: To lift this takes the role admin in its workspace.",
        "1 hold lifted.",
    }
    assert [held.what for held in Hold.objects.all()] == ["workspace"]
