"""Steps that wait for somebody outside, and what is answered at their addresses."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from time_machine import travel

from apps.runs.cancel import cancel_run
from apps.runs.links import Link, write_link
from apps.runs.models import EarlyAnswer, Payload, Run, RunSignal
from apps.runs.payloads import read_payload
from apps.runs.states import RunStatus
from apps.triggers.bodies.room import disk
from tests.factories import make_version
from tests.graphs import Document, graph, node
from tests.runs.work import created, execute, output_of, steps_of

pytestmark = pytest.mark.django_db
TELL = {"mode": "json", "include": "none", "json": "={{ { url: $execution.resumeUrl } }}"}


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    cache.clear()


def waiting_graph(**params: Any) -> Document:
    """start -> tell -> wait -> after"""
    nodes = [
        node("start", "manual"),
        node("tell", "set_fields", params=TELL),
        node("wait", "wait_for_webhook", params=params),
        node("after"),
    ]
    return graph(nodes, ["start -> tell", "tell -> wait", "wait -> after"])


def waiting_run(items: list[Any] | None = None, **params: Any) -> Run:
    """A run that was executed until it waits."""
    version = make_version(graph=waiting_graph(**params))
    return execute(created(version, items=items or [{"json": {}}]))


def url_of(run: Run, node: str = "tell") -> str:
    return str(output_of(run, node)["main"][0]["json"]["url"])


def path_of(run: Run, node: str = "tell") -> str:
    return urlsplit(url_of(run, node)).path


def call(path: str, method: str = "POST", **more: Any) -> Any:
    return Client(enforce_csrf_checks=True).generic(method, path, **more)


def code_of(answer: Any) -> str:
    assert answer["content-type"] == "application/problem+json"
    return str(json.loads(answer.content)["errors"][0]["code"])


def test_a_run_goes_on_with_the_request_that_comes_at_the_address_of_its_step() -> None:
    run = waiting_run()
    assert run.status == RunStatus.WAITING
    answer = call(
        path_of(run) + "?a=1&a=2",
        data=b'{"paid": true}',
        content_type="application/json",
        headers={"X-Id": "7", "Cookie": "sessionid=s", "Authorization": "Bearer t"},
    )
    assert (answer.status_code, answer.json()) == (202, {"run": str(run.pk)})
    run = execute(run)
    assert run.status == RunStatus.COMPLETED
    [item] = output_of(run, "after")["main"]
    assert (item["json"]["body"], item["json"]["query"]) == ({"paid": True}, {"a": ["1", "2"]})
    assert (item["json"]["method"], item["json"]["headers"]["x-id"]) == ("POST", "7")
    assert not {"cookie", "authorization"} & item["json"]["headers"].keys()


@pytest.mark.parametrize("is_early", [False, True])
def test_files_that_come_are_files_of_the_run(is_early: bool) -> None:
    run = created(make_version(graph=waiting_graph())) if is_early else waiting_run()
    path = path_of(run) if not is_early else f"/wait/{forged(run)}"
    sent = {"note": "signed", "scan": SimpleUploadedFile("a.pdf", b"%PDF", "application/pdf")}
    assert Client(enforce_csrf_checks=True).post(path, sent).status_code == 202
    run = execute(run)
    [item] = output_of(run, "after")["main"]
    reference = item["binary"]["scan"]
    assert item["json"]["body"] == {"note": "signed"}
    assert "binary" not in item["json"]
    assert (reference["fileName"], reference["mimeType"]) == ("a.pdf", "application/pdf")
    assert read_payload(run.files.get(payload=reference["id"]).payload_id) == b"%PDF"


def test_more_than_may_be_sent_is_refused(settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    path = path_of(waiting_run())
    answer = call(path, data=b"x" * 1_001, content_type="image/png")
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    assert disk.taken == 0
    assert call(path, data=b"x" * 1_000, content_type="image/png").status_code == 202


def test_nothing_is_stored_for_a_step_that_waits_no_more() -> None:
    path = path_of(waiting_run())
    assert call(path).status_code == 202
    assert call(path, data=b"%PDF", content_type="application/pdf").status_code == 410
    assert not Payload.objects.exists()


def test_an_address_works_once() -> None:
    run = waiting_run()
    assert call(path_of(run)).status_code == 202
    again = call(path_of(run))
    assert (again.status_code, code_of(again)) == (410, "not_waiting")
    execute(run)
    assert call(path_of(run)).status_code == 410
    assert RunSignal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_waiting", [True, False])
def test_of_those_who_call_at_the_same_moment_one_is_taken(is_waiting: bool) -> None:
    run = created(make_version(graph=waiting_graph()))
    if is_waiting:
        run = execute(run)
    path = f"/wait/{forged(run)}"
    begin = threading.Barrier(4)

    def post(_: int) -> int:
        begin.wait()
        try:
            return int(call(path).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(post, range(4))) == [202, 410, 410, 410]
    assert execute(run).status == RunStatus.COMPLETED


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_to_look_at_an_address_changes_nothing(method: str) -> None:
    run = waiting_run()
    answer = call(path_of(run), method)
    assert answer.status_code == 200
    assert "sandbox allow-forms" in answer["content-security-policy"]
    assert answer["referrer-policy"] == "no-referrer"
    assert not RunSignal.objects.exists()
    assert execute(run).status == RunStatus.WAITING


def test_an_address_whose_run_was_cancelled_is_gone() -> None:
    run = waiting_run()
    cancel_run(run, by=None)
    execute(run)
    assert call(path_of(run), "GET").status_code == 410


def test_a_request_that_comes_before_the_step_waits_is_kept_for_it() -> None:
    run = created(make_version(graph=waiting_graph()))
    path = f"/wait/{forged(run)}"
    assert call(path, "GET").status_code == 409
    answer = call(path, data=b'{"n": 1}', content_type="application/json")
    assert (answer.status_code, answer.json()) == (202, {"run": str(run.pk)})
    assert call(path).status_code == call(path, "GET").status_code == 410
    run = execute(run)
    assert run.status == RunStatus.COMPLETED
    assert output_of(run, "after")["main"][0]["json"]["body"] == {"n": 1}
    assert call(path).status_code == 410
    assert not EarlyAnswer.objects.exists()


def test_a_request_to_a_run_that_ended_before_it_came_so_far_is_not_kept() -> None:
    run = created(make_version(graph=waiting_graph()))
    cancel_run(run, by=None)
    execute(run)
    assert call(f"/wait/{forged(run)}").status_code == 410
    assert not EarlyAnswer.objects.exists()


def forged(run: Run, **other: Any) -> str:
    link = {"workspace": run.workspace_id, "run": run.pk, "node": "wait", "iteration": 0} | other
    return write_link(Link(**link), "wait", int(timezone.now().timestamp()) + 60)


def test_a_token_is_good_for_its_own_step_alone() -> None:
    run, other = waiting_run(), waiting_run()
    assert call(f"/wait/{forged(run, workspace=other.workspace_id)}").status_code == 410
    assert call(f"/wait/{forged(run, iteration=1)}", "GET").status_code == 409
    assert not RunSignal.objects.exists()


def test_a_token_that_was_changed_or_made_for_something_else_or_long_ago_is_unknown() -> None:
    run = waiting_run()
    link = Link(run.workspace_id, run.pk, "wait", 0)
    soon = int((timezone.now() + timedelta(hours=1)).timestamp())
    good = write_link(link, "wait", soon)
    for token in (
        "nonsense",
        good[:-1],
        good.replace(".", "", 1),
        "A" + good[1:],
        write_link(link, "decide", soon),
        write_link(link, "wait", soon - 7200),
    ):
        answer = call(f"/wait/{token}")
        assert (answer.status_code, code_of(answer)) == (404, "unknown_address")
    assert call(f"/wait/{good}").status_code == 202


def test_links_are_built_from_the_settings_alone(settings: Settings) -> None:
    settings.HOOKS_URL = "https://hooks.example.org"
    assert url_of(waiting_run()).startswith("https://hooks.example.org/wait/")


def test_a_body_that_cannot_be_read_is_refused_and_the_run_waits_on() -> None:
    run = waiting_run()
    answer = call(path_of(run), data=b"{", content_type="application/json")
    assert answer.status_code == 400
    assert call(path_of(run), "TRACE").status_code == 405
    assert not RunSignal.objects.exists()


def test_a_body_that_is_too_large_is_refused_and_the_run_waits_on(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = call(path_of(waiting_run()), data=b"x" * 1_001, content_type="text/plain")
    assert (answer.status_code, code_of(answer)) == (413, "too_large")
    assert "sandbox" in answer["content-security-policy"]
    assert not RunSignal.objects.exists()


def test_an_address_is_asked_only_so_often() -> None:
    path = path_of(waiting_run())
    with travel(timezone.now(), tick=False):  # within one minute
        answers = [call(path, "GET") for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {200}
    assert (answers[60].status_code, answers[60]["retry-after"]) == (429, "60")


def test_a_person_is_answered_by_a_page() -> None:
    run = waiting_run()
    answer = call(path_of(run), headers={"Accept": "text/html"})
    assert (answer.status_code, answer["content-type"]) == (200, "text/html; charset=utf-8")
    gone = call(path_of(run), headers={"Accept": "text/html"})
    assert gone.status_code == 410
    assert "answered already" in gone.content.decode()


def past(run: Run, node: str = "wait") -> None:
    """Let what the run's step waits for at most be over."""
    step = steps_of(run)[node]
    step.attempts[-1]["wait"]["until"] = "2026-01-01T00:00:00.000Z"
    step.save(update_fields=["attempts"])
    Run.objects.filter(pk=run.pk).update(status=RunStatus.PENDING)


