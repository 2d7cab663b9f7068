"""A run is found by what it is called elsewhere: a value that one of its steps kept."""

import pytest

from apps.runs.models import Run, RunValue
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version, make_workflow, make_workspace
from tests.staff import superuser

pytestmark = pytest.mark.django_db
ORDER = "A-1001"


def bearing(order: str) -> Run:
    run = make_run(make_version(make_workflow(make_workspace())))
    RunValue.objects.create(workspace=run.workspace, run=run, name="order", value=order)
    return run


def finds(client: ApiClient, path: str, *runs: Run) -> list[bool]:
    page = client.get(path).content.decode()
    return [str(run.pk) in page for run in runs]


@pytest.mark.parametrize(
    "path",
    [
        f"runs?value=order:{ORDER}",
        f"runs?search={ORDER}",
        f"/admin/runs/run/?value=order:{ORDER}",
        f"/admin/runs/run/?q={ORDER}",
    ],
)
def test_a_run_is_found_by_its_external_id_in_the_askers_workspaces(path: str) -> None:
    own, foreign, other = bearing(ORDER), bearing(ORDER), bearing("B-1002")
    client = ApiClient(make_user(own.workspace, "viewer", is_staff=True))
    assert finds(client, path, own, foreign, other) == [True, False, False]
    if path.startswith("/admin/"):
        assert finds(superuser(), path, own, foreign, other) == [True, True, False]


@pytest.mark.parametrize("path", ["runs?value=order:A-10", "/admin/runs/run/?value=order:A-10"])
def test_the_filter_by_a_value_takes_the_whole_value(path: str) -> None:
    own = bearing(ORDER)
    client = ApiClient(make_user(own.workspace, "viewer", is_staff=True))
    assert finds(client, path, own) == [False]
