"""What the runs of a workflow keep in all is counted, about, and bounded."""

from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.utils import timezone

from apps.engine.errors import NodeError
from apps.runs import room
from apps.runs.children import DatabaseRuns
from apps.runs.create import RunRequest, prepare_run
from apps.runs.delete import delete_run
from apps.runs.models import Run
from apps.runs.room import add_noted, count_kept, noted
from apps.runs.states import RunStatus, Trigger
from apps.versions.models import WorkflowVersion
from apps.workflows.activate import activate_workflow
from apps.workflows.models import Workflow
from apps.workspaces.errors import NoRoomError
from tests.clients import ApiClient, faults
from tests.factories import make_run, make_step, make_user, make_version, make_workflow
from tests.graphs import graph, node
from tests.nodes.twins import RUN
from tests.runs.work import created, execute
from tests.triggers.test_hooks import send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """Nothing is noted, and what is known of full workflows is old."""
    noted.take()
    room.full.looked_at = -room.LOOK_S
    yield
    noted.take()
    room.full.looked_at = -room.LOOK_S


def full_version(**fields: int) -> WorkflowVersion:
    fields = {"kept_bytes": 1_000, "max_kept_bytes": 1_000} | fields
    return make_version(make_workflow(**fields), is_published=True)


@pytest.mark.django_db(transaction=True)
def test_what_a_run_keeps_is_added_to_its_workflow_and_taken_away_with_it() -> None:
    run = execute(created())
    add_noted()
    workflow = Workflow.objects.get(pk=run.workflow_id)
    assert workflow.kept_bytes == run.output_bytes > 0
    delete_run(run, by=None)
    workflow.refresh_from_db()
    assert workflow.kept_bytes == 0


def test_what_cannot_be_added_just_now_is_added_later(monkeypatch: pytest.MonkeyPatch) -> None:
    workflows = [make_workflow() for _ in range(3)]
    for workflow in workflows:
        noted.add(workflow.pk, 7)
    with monkeypatch.context() as broken:
        broken.setattr(room, "F", Mock(side_effect=OperationalError("the connection is cut")))
        with pytest.raises(OperationalError):
            add_noted()
    add_noted()
    assert set(Workflow.objects.values_list("kept_bytes", flat=True)) == {7}


def test_the_clean_up_counts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "AT_ONCE", 2)
    version, other = make_version(), make_version()
    for size in (1, 20, 300, 4_000, 50_000):
        make_run(version, RunStatus.COMPLETED, output_bytes=size)
    assert count_kept(timezone.now()) == 1
    assert Workflow.objects.get(pk=version.workflow_id).kept_bytes == 54_321
    assert Workflow.objects.get(pk=other.workflow_id).kept_bytes == 0
    assert count_kept(timezone.now()) == 0


def test_at_the_cap_no_run_is_made_and_the_api_says_why() -> None:
    version = full_version()
    client = ApiClient(make_user(version.workspace, "operator"))
    answer = client.post(f"workflows/{version.workflow_id}/runs", {})
    assert (answer.status_code, faults(answer)) == (507, [("", "workflow_full")])
    for told in ("1,000 bytes", "keep_failed_days", "max_kept_bytes"):
        assert told in answer.json()["detail"]
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("own", "default", "is_full"),
    [
        (None, 0, False),  # nobody says anything
        (None, 1_000, True),
        (0, 1_000, False),  # without limit, whatever the settings say
        (1_001, 1_000, False),
    ],
)
def test_a_workflow_says_more_than_the_setting(
    settings: LazySettings, own: int | None, default: int, is_full: bool
) -> None:
    settings.MAX_WORKFLOW_BYTES = default
    version = make_version(make_workflow(kept_bytes=1_000, max_kept_bytes=own))
    if is_full:
        with pytest.raises(NoRoomError):
            created(version)
    else:
        assert created(version)


def test_a_step_that_would_start_a_run_of_a_full_workflow_fails() -> None:
    version = full_version()
    parent = make_step(make_run(make_version(make_workflow(version.workspace))))
    info = RUN.__class__(
        id=parent.run_id,
        workspace=version.workspace_id,
        workflow=parent.run.workflow_id,
        workflow_name="",
        version=1,
        trigger="api",
        timezone="UTC",
        started_at=timezone.now(),
    )
    with pytest.raises(NodeError) as refused:
        DatabaseRuns().callee(info, str(version.workflow_id))
    assert refused.value.code == "workflow_full"
    # A child whose step has asked is made: the transaction that records the step is not to fail.
    item = RunRequest(Trigger.CHILD, "start", [{"json": {}}], parent_step=parent.pk, parent_item=0)
    assert prepare_run(version, item)


@pytest.mark.django_db(transaction=True)
def test_a_hook_of_a_full_workflow_is_answered_507() -> None:
    hook = node("hook", "webhook", params={"path": "full"})
    version = make_version(make_workflow(), graph([hook]), is_published=True)
    activate_workflow(version.workflow, by=None)
    Workflow.objects.update(kept_bytes=5, max_kept_bytes=5)
    answer = send("full")
    assert (answer.status, answer.body["errors"][0]["code"]) == (507, "workflow_full")
    assert not Run.objects.exists()


def test_the_admin_site_shows_what_is_kept() -> None:
    workflow = make_workflow(kept_bytes=3 * 1024**2)
    client = ApiClient(make_user(workflow.workspace, is_staff=True))
    page = client.get(f"/admin/workflows/workflow/{workflow.pk}/change/").content.decode()
    assert "3.0\xa0MB" in page
