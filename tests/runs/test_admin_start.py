"""The page of the admin on which staff start runs."""

import re
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from apps.runs.admin.show import link
from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.versions.models import WorkflowVersion
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def start_page(version: WorkflowVersion) -> str:
    return f"{reverse('admin:runs_run_add')}?workflow={version.workflow_id}"


def test_a_workflow_is_chosen_before_its_input_is_asked_for() -> None:
    version = make_version(is_published=True)
    client = ApiClient(make_user(version.workspace, "operator", is_staff=True))
    first = client.get(reverse("admin:runs_run_add")).content.decode()
    assert 'name="workflow"' in first
    assert 'name="input"' not in first
    body = f"workflow={version.workflow_id}".encode()
    chosen = client.post(reverse("admin:runs_run_add"), body, content_type=FORM)
    assert chosen["Location"] == start_page(version)
    assert not Run.objects.exists()
    then = client.get(start_page(version)).content.decode()
    assert 'name="input"' in then
    assert 'name="workflow"' not in then
    assert ">Run</button>" in re.sub(r"\s*(<|>)\s*", r"\1", then)
    assert f"<strong>{version.workflow}</strong>" in then
    assert link(reverse("admin:runs_run_add"), "Another workflow") in then


def test_input_that_is_no_json_is_told_of_the_field() -> None:
    version = make_version(is_published=True)
    client = ApiClient(make_user(version.workspace, "operator", is_staff=True))
    answer = client.post(start_page(version), b"input={", content_type=FORM)
    assert "The text is not JSON" in answer.content.decode()
    assert "The body" not in answer.content.decode()


def test_a_run_is_started_with_input() -> None:
    version = make_version(is_published=True)
    client = ApiClient(make_user(version.workspace, "operator", is_staff=True))
    body = urlencode({"input": '{"customer": "Ada"}'}).encode()
    answer = client.post(start_page(version), body, content_type=FORM)
    run = Run.objects.get()
    assert answer["Location"] == reverse("admin:runs_run_change", args=[run.pk])
    assert (run.version, run.trigger) == (version, Trigger.MANUAL)
    assert run.input_json == [{"json": {"customer": "Ada"}}]


@pytest.mark.parametrize(
    ("is_archived", "why"), [(False, "nothing of it is published yet"), (True, "it is archived")]
)
def test_a_workflow_that_cannot_be_run_says_so_and_offers_no_button(
    is_archived: bool, why: str
) -> None:
    version = make_version(is_published=is_archived)
    if is_archived:
        version.workflow.status = version.workflow.Status.ARCHIVED
        version.workflow.save()
    client = ApiClient(make_user(version.workspace, "operator", is_staff=True))
    page = " ".join(client.get(start_page(version)).content.decode().split())
    workflow = reverse("admin:workflows_workflow_change", args=[version.workflow_id])
    assert re.search(rf'<a [^>]*href="{workflow}">[^<]+</a> cannot be run: {why}', page)
    assert 'name="input"' not in page
    assert 'name="_save"' not in page


def test_what_cannot_be_started_is_said() -> None:
    version = make_version()
    client = ApiClient(make_user(version.workspace, "operator", is_staff=True))
    answer = client.post(start_page(version), b"", content_type=FORM)
    assert not Run.objects.exists()
    [told] = get_messages(answer.wsgi_request)
    assert "no published version" in str(told)


def test_a_foreign_workflow_cannot_be_started() -> None:
    foreign = make_version(is_published=True)
    client = ApiClient(make_user(make_run().workspace, "admin", is_staff=True))
    body = f"workflow={foreign.workflow_id}".encode()
    for page in (reverse("admin:runs_run_add"), start_page(foreign)):
        answer = client.post(page, body, content_type=FORM)
        assert answer.status_code == 200
        assert "Select a valid choice" in answer.content.decode()
    assert not Run.objects.filter(workflow=foreign.workflow).exists()


def test_a_workflow_leads_to_the_page_that_starts_it() -> None:
    workflow = make_version(is_published=True).workflow
    client = ApiClient(make_user(workflow.workspace, "operator", is_staff=True))
    answer = client.get(reverse("admin:workflows_workflow_run_now", args=[workflow.pk]))
    assert answer["Location"] == f"/admin/runs/run/add/?workflow={workflow.pk}"
    assert str(workflow) in client.get(answer["Location"]).content.decode()


def test_an_address_that_names_no_workflow_shows_the_empty_form() -> None:
    workflow = make_version(is_published=True).workflow
    client = ApiClient(make_user(workflow.workspace, "operator", is_staff=True))
    assert client.get("/admin/runs/run/add/?workflow=x").status_code == 200
