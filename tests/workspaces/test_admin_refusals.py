"""Who may not do something in the admin is told who may."""

from typing import Any

import pytest
from django.urls import reverse

from apps.runs.models import Worker
from apps.workspaces.permissions import Role
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_workspace
from tests.staff import FORM

pytestmark = pytest.mark.django_db


def page_of_refusal(client: ApiClient, path: str, method: str = "GET") -> str:
    answer = client.send(method, path, b"", content_type=FORM)
    assert answer.status_code == 403
    return " ".join(answer.content.decode().split())


@pytest.fixture
def run() -> Any:
    return make_run(status="failed")


@pytest.fixture
def operator(run: Any) -> ApiClient:
    return ApiClient(make_user(run.workspace, Role.OPERATOR, is_staff=True))


def test_the_role_that_may_is_named_beside_ones_own(operator: ApiClient) -> None:
    page = page_of_refusal(operator, reverse("admin:workspaces_auditentry_changelist"))
    assert "This takes the role admin." in page
    assert "You are operator in Ops." in page
    assert "Status board" in page


def test_of_a_row_the_role_in_its_workspace_counts(operator: ApiClient, run: Any) -> None:
    workflow = reverse("admin:workflows_workflow_change", args=[run.workflow_id])
    assert "takes the role editor" in page_of_refusal(operator, workflow, "POST")
    remove = reverse("admin:runs_run_remove", args=[run.pk])
    assert "takes the role admin" in page_of_refusal(operator, remove)
    pause = reverse("admin:workspaces_workspace_pause", args=[run.workspace_id])
    assert "takes the role admin" in page_of_refusal(operator, pause)


def test_what_nobody_does_is_said_to_be_that(operator: ApiClient, run: Any) -> None:
    page = page_of_refusal(operator, reverse("admin:runs_run_change", args=[run.pk]), "POST")
    assert "Nobody does this here." in page


def test_what_is_of_the_installation_is_for_superusers(operator: ApiClient) -> None:
    worker = Worker.objects.create(host="here", pid=1)
    for path in (
        reverse("admin:runs_worker_changelist"),
        reverse("admin:runs_worker_drain", args=[worker.pk]),
        reverse("admin:django_celery_beat_periodictask_changelist"),
        reverse("admin:workspaces_workspace_add"),
        reverse("admin:workspaces_user_add"),
    ):
        assert "Only superusers may do this." in page_of_refusal(operator, path), path


def test_of_what_is_foreign_nothing_is_told(operator: ApiClient) -> None:
    foreign = make_run(status="failed")
    type(foreign.workspace).objects.filter(pk=foreign.workspace_id).update(name="Elsewhere")
    page = page_of_refusal(operator, reverse("admin:runs_run_retry", args=[foreign.pk]))
    assert "There is nothing here, or nothing that you may see." in page
    assert "Elsewhere" not in page


def test_a_note_is_written_where_it_belongs(operator: ApiClient) -> None:
    page = page_of_refusal(operator, reverse("admin:operations_note_add"))
    assert "Notes are written on the page of a run or a workflow" in page


def test_staff_without_a_workspace_are_told_that() -> None:
    make_workspace()
    client = ApiClient(make_user(is_staff=True))
    page = page_of_refusal(client, reverse("admin:runs_run_changelist"))
    assert "This takes the role viewer." in page
    assert "You are a member of no workspace." in page
