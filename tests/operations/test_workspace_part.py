"""What the admin's page of a workspace tells of its runs, and of the limits."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from apps.operations.models import RunStat
from apps.workflows.models import Workflow
from apps.workspaces.models import Workspace
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version, make_workflow, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def page_of(workspace: Workspace, role: str = "viewer") -> str:
    client = ApiClient(make_user(workspace, role, is_staff=True))
    path = reverse("admin:workspaces_workspace_change", args=[workspace.pk])
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def told(workspace: Workspace) -> dict[str, str]:
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", page_of(workspace))
    return {name: strip_tags(value).replace("\xa0", " ") for name, value in pairs}


def count_as_ended(workspace: Workspace, status: str, count: int, hours_ago: float = 1) -> None:
    starts_at = timezone.now() - timedelta(hours=hours_ago)
    stat: dict[str, Any] = {"workspace": workspace, "starts_at": starts_at, "status": status}
    RunStat.objects.create(**stat, took=20, count=count)


def test_it_tells_how_many_workflows_there_are_and_what_they_keep(workspace: Workspace) -> None:
    active = make_version(make_workflow(workspace), is_published=True).workflow
    make_workflow(workspace)
    make_workflow()  # of another workspace
    Workflow.objects.filter(pk=active.pk).update(status="active", kept_bytes=3 * 1024**2)
    facts = told(workspace)
    assert facts["Workflows"] == "2, of which 1 active"
    assert facts["Kept by their runs, about"] == "3.0 MB"


def test_it_tells_how_many_runs_ended_within_a_day_by_what_was_counted(
    workspace: Workspace,
) -> None:
    count_as_ended(workspace, "completed", 1_200)
    count_as_ended(workspace, "failed", 34)
    count_as_ended(workspace, "failed", 500, hours_ago=30)
    count_as_ended(make_workspace(), "failed", 7)
    assert told(workspace)["Runs that ended within a day"] == "1,234, of which 34 failed"


def test_the_count_leads_to_the_runs_that_it_counted(workspace: Workspace) -> None:
    now = timezone.now()
    version = make_version(make_workflow(workspace))
    today = make_run(version, "completed", finished_at=now - timedelta(hours=1))
    make_run(version, "completed", finished_at=now - timedelta(hours=30))
    make_run(version, "failed", finished_at=now - timedelta(hours=1), is_trial=True)
    make_run(version)
    client = ApiClient(make_user(workspace, "viewer", is_staff=True))
    found = re.search(
        r"Runs that ended within a day</dt><dd[^>]*><a[^>]*href=.([^'\">]+)", page_of(workspace)
    )
    assert found is not None
    listed = client.get(unescape(found[1])).content.decode()
    assert set(re.findall("/admin/runs/run/([0-9a-f-]{36})/change/", listed)) == {str(today.pk)}


@override_settings(
    KEEP_COMPLETED_DAYS=30, KEEP_FAILED_DAYS=0, KEEP_RUNS=5_000, MAX_WORKFLOW_BYTES=1024**3
)
def test_it_tells_what_the_settings_allow_a_workflow_that_says_nothing(
    workspace: Workspace,
) -> None:
    make_workflow(workspace)
    Workflow.objects.filter(pk=make_workflow(workspace).pk).update(keep_runs=0)
    facts = told(workspace)
    assert facts["Completed runs are kept"] == "30 days"
    assert facts["Failed runs are kept"] == "without limit"
    assert facts["Runs of a workflow"] == "at most 5,000"
    assert facts["Kept by the runs of a workflow"] == "at most 1.0 GB"
    assert facts["Workflows that say otherwise"] == "1"


def test_a_workspace_that_is_empty_tells_so(workspace: Workspace) -> None:
    facts = told(workspace)
    assert facts["Workflows"] == "0, of which 0 active"
    assert facts["Runs that ended within a day"] == "0, of which 0 failed"
