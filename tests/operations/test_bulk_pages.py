"""Bulk jobs as an API client and the admin meet them."""

import re
from html import unescape

import pytest

from apps.operations.admin import jobs
from apps.operations.bulk import counts
from apps.operations.bulk.begin import begin_job
from apps.operations.bulk.choose import Asked
from apps.operations.models import BulkJob, BulkJobRun
from apps.runs.models import Run
from apps.runs.retry import FROM_START, retry_run
from apps.runs.states import RunStatus, Trigger
from apps.versions.models import WorkflowVersion
from tests.clients import ApiClient
from tests.factories import make_run, make_user
from tests.operations.failed_runs import by, failed_at_the_call, mailing, until_done
from tests.staff import shown

pytestmark = pytest.mark.django_db
ID = "0190b2c4-0000-7000-8000-000000000001"


@pytest.fixture
def version() -> WorkflowVersion:
    return mailing()


def staff(version: WorkflowVersion) -> ApiClient:
    return ApiClient(make_user(version.workspace, "operator", is_staff=True))


def begun(version: WorkflowVersion, filter: dict[str, str] | None = None) -> BulkJob:
    return begin_job(Asked(version.workspace, "retry", filter or {}), by=by(version))


def page_of(job: BulkJob, version: WorkflowVersion) -> str:
    return shown(staff(version), f"/admin/operations/bulkjob/{job.pk}/change/")


