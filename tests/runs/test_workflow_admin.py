"""What the admin's page of a workflow shows, and what staff do there."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.workflows.models import Workflow
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient
from tests.factories import (
    make_credential,
    make_user,
    make_version,
    make_workflow,
    make_workspace,
)
from tests.graphs import chain, graph, node
from tests.staff import say_yes, shown, superuser, told

pytestmark = pytest.mark.django_db


def staff(workflow: Workflow, role: str) -> ApiClient:
    return ApiClient(make_user(workflow.workspace, role, is_staff=True))


def page(workflow: Workflow, name: str = "change") -> str:
    return reverse(f"admin:workflows_workflow_{name}", args=[workflow.pk])


def offered(client: ApiClient, workflow: Workflow) -> set[str]:
    """The buttons of the page that lead to another state or to a run."""
    text = shown(client, page(workflow))
    return set(re.findall(rf"{workflow.pk}/(\w+)_this/", text)) | (
        {"run"} if page(workflow, "run_now") in text else set()
    )


def published(workspace: Any = None, document: Any = None) -> Workflow:
    return make_version(make_workflow(workspace), document, is_published=True).workflow


def test_editors_are_offered_what_leads_to_another_state() -> None:
    workflow = published()
    client = staff(workflow, "editor")
    for status, buttons in (
        ("draft", {"activate", "archive", "run"}),
        ("active", {"deactivate", "archive", "run"}),
        ("archived", {"deactivate"}),
    ):
        Workflow.objects.update(status=status)
        assert offered(client, workflow) == buttons


def test_what_takes_a_published_version_is_not_offered_without_one() -> None:
    workflow = make_workflow()
    assert offered(staff(workflow, "editor"), workflow) == {"archive"}


def test_a_workflow_is_activated_deactivated_and_archived_on_its_page() -> None:
    workflow = published()
    client = staff(workflow, "editor")
    for deed, status in (("activate", "active"), ("deactivate", "draft"), ("archive", "archived")):
        answer = say_yes(client, page(workflow, f"{deed}_this"))
        assert told(answer)[-1] == f"1 workflow {deed}d."
        assert Workflow.objects.get().status == status
        assert AuditEntry.objects.filter(action=f"workflow.{deed}", way="admin").exists()


def test_what_was_never_published_is_not_activated_and_it_is_said_why() -> None:
    workflow = make_workflow()
    answer = say_yes(superuser(), page(workflow, "activate_this"))
    assert "has no published version" in told(answer)[0]
    assert Workflow.objects.get().status == "draft"


def test_operators_run_and_pause_a_workflow_and_change_nothing_of_it() -> None:
    workflow = published()
    client = staff(workflow, "operator")
    assert offered(client, workflow) == {"run"}
    assert say_yes(client, page(workflow, "archive_this")).status_code == 403
    assert Workflow.objects.get().status == "draft"


def test_staff_of_another_workspace_do_nothing_with_it() -> None:
    workflow = published()
    stranger = staff(published(), "admin")
    assert say_yes(stranger, page(workflow, "archive_this")).status_code in (403, 404)
    assert Workflow.objects.get(pk=workflow.pk).status == "draft"


def test_the_page_lists_versions_and_leads_back_to_older_ones() -> None:
    workflow = published()
    first = workflow.versions.get()
    second = make_version(workflow, is_published=True)
    back = reverse("admin:versions_workflowversion_roll_back", args=[first.pk])
    assert back in shown(staff(workflow, "editor"), page(workflow))
    text = shown(staff(workflow, "operator"), page(workflow))
    assert back not in text
    for version in (first, second):
        assert reverse("admin:versions_workflowversion_change", args=[version.pk]) in text


def test_the_page_tells_the_limits_of_the_published_version() -> None:
    limits = {
        "concurrency": {"limit": 3, "key": "={{ $json.customer }}"},
        "rate_limit": {"limit": 5, "per_s": 60},
        "timeout_s": 90,
    }
    text = shown(superuser(), page(published(None, chain("a", "b") | {"settings": limits})))
    assert "3 for each ={{ $json.customer }}" in text
    assert "5 in 60 s" in text
    assert "1 min 30 s" in text


def test_the_page_tells_what_a_workflow_uses_and_by_which_it_is_used() -> None:
    workspace = make_workspace()
    child = published(workspace, graph([node("called", "called"), node("end")], ["called -> end"]))
    told_of = published(workspace, graph([node("error", "error"), node("end")], ["error -> end"]))
    credential = make_credential(workspace)
    call = {"url": "https://x.test", "credential": str(credential.pk)}
    document = graph(
        [
            node("start", "manual"),
            node("child", "run_workflow", params={"workflow": str(child.pk)}),
            node("call", "http_call", params=call),
        ],
        ["start -> child", "child -> call"],
    )
    document["settings"] = {"error_workflow": str(told_of.pk)}
    caller = published(workspace, document)
    Workflow.objects.filter(pk=caller.pk).update(name="The caller", draft_graph=document)

    text = shown(staff(caller, "operator"), page(caller))
    uses = text[text.index("Uses") : text.index("Used by")]
    for model, row in (
        ("workflows_workflow", child),
        ("workflows_workflow", told_of),
        ("credentials_credential", credential),
    ):
        assert reverse(f"admin:{model}_change", args=[row.pk]) in uses
    for called, how in ((child, "runs it"), (told_of, "tells it of failures")):
        text = shown(superuser(), page(called))
        used_by = text[text.index("Used by") :]
        assert "The caller" in used_by
        assert how in used_by
        assert "published, draft" in used_by


def test_callers_of_other_workspaces_are_not_told() -> None:
    child = published()
    naming = node("b", "run_workflow", params={"workflow": str(child.pk)})
    stranger = make_workflow(name="Stranger", draft_graph=graph([node("a", "manual"), naming]))
    assert stranger.workspace_id != child.workspace_id
    assert "Stranger" not in shown(superuser(), page(child))


def queries_of(client: ApiClient, path: str) -> int:
    shown(client, path)
    with CaptureQueriesContext(connection) as seen:
        shown(client, path)
    return len(seen.captured_queries)


def test_the_page_takes_as_many_queries_however_much_it_lists() -> None:
    child = published()
    client = staff(child, "operator")
    few = queries_of(client, page(child))
    for number in range(4):
        make_version(child)
        naming = node("b", "run_workflow", params={"workflow": str(child.pk)})
        document = graph([node("a", "manual"), naming])
        make_workflow(child.workspace, name=f"Caller {number}", draft_graph=document)
    assert queries_of(client, page(child)) == few
    assert few <= 22
