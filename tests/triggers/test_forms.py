"""Forms: what their pages show, and the runs that they start."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, deactivate_workflow
from apps.workflows.models import Workflow
from tests.factories import make_version
from tests.graphs import Document, graph, node
from tests.runs.work import execute, output_of

pytestmark = pytest.mark.django_db
PERSON = {"Accept": "text/html"}
NAME = {"type": "text", "name": "name", "label": "Your name", "required": True}
GUESTS = {"type": "number", "name": "guests", "min": 0, "max": 5}


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    cache.clear()


def active_form(*after: Document, fields: Any = (NAME, GUESTS), **params: Any) -> Workflow:
    """A live form at /forms/party, and what its run does then, one node after the other."""
    params = {"path": "party", "title": "Will you come?", "fields": list(fields), **params}
    nodes = [node("form", "form", params=params), *(after or [node("end")])]
    ids = [each["id"] for each in nodes]
    edges = [f"{a} -> {b}" for a, b in pairwise(ids)]
    workflow = publish_version(make_version(graph=graph(nodes, edges)), by=None)
    activate_workflow(workflow, by=None)
    return workflow


def client() -> Client:
    return Client(enforce_csrf_checks=True)


def get(path: str = "/forms/party", **more: Any) -> Any:
    return client().get(path, headers=PERSON, **more)


def post(data: Any, path: str = "/forms/party", **more: Any) -> Any:
    return client().post(path, data, headers=PERSON, **more)


def told(answer: Any) -> str:
    return str(answer.content.decode())


def hidden(answer: Any, name: str) -> str:
    [value] = re.findall(f'name="{name}" value="([^"]*)"', told(answer))
    return str(value)


def test_who_fills_in_a_form_starts_a_run_with_typed_values() -> None:
    active_form()
    answer = post({"name": " Ada ", "guests": "2"})
    assert answer.status_code == 303
    run = execute(Run.objects.get())
    assert (run.status, run.trigger) == (RunStatus.COMPLETED, "form")
    [item] = output_of(run, "end")["main"]
    assert item["json"].pop("submitted_at").endswith("Z")
    assert item["json"] == {"name": "Ada", "guests": 2}


def test_to_look_at_a_form_changes_nothing() -> None:
    active_form(description="On <b>Friday</b>\nat eight")
    answer = get()
    assert answer.status_code == 200
    assert "On &lt;b&gt;Friday&lt;/b&gt;\nat eight" in told(answer)
    assert "sandbox allow-forms" in answer["content-security-policy"]
    assert answer["cache-control"] == "no-store"
    assert not Run.objects.exists()


def test_each_fault_is_told_at_its_field_and_what_was_typed_is_kept() -> None:
    active_form()
    answer = post({"name": "", "guests": "7"})
    assert answer.status_code == 422
    page = told(answer)
    assert "Please fill this in." in page
    assert "It must be at most 5." in page
    assert 'value="7"' in page
    assert page.count('aria-invalid="true"') == 2
    assert 'aria-describedby="field-0-fault"' in page
    assert not Run.objects.exists()


def test_the_same_page_sent_twice_starts_one_run() -> None:
    active_form()
    once = hidden(get(), "_once")
    first, second = (post({"_once": once, "name": "Ada"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert Run.objects.count() == 1
    post({"_once": once, "name": "Grace"})
    post({"_once": hidden(get(), "_once"), "name": "Ada"})
    assert Run.objects.count() == 3


def test_a_program_is_answered_in_json() -> None:
    active_form()
    wrong = client().post("/forms/party", {"guests": "many"})
    assert wrong["content-type"] == "application/problem+json"
    faults = {fault["path"]: fault["code"] for fault in json.loads(wrong.content)["errors"]}
    assert (wrong.status_code, faults) == (
        422,
        {"name": "invalid_value", "guests": "invalid_value"},
    )
    answer = client().post("/forms/party", {"name": "Ada"})
    assert (answer.status_code, answer.json()) == (202, {"run": str(Run.objects.get().pk)})


def test_a_form_is_closed_while_its_workflow_is_inactive() -> None:
    workflow = active_form()
    deactivate_workflow(workflow, by=None)
    for answer in (get(), post({"name": "Ada"})):
        assert answer.status_code == 404
        assert "This form is closed" in told(answer)
    assert not Run.objects.exists()


def test_after_the_last_page_the_ending_is_shown() -> None:
    active_form(ending={"title": "See you there.", "text": "Bring a friend."})
    answer = post({"name": "Ada"})
    page = get(answer["location"])
    assert "One moment" in told(page)
    assert page["refresh"].startswith("1; url=/form/")
    execute(Run.objects.get())
    page = get(answer["location"])
    assert "See you there." in told(page)
    assert "Bring a friend." in told(page)
    assert "refresh" not in page
