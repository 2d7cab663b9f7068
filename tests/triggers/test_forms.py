"""Forms: what their pages show, and the runs that they start."""

import json
import re
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from time_machine import travel

from apps.engine.errors import FaultsError
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.triggers.models import WebhookEndpoint
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, deactivate_workflow
from apps.workflows.models import Workflow
from tests.clients import ApiClient
from tests.factories import make_credential, make_user, make_version, make_workflow
from tests.graphs import Document, graph, node
from tests.runs.work import execute, output_of

pytestmark = pytest.mark.django_db
PERSON = {"Accept": "text/html"}
NAME = {"type": "text", "name": "name", "label": "Your name", "required": True}
GUESTS = {"type": "number", "name": "guests", "min": 0, "max": 5}


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    cache.clear()


def active_form(
    *after: Document, fields: Any = (NAME, GUESTS), of: Workflow | None = None, **params: Any
) -> Workflow:
    """A live form at /forms/party, and what its run does then, one node after the other."""
    params = {"path": "party", "title": "Will you come?", "fields": list(fields), **params}
    nodes = [node("form", "form", params=params), *(after or [node("end")])]
    ids = [each["id"] for each in nodes]
    edges = [f"{a} -> {b}" for a, b in pairwise(ids)]
    workflow = publish_version(make_version(of, graph(nodes, edges)), by=None)
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