def test_a_step_that_waited_long_enough_goes_on_by_another_output() -> None:
    run = waiting_run([{"json": {"n": 1}}, {"json": {"n": 2}}], wait_s=60)
    past(run)
    run = execute(run)
    outputs = output_of(run, "wait")
    assert len(outputs["timed_out"]) == 2
    assert not outputs.get("main")
    assert call(path_of(run)).status_code == 410


def test_a_step_that_has_no_other_output_fails_after_a_year() -> None:
    run = waiting_run()
    past(run)
    assert execute(run).error_code == "timed_out"


def test_each_turn_of_a_loop_has_an_address_of_its_own() -> None:
    nodes = [
        node("start", "manual"),
        node("loop", "loop", params={"batch_size": 1}),
        node("tell", "set_fields", params=TELL),
        node("wait", "wait_for_webhook"),
    ]
    edges = ["start -> loop", "loop.loop -> tell", "tell -> wait", "wait -> loop"]
    items = [{"json": {"n": 1}}, {"json": {"n": 2}}]
    run = execute(created(make_version(graph=graph(nodes, edges)), items=items))
    first = path_of(run)
    assert call(first).status_code == 202
    run = execute(run)
    second = path_of(run)
    assert run.status == RunStatus.WAITING
    assert call(first).status_code == 410
    assert call(second).status_code == 202
    assert execute(run).status == RunStatus.COMPLETED


