"""Runs of a version's number, looked for among the versions that the list is about alone."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.runs import filters
from apps.runs.models import Run
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version, make_workflow, make_workspace
from tests.staff import superuser

pytestmark = pytest.mark.django_db
ADMIN = "/admin/runs/run/?version=1"


def in_api(run: Run) -> str:
    return ApiClient(make_user(run.workspace, "viewer")).get("runs?version=1").content.decode()


def in_admin(run: Run) -> str:
    client = ApiClient(make_user(run.workspace, "viewer", is_staff=True))
    return client.get(ADMIN).content.decode()


def in_admin_of_workflow(run: Run) -> str:
    page = superuser().get(f"{ADMIN}&workflow__id__exact={run.workflow_id}")
    return page.content.decode()


def in_admin_of_workspace(run: Run) -> str:
    page = superuser().get(f"{ADMIN}&workspace__id__exact={run.workspace_id}")
    return page.content.decode()


@pytest.mark.parametrize("listed", [in_api, in_admin, in_admin_of_workflow, in_admin_of_workspace])
def test_versions_of_others_are_not_asked_for(listed: Callable[[Run], str]) -> None:
    run, other = make_run(), make_run(make_version(make_workflow(make_workspace())))
    with CaptureQueriesContext(connection) as asked:
        page = listed(run)
    assert str(run.pk) in page
    assert str(other.pk) not in page
    sent = "".join(each["sql"] for each in asked).replace("-", "")
    assert run.version_id.hex in sent
    assert other.version_id.hex not in sent


@pytest.mark.parametrize("most", [1, 1_000])
def test_runs_of_many_versions_are_found_as_those_of_a_few(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(filters, "MOST_VERSIONS", most)
    workspace = make_workspace()
    runs = [make_run(make_version(make_workflow(workspace))) for _ in range(3)]
    second = make_run(make_version(runs[0].workflow))
    page = in_api(runs[0])
    assert all(str(run.pk) in page for run in runs)
    assert str(second.pk) not in page