def test_the_api_counts_begins_and_tells_of_a_job(version: WorkflowVersion) -> None:
    failed_at_the_call(version)
    client = ApiClient(by(version))
    path = f"workspaces/{version.workspace_id}/bulk-jobs"
    body = {"deed": "retry", "from": "failed", "filter": {"status": ["failed"]}}
    dry = client.send("POST", path, body | {"dry_run": True})
    assert (dry.status_code, dry.json()["runs"], dry.json()["steps"]) == (200, 1, 1)
    assert dry.json()["effects"] == [{"type": "http_call", "count": 1, "label": "HTTP Call"}]
    assert not BulkJobRun.objects.exists()
    key = {"Idempotency-Key": "once"}
    begun = [client.send("POST", path, body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in begun] == [202, 202]
    job = BulkJob.objects.get()
    assert begun[0].json()["runs"] == {"to_do": 1, "done": 0, "refused": 0}
    until_done(job)
    told = client.send("GET", f"bulk-jobs/{job.pk}").json()
    assert (told["status"], told["runs"]["done"], told["from"]) == ("done", 1, "failed")
    assert client.send("POST", f"bulk-jobs/{job.pk}/stop").status_code == 409


def test_the_admin_counts_before_it_begins(version: WorkflowVersion) -> None:
    failed_at_the_call(version)
    client = ApiClient(make_user(is_staff=True, is_superuser=True)).django
    listed = client.get("/admin/runs/run/?status__exact=failed").content.decode()
    path = "/admin/operations/bulkjob/add/?status__exact=failed"
    assert f'href="{path}"' in listed
    answer = {"workspace": str(version.workspace_id), "what": "retry failed same"}
    counted = client.post(path, answer | {"count": ""}).content.decode()
    assert "1 run, 1 step, 1 HTTP Call" in counted
    # Nothing else can be chosen and begun that was not counted.
    assert "<select" not in counted.split("<main")[-1]
    assert '<input type="hidden" name="what" value="retry failed same"' in counted
    assert not BulkJob.objects.exists()
    client.post(path, answer | {"begin": ""})
    job = BulkJob.objects.get()
    assert job.filter == {"status": "failed"}
    until_done(job)
    page = client.get(f"/admin/operations/bulkjob/{job.pk}/change/")
    assert "1 of 1 done" in page.content.decode()


def test_the_admin_tells_what_may_follow_before_it_begins(version: WorkflowVersion) -> None:
    make_run(version, RunStatus.FAILED, trigger_node="start")
    path = "/admin/operations/bulkjob/add/?status__exact=failed"
    answer = {"workspace": str(version.workspace_id), "what": "retry failed same", "count": ""}
    counted = staff(version).django.post(path, answer).content.decode()
    assert "up to 1 Email, 1 HTTP Call; more in loops." in counted


@pytest.mark.parametrize("pressed", ["count", "begin"])
def test_the_admin_refuses_a_filter_of_the_list_that_a_job_does_not_know(
    version: WorkflowVersion, pressed: str
) -> None:
    failed_at_the_call(version)
    client = ApiClient(make_user(is_staff=True, is_superuser=True)).django
    path = "/admin/operations/bulkjob/add/?retried=0190"
    answer = {"workspace": str(version.workspace_id), "what": "retry failed same", pressed: ""}
    page = client.post(path, answer, follow=True).content.decode()
    assert "There is no filter “retried” here." in page
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("q=0190", "nothing is done to all that it finds"),
        ("e=1", "There is no filter “e” here."),  # to which a mistyped filter leads
        ("statsu__exact=failed", "There is no filter “statsu__exact” here."),
        ("workspace__id__exact=shop", "“shop” is no id of a workspace."),
        ("version=first", "Enter a number."),
        ("version=1&version=2", "“version” takes one value, not 2."),
        (f"workflow__id__exact={ID}&workflow__id__exact={ID}", "“workflow” takes one value"),
        (f"workspace__id__exact={ID}&workspace__id__exact={ID}", "list is of several workspaces"),
        ("status=failed&status__exact=cancelled", "“status” is asked for in two ways"),
    ],
)
def test_what_a_job_cannot_be_about_leads_back_to_the_list_which_says_so(
    version: WorkflowVersion, query: str, told: str
) -> None:
    failed_at_the_call(version)
    answer = staff(version).django.get(f"/admin/operations/bulkjob/add/?{query}", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[0] == (f"/admin/runs/run/?{query}", 302)
    assert told in page
    assert 'name="what"' not in page


def test_a_job_is_about_both_statuses_where_its_list_is(version: WorkflowVersion) -> None:
    runs = [make_run(version, status) for status in ("failed", "cancelled", "completed")]
    query = "status__exact=failed&status__exact=cancelled"
    listed = shown(staff(version), f"/admin/runs/run/?{query}")
    assert [f"{run.pk}/change/" in listed for run in runs] == [True, True, False]
    client = staff(version).django
    path = f"/admin/operations/bulkjob/add/?{query}"
    answer = {"workspace": str(version.workspace_id), "what": "retry start same"}
    counted = client.post(path, answer | {"count": ""}).content.decode()
    assert "All failed or cancelled runs" in counted
    assert "<strong>2 runs," in counted
    client.post(path, answer | {"begin": ""})
    assert set(BulkJobRun.objects.values_list("run", flat=True)) == {run.pk for run in runs[:2]}


def test_a_list_that_is_searched_or_could_not_be_read_leads_to_no_job(
    version: WorkflowVersion,
) -> None:
    run = failed_at_the_call(version)
    for query, is_listed in ((f"q={run.pk}", True), ("e=1", False)):
        page = shown(staff(version), f"/admin/runs/run/?{query}")
        assert (f"{run.pk}/change/" in page) is is_listed
        assert "Do something to all" not in page


def test_a_filter_that_the_list_does_not_have_lists_nothing_and_is_told(
    version: WorkflowVersion,
) -> None:
    run = failed_at_the_call(version)
    path = "/admin/runs/run/?statsu__exact=failed"
    page = staff(version).django.get(path, follow=True).content.decode()
    assert "This list cannot be asked for “statsu__exact=failed”, so nothing is shown." in page
    assert f"{run.pk}/change/" not in page


def test_the_page_of_a_job_says_what_it_does_to_which_runs_and_where(
    version: WorkflowVersion,
) -> None:
    failed_at_the_call(version)
    filter = {"status": "failed", "workflow": str(version.workflow_id)}
    page = page_of(begun(version, filter), version)
    assert f"All failed runs of the workflow “{version.workflow}”, as they were" in page
    assert str(version.workspace) in page
    assert "Retry from what failed, on their own version" in page


def test_a_running_job_tells_its_progress_anew_and_is_loaded_again_at_its_end(
    version: WorkflowVersion,
) -> None:
    failed_at_the_call(version)
    job = begun(version)
    path = f"/admin/operations/bulkjob/{job.pk}/progress/"
    assert f'hx-get="{path}"' in page_of(job, version)
    client = staff(version)
    assert "0 of 1 done" in client.get(path).content.decode()
    until_done(job)
    assert client.get(path)["HX-Refresh"] == "true"
    page = page_of(job, version)
    assert "1 of 1 done" in page
    assert path not in page
    assert staff(mailing()).get(path).status_code == 404


def test_only_a_running_job_offers_to_be_stopped(version: WorkflowVersion) -> None:
    failed_at_the_call(version)
    job = begun(version)
    stop = f"/admin/operations/bulkjob/{job.pk}/stop"
    assert stop in page_of(job, version)
    until_done(job)
    assert stop not in page_of(job, version)


def test_what_was_refused_is_told_with_its_run(version: WorkflowVersion) -> None:
    run = failed_at_the_call(version)
    job = begun(version)
    retry_run(run, FROM_START, version, by=by(version))
    until_done(job)
    page = page_of(job, version)
    assert "It was retried already." in page
    assert f"/admin/runs/run/{run.pk}/change/" in page


def test_who_has_one_workspace_is_not_asked_for_it(version: WorkflowVersion) -> None:
    client = ApiClient(make_user(version.workspace, "operator", is_staff=True))
    path = "/admin/operations/bulkjob/add/"
    chosen = f'<option value="{version.workspace_id}" selected>'
    assert chosen in client.get(path).content.decode()
    other = mailing()
    superuser = ApiClient(make_user(is_staff=True, is_superuser=True))
    page = superuser.get(path).content.decode()
    assert chosen not in page
    assert str(other.workspace_id) in page


def test_a_job_over_a_list_of_one_workspace_is_offered_no_other(version: WorkflowVersion) -> None:
    other = mailing()
    superuser = ApiClient(make_user(is_staff=True, is_superuser=True))
    path = f"/admin/operations/bulkjob/add/?workspace__id__exact={version.workspace_id}"
    page = superuser.get(path).content.decode()
    assert f'<option value="{version.workspace_id}" selected>' in page
    assert f'value="{other.workspace_id}"' not in page


def test_for_what_failed_a_retry_is_proposed(version: WorkflowVersion) -> None:
    client = ApiClient(make_user(version.workspace, "operator", is_staff=True))
    for query in ("status__exact=failed", f"error_group={version.pk}"):
        page = client.get(f"/admin/operations/bulkjob/add/?{query}").content.decode()
        assert '<option value="retry failed same" selected>' in page


def test_an_operator_is_not_offered_to_delete(version: WorkflowVersion) -> None:
    for role, is_offered in (("operator", False), ("admin", True)):
        client = ApiClient(make_user(version.workspace, role, is_staff=True))
        page = client.get("/admin/operations/bulkjob/add/").content.decode()
        assert ('<option value="delete">' in page) is is_offered


def test_the_page_of_a_job_tells_what_became_of_the_runs_that_it_made(
    version: WorkflowVersion,
) -> None:
    for _ in range(3):
        failed_at_the_call(version)
    job = begun(version)
    assert "The runs that it made" not in page_of(job, version)
    until_done(job)
    made = Run.objects.filter(trigger=Trigger.RETRY)
    assert made.count() == 3
    Run.objects.filter(pk=made.earliest("pk").pk).update(status=RunStatus.RUNNING)
    page = page_of(job, version)
    assert "The runs that it made: 2 pending, 1 running." in page
    link = re.search(r'href="([^"]+)">Retries made meanwhile', page)
    assert link
    listed = shown(staff(version), unescape(link[1]))
    assert [f"{run.pk}/change/" in listed for run in Run.objects.order_by("pk")] == [False] * 3 + [
        True
    ] * 3


def test_of_a_job_that_made_very_many_runs_the_first_are_told(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (counts, jobs):
        monkeypatch.setattr(module, "MOST_MADE", 2)
    for _ in range(3):
        failed_at_the_call(version)
    assert "The first 2 runs that it made: 2 pending." in page_of(
        until_done(begun(version)), version
    )


def test_a_job_that_made_no_runs_tells_of_none(version: WorkflowVersion) -> None:
    make_run(version)
    job = until_done(begin_job(Asked(version.workspace, "cancel", {}), by=by(version)))
    assert "The runs that it made" not in page_of(job, version)
