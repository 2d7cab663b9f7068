"""The pages that a run shows to the person who fills in its forms."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.runs.cancel import cancel_run
from apps.runs.models import Run, RunFile, RunSignal
from apps.runs.payloads import read_payload
from apps.runs.states import RunStatus
from tests.clients import ApiClient
from tests.factories import make_user, make_version
from tests.graphs import Document, graph, node
from tests.runs.work import created, execute, output_of, steps_of
from tests.triggers.test_forms import active_form, client, get, hidden, post, told
from tests.triggers.test_waits import TELL, past, path_of

pytestmark = pytest.mark.django_db
MORE = {
    "title": "=More, {{ $json.name }}",
    "fields": [{"type": "number", "name": "guests", "required": True}],
}


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    cache.clear()


def more(**params: Any) -> Document:
    return node("more", "form_page", params={**MORE, **params})


def begun(*after: Document, **params: Any) -> tuple[Run, str]:
    """A run that a form has started, executed until it waits or ends, and its address."""
    active_form(*(after or (more(), node("end"))), **params)
    address = str(post({"name": "Ada"})["location"])
    return execute(Run.objects.get()), address


def test_the_person_who_filled_in_a_form_is_shown_the_next_page() -> None:
    run, address = begun()
    assert run.status == RunStatus.WAITING
    page = get(address)
    assert "More, Ada" in told(page)
    assert "refresh" not in page
    assert not RunSignal.objects.exists()
    answer = post({"_step": hidden(page, "_step"), "guests": "2"}, address)
    assert (answer.status_code, answer["location"]) == (303, address)
    run = execute(run)
    assert run.status == RunStatus.COMPLETED
    [item] = output_of(run, "end")["main"]
    assert item["json"].pop("submitted_at").endswith("Z")
    assert item["json"] == {"guests": 2}
    assert "Thank you." in told(get(address))


def test_a_page_that_is_filled_in_wrongly_is_shown_again_and_the_run_waits_on() -> None:
    run, address = begun()
    answer = post({"guests": "many"}, address)
    assert answer.status_code == 422
    assert "This is no number" in told(answer)
    assert "More, Ada" in told(answer)
    assert not RunSignal.objects.exists()
    assert execute(run).status == RunStatus.WAITING


def test_a_page_that_is_sent_twice_counts_once() -> None:
    run, address = begun(more(), node("again", "form_page", params={**MORE, "title": "Again"}))
    step = hidden(get(address), "_step")
    assert post({"_step": step, "guests": "1"}, address).status_code == 303
    # Before the run has gone on, and when it is at the next page.
    assert post({"_step": step, "guests": "2"}, address).status_code == 303
    run = execute(run)
    assert post({"_step": step, "guests": "3"}, address).status_code == 303
    assert "Again" in told(get(address))
    assert RunSignal.objects.count() == 1
    assert output_of(run, "more")["main"][0]["json"]["guests"] == 1


def test_the_same_files_may_come_with_the_form_and_with_a_later_page() -> None:
    file = {"type": "file", "name": "letter", "required": True}
    several = {"type": "file", "name": "letters", "multiple": True}
    active_form(more(fields=[several]), fields=[file])
    letter = SimpleUploadedFile("a/../letter.txt", b"Dear all", "text/plain")
    address = post({"letter": letter})["location"]
    run = execute(Run.objects.get())
    letter.seek(0)
    other = SimpleUploadedFile("other.bin", b"\x00\x01", "application/octet-stream")
    post({"letters": [letter, other]}, address)
    run = execute(run)
    assert run.status == RunStatus.COMPLETED
    [first] = output_of(run, "form")["main"]
    [second] = output_of(run, "more")["main"]
    reference = first["binary"]["letter"]
    assert (reference["fileName"], reference["mimeType"]) == ("letter.txt", "text/plain")
    assert second["binary"].keys() == {"letters_0", "letters_1"}
    assert second["binary"]["letters_0"]["id"] == reference["id"]
    assert read_payload(reference["id"]) == b"Dear all"
    assert RunFile.objects.filter(run=run).count() == 2


def test_a_page_may_not_be_waited_for_longer_than_it_says() -> None:
    run, address = begun(more(wait_s=60))
    past(run, "more")
    run = execute(run)
    assert output_of(run, "more")["timed_out"][0]["json"]["name"] == "Ada"
    assert client().post(address, {"guests": "1"}).status_code == 410


def test_a_page_that_nobody_fills_in_for_a_year_fails_and_says_no_more_than_that() -> None:
    run, address = begun(more())
    past(run, "more")
    assert execute(run).error_code == "timed_out"
    page = told(get(address))
    assert "Something went wrong." in page
    assert "within a year" not in page


def test_a_cancelled_run_is_told_without_details() -> None:
    run, address = begun()
    cancel_run(run, by=None)
    execute(run)
    assert "Something went wrong." in told(get(address))
    answer = client().post(address, {"guests": "1"})
    assert answer.status_code == 410


def test_an_ending_says_what_is_shown_also_while_the_run_goes_on() -> None:
    ending = {"title": "=Bye, {{ $json.name }}", "text": "<i>Now</i>"}
    run, address = begun(
        node("ending", "form_ending", params=ending),
        node("later", "delay", params={"seconds": 600}),
    )
    assert run.status == RunStatus.WAITING
    page = told(get(address))
    assert "Bye, Ada" in page
    assert "&lt;i&gt;Now&lt;/i&gt;" in page


def test_an_ending_that_is_disabled_says_nothing() -> None:
    _, address = begun(node("ending", "form_ending", disabled=True))
    assert "Thank you." in told(get(address))


def test_an_ending_may_lead_to_another_page() -> None:
    url = "=https://shop.example/{{ $json.name }}?a=1&b=ä"
    _, address = begun(node("ending", "form_ending", params={"redirect": url}))
    page = get(address)
    assert page["refresh"] == "0; url=https://shop.example/Ada?a=1&b=%C3%A4"
    assert 'href="https://shop.example/Ada?a=1&amp;b=ä"' in told(page)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//shop.example", "ftp://a", "https://", "https://a/\nb"]
)
def test_an_ending_leads_to_web_pages_alone(url: str) -> None:
    run, _ = begun(
        node("ending", "form_ending", params={"redirect": f"={{{{ {json.dumps(url)} }}}}"})
    )
    assert (run.status, run.error_code) == (RunStatus.FAILED, "invalid_params")


def test_the_page_looks_ever_less_often_for_a_run_that_takes_long() -> None:
    active_form()
    address = post({"name": "Ada"})["location"]
    waits = []
    for _ in range(12):
        path = get(f"{address}?looks={len(waits)}")["refresh"]
        waits.append(int(path.partition(";")[0]))
    assert waits == [1] * 5 + [2] * 5 + [3] * 2
    assert get(f"{address}?looks=99999")["refresh"].startswith("30;")
    assert get(f"{address}?looks=-1")["refresh"].startswith("1;")


def test_an_address_opens_its_own_run_alone() -> None:
    run, address = begun()
    token = address.removeprefix("/form/")
    for path in (
        f"/form/{token[:-1]}",
        f"/form/A{token[1:]}",
        f"/wait/{token}",
        f"/decide/{token}",
    ):
        assert get(path).status_code == 404
    other = post({"name": "Grace"})["location"]
    execute(Run.objects.exclude(pk=run.pk).get())
    assert "More, Grace" in told(get(other))
    step = hidden(get(other), "_step")
    # What another run's step is called is of no use at this address.
    post({"_step": step, "guests": "1"}, address)
    assert not RunSignal.objects.exists()


def test_a_page_works_in_a_run_that_no_form_has_started() -> None:
    nodes = [node("start", "manual"), node("tell", "set_fields", params=TELL), more(title="Yes?")]
    version = make_version(graph=graph(nodes, ["start -> tell", "tell -> more"]))
    run = execute(created(version))
    address = path_of(run)
    assert address.startswith("/form/")
    assert "Yes?" in told(get(address))
    assert client().post(address, {"guests": "1"}).json() == {"run": str(run.pk)}
    run = execute(run)
    assert run.status == RunStatus.COMPLETED
    assert "Thank you." in told(get(address))


@pytest.mark.parametrize(
    ("pinned", "expected"), [({"title": "Bye."}, "Bye."), ({"odd": 1}, "Thank you.")]
)
def test_an_ending_that_is_pinned_says_what_is_pinned_where_that_is_one(
    pinned: Document, expected: str
) -> None:
    nodes = [node("start", "manual"), node("tell", "set_fields", params=TELL), more()]
    nodes.append(node("ending", "form_ending"))
    edges = ["start -> tell", "tell -> more", "more -> ending"]
    version = make_version(graph=graph(nodes, edges))
    run = execute(created(version, pins={"ending": {"main": [{"json": pinned}]}}))
    address = path_of(run)
    client().post(address, {"guests": "1"})
    assert execute(run).status == RunStatus.COMPLETED
    assert expected in told(get(address))


def test_a_run_tells_that_it_waits_for_a_page() -> None:
    run, _ = begun()
    [wait] = ApiClient(make_user(run.workspace)).get(f"runs/{run.pk}").json()["waiting_for"]
    assert (wait["for"], wait["node"]) == ("form", "more")
    assert wait["asks"].pop("page")["fields"] == MORE["fields"]
    assert wait["asks"] == {"question": "More, Ada", "details": ""}


def test_a_page_that_is_too_large_fails_its_step() -> None:
    choices = [f"{number}{'x' * 190}" for number in range(200)]
    fields = [{"type": "radio", "name": f"f{n}", "choices": choices} for n in range(10)]
    run, _ = begun(more(fields=fields))
    assert run.error_code == "page_too_large"
    assert steps_of(run)["more"].status == "failed"