def test_an_address_is_known_only_where_a_step_that_waits_follows() -> None:
    tell = {**TELL, "json": "={{ { url: $execution.resumeUrl ?? 'none' } }}"}
    nodes = [
        node("start", "manual"),
        node("beside", "set_fields", params=tell),
        node("before", "set_fields", params=tell),
        node("left_out", "wait_for_webhook", disabled=True),
        node("wait", "wait_for_webhook"),
    ]
    edges = ["start -> beside", "start -> before", "before -> left_out", "left_out -> wait"]
    run = execute(created(make_version(graph=graph(nodes, edges))))
    assert url_of(run, "beside") == "none"
    assert call(path_of(run, "before")).status_code == 202
    assert execute(run).status == RunStatus.COMPLETED


def test_each_of_several_steps_has_an_address_of_its_own() -> None:
    nodes = [
        node("start", "manual"),
        node("tell", "set_fields", params=TELL),
        node("wait", "wait_for_webhook"),
        node("then", "set_fields", params=TELL),
        node("more", "wait_for_webhook"),
        node(
            "end",
            "set_fields",
            params={**TELL, "json": "={{ { url: $execution.resumeUrl ?? 0 } }}"},
        ),
    ]
    edges = ["start -> tell", "tell -> wait", "wait -> then", "then -> more", "more -> end"]
    run = execute(created(make_version(graph=graph(nodes, edges))))
    call(path_of(run))
    run = execute(run)
    assert call(path_of(run)).status_code == 410
    assert call(path_of(run, "then")).status_code == 202
    run = execute(run)
    assert output_of(run, "end")["main"][0]["json"] == {"url": 0}