def test_a_form_that_is_too_large_is_refused_by_a_page(settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 2048
    active_form(fields=[NAME, {"type": "file", "name": "letter"}])
    letter = SimpleUploadedFile("letter.txt", b"x" * 2048)
    answer = post({"name": "Ada", "letter": letter})
    assert answer.status_code == 413
    assert "at most 2.0\xa0KB" in told(answer)
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("type", "body", "status"),
    [
        ("multipart/form-data", b"--x", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 422),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=", 422),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 1_001), 400),
        ("application/x-www-form-urlencoded; charset=nonsense", b"name=Ada", 303),
        ("application/x-www-form-urlencoded", b"name=%ff%00", 303),
        ("application/json", b'{"name": "Ada"}', 415),
        ("", b"name=Ada", 415),
    ],
)
def test_what_is_no_form_is_refused(type: str, body: bytes, status: int) -> None:
    active_form()
    answer = client().generic("POST", "/forms/party", body, type, headers=PERSON)
    assert answer.status_code == status
    assert Run.objects.exists() == (status == 303)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_form_is_opened_and_sent_alone(method: str) -> None:
    active_form()
    answer = client().generic(method, "/forms/party", headers=PERSON)
    assert (answer.status_code, answer["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("path", ["nowhere", "party/", "p\u00e4rty", "a%00b", "%ff", "x" * 3_000])
def test_where_no_form_is_nothing_is_told(path: str) -> None:
    active_form()
    assert get(f"/forms/{path}").status_code == 404


def test_a_form_is_sent_only_so_often() -> None:
    active_form()
    with travel(timezone.now(), tick=False):  # within one minute
        answers = [post({"guests": "x"}) for _ in range(61)]
        assert {answer.status_code for answer in answers[:60]} == {422}
        assert (answers[60].status_code, answers[60]["retry-after"]) == (429, "60")
        assert post({"name": "Ada"}, REMOTE_ADDR="192.0.2.7").status_code == 303


def test_who_does_not_know_the_password_sees_no_form() -> None:
    workflow = make_workflow()
    values = {"username": "ada", "password": "l0velace"}
    credential = make_credential(workflow.workspace, "http_basic", values)
    active_form(of=workflow, authentication="basic", credential=str(credential.pk))
    answer = get()
    assert (answer.status_code, answer["www-authenticate"][:5]) == (401, "Basic")
    assert "Will you come?" not in told(answer)
    wrong = {**PERSON, "Authorization": f"Basic {b64encode(b'ada:byron').decode()}"}
    assert client().post("/forms/party", {"name": "Ada"}, headers=wrong).status_code == 401
    right = {**PERSON, "Authorization": f"Basic {b64encode(b'ada:l0velace').decode()}"}
    assert client().get("/forms/party", headers=right).status_code == 200
    assert client().post("/forms/party", {"name": "Ada"}, headers=right).status_code == 303


def test_no_other_page_sends_a_form_by_the_password_that_a_browser_keeps() -> None:
    workflow = make_workflow()
    values = {"username": "ada", "password": "l0velace"}
    credential = make_credential(workflow.workspace, "http_basic", values)
    active_form(of=workflow, authentication="basic", credential=str(credential.pk))
    known = {**PERSON, "Authorization": f"Basic {b64encode(b'ada:l0velace').decode()}"}
    once = hidden(client().get("/forms/party", headers=known), "_once")
    browser = {**known, "Origin": "null"}

    def send(**more: str) -> int:
        sent = client().post("/forms/party", {"name": "Ada", **more}, headers=browser)
        return int(sent.status_code)

    assert send() == send(_once="guessed") == send(_once=once[:-1]) == 403
    assert not Run.objects.exists()
    assert send(_once=once) == 303


def test_the_address_of_the_page_fills_fields_in() -> None:
    place = {"type": "radio", "name": "place", "choices": ["Here", "There"], "default": "Here"}
    secret = {"type": "password", "name": "code"}
    active_form(
        fields=[NAME, place, secret, {"type": "hidden", "name": "source", "default": "web"}]
    )
    page = told(get("/forms/party?name=%3CAda%3E&place=There&code=1234&source=mail"))
    assert 'value="&lt;Ada&gt;"' in page
    assert 'value="There" checked' in page
    assert 'value="Here" checked' not in page
    assert "1234" not in page
    assert 'name="source" value="mail"' in page
    assert 'name="source" value="web"' in told(get())


@pytest.mark.parametrize("least", [0, 1])
def test_choices_of_which_none_will_do_are_optional(least: int) -> None:
    days = {"type": "checkboxes", "name": "days", "choices": ["Mon", "Tue"], "min_choices": least}
    active_form(fields=[days])
    assert ("(optional)" in told(get())) == (least == 0)
    assert post({}).status_code == (422 if least else 303)


def test_a_password_is_not_shown_again() -> None:
    active_form(fields=[NAME, {"type": "password", "name": "code"}])
    answer = post({"name": "", "code": "l0velace"})
    assert answer.status_code == 422
    assert "l0velace" not in told(answer)


def test_what_a_builder_writes_is_shown_as_it_is() -> None:
    written = "<script>alert(1)</script>"
    field = {
        "type": "text",
        "name": f"x{written}",
        "label": written,
        "description": written,
        "placeholder": f'">{written}',
        "default": f'">{written}',
    }
    choices = {"type": "dropdown", "name": "d", "choices": [f'">{written}']}
    active_form(
        fields=[field, choices, {"type": "note", "text": written}],
        title=written,
        description=written,
        button=written,
    )
    page = told(get())
    assert "<script>" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 9


def test_a_run_is_made_with_its_files_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    active_form(fields=[{"type": "file", "name": "letter"}])

    def fail(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr("apps.triggers.forms.submit.own_files", fail)
        with pytest.raises(RuntimeError):
            post({"_once": "1", "letter": SimpleUploadedFile("a.txt", b"Dear all")})
    assert not Run.objects.exists()
    # Sent again, it is not taken for a second time.
    post({"_once": "1", "letter": SimpleUploadedFile("a.txt", b"Dear all")})
    assert Run.objects.get().files.count() == 1


def test_two_forms_cannot_have_the_same_path_but_a_hook_may() -> None:
    active_form()
    with pytest.raises(FaultsError) as refused:
        active_form()
    [fault] = refused.value.faults
    assert (fault.path, fault.code) == ("nodes[0].params.path", "address_taken")
    assert "/forms/party" in fault.message
    hook = graph([node("hook", "webhook", params={"path": "party"}), node("end")])
    activate_workflow(publish_version(make_version(graph=hook), by=None), by=None)
    assert {str(endpoint) for endpoint in WebhookEndpoint.objects.filter(is_live=True)} == {
        "POST /forms/party",
        "POST /hooks/party",
    }


def test_a_form_without_a_path_gets_one_and_members_are_told_it(settings: Settings) -> None:
    settings.HOOKS_URL = "https://forms.example.org"
    workflow = active_form(path="")
    user = make_user(workflow.workspace)
    [told_of] = ApiClient(user).get(f"hooks?workflow={workflow.pk}").json()["results"]
    assert (told_of["kind"], told_of["node"], len(told_of["path"])) == ("form", "form", 22)
    assert told_of["url"] == f"https://forms.example.org/forms/{told_of['path']}"
    assert get(f"/forms/{told_of['path']}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_those_who_send_the_same_page_at_the_same_moment_one_starts_a_run() -> None:
    active_form()
    begin = threading.Barrier(4)

    def send(_: int) -> str:
        begin.wait()
        try:
            return str(client().post("/forms/party", {"_once": "1", "name": "Ada"}).json()["run"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        runs = set(pool.map(send, range(4)))
    assert runs == {str(Run.objects.get().pk)}
