"""`ANY /hooks/{endpoint}`: a run, once it is durable, or a sentence why not."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.testing import HttpCommunicator

from apps.runs.models import Run
from apps.runs.payloads import read_payload
from apps.runs.states import RunStatus, Trigger
from apps.triggers.bodies.room import disk, memory
from apps.triggers.models import WebhookRequest
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from flowforge import asgi
from tests.factories import make_version
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


def send(
    path: str,
    body: bytes = b"{}",
    content_type: str = JSON,
    *,
    method: str = "POST",
    query: str = "",
    peer: str = "203.0.113.9",
    raw_path: str = "",
    **headers: str,
) -> Answer:
    """Send a request as an ASGI server hands it over: with the path decoded, and as it came where
    that is told."""
    given = {"content_type": content_type} | headers
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]

    async def ask() -> Answer:
        asked = HttpCommunicator(asgi.application, method, "/", body, fields)
        asked.scope["path"] = f"/hooks/{path}"
        if raw_path:
            asked.scope["raw_path"] = f"/hooks/{raw_path}".encode()
        asked.scope["query_string"] = query.encode()
        asked.scope["client"] = [peer, 50_000]
        answer = await asked.get_response(timeout=10)
        told = {name.decode().lower(): value.decode() for name, value in answer["headers"]}
        return Answer(answer["status"], told, json.loads(answer["body"] or "null"))

    return async_to_sync(ask)()


@pytest.fixture(autouse=True)
def version() -> WorkflowVersion:
    """An active workflow that listens at POST /hooks/orders."""
    hook = node("in", "webhook", params={"path": "orders"})
    version = make_version(graph=graph([hook, node("end")], ["in -> end"]))
    activate_workflow(publish_version(version, by=None), by=None)
    return version


def given() -> dict[str, Any]:
    """What the one run's trigger gives."""
    [item] = Run.objects.get().input_json
    return dict(item["json"])


def code_of(answer: Answer) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.body["errors"][0]["code"])


def test_a_hook_answers_with_the_run_that_it_made(version: WorkflowVersion) -> None:
    answer = send("orders", b'{"n": 1}')
    run = Run.objects.get()
    assert (answer.status, answer.body) == (202, {"run": str(run.pk)})
    assert (run.status, run.trigger, run.trigger_node) == (
        RunStatus.PENDING,
        Trigger.WEBHOOK,
        "in",
    )
    assert (run.version, run.workspace) == (version, version.workspace)


def test_the_run_gets_all_of_the_request() -> None:
    send("orders", b'{"n": 1}', query="a=1&a=2&b=%C3%A4", x_github_event="push")
    told = given()
    assert told["body"] == {"n": 1}
    assert told["query"] == {"a": ["1", "2"], "b": "ä"}
    assert told["headers"]["x-github-event"] == "push"
    assert (told["method"], told["path"]) == ("POST", "orders")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("sessionid=SECRET", None),
        ("csrftoken=SECRET; messages=SECRET", None),
        # the sender's own stay as they are
        ("theirs=1;sessionid=SECRET ; b=2; sessionid=SECRET", "theirs=1; b=2"),
        ("xsessionid=1; bare", "xsessionid=1; bare"),
    ],
)
def test_the_visitors_own_session_is_not_kept(sent: str, kept: str | None) -> None:
    assert send("orders", cookie=sent).status == 202
    assert given()["headers"].get("cookie") == kept


@pytest.mark.parametrize(
    ("body", "content_type", "becomes"),
    [
        (b'{"a": [1, 2.5, null]}', JSON, {"a": [1, 2.5, None]}),
        (b"[1]", "application/vnd.github+json; charset=utf-8", [1]),
        (b"7", "", 7),  # no type: taken for JSON
        (b"", JSON, {}),
        (b"a=1&a=2&b=", "application/x-www-form-urlencoded", {"a": ["1", "2"], "b": ""}),
        ("grüß".encode(), "text/plain", "grüß"),
        (b'{"a": "\\u0000", "n": 123456789012345678901234567890}', JSON, None),
    ],
)
def test_a_body_is_read_by_its_type(body: bytes, content_type: str, becomes: Any) -> None:
    assert send("orders", body, content_type).status == 202
    assert given()["body"] == (json.loads(body) if becomes is None else becomes)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", JSON, 400, "not_json"),
        (b"[NaN]", JSON, 400, "not_json"),
        (b"\xff\xfe", JSON, 400, "not_utf8"),
        (b"[" * 300 + b"]" * 300, JSON, 400, "too_deep"),
        (b"--x", "multipart/form-data; boundary=x", 400, "invalid_multipart"),
    ],
)
def test_a_body_that_cannot_be_read_makes_no_run(
    body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = send("orders", body, content_type)
    assert (answer.status, code_of(answer)) == (status, code)
    assert not Run.objects.exists()


def test_a_body_that_is_too_large_is_not_taken(settings: Any) -> None:
    settings.MAX_BODY_BYTES = 1_000
    answer = send("orders", b'"' + b"x" * 1_000 + b'"')
    assert (answer.status, code_of(answer)) == (413, "too_large")
    assert not Run.objects.exists()


def test_bodies_take_no_more_memory_than_there_is_room_for(settings: Any) -> None:
    settings.MAX_BODY_BYTES = 1_000
    memory.take(7_900)
    try:
        answer = send("orders", b'"' + b"x" * 200 + b'"')
        assert (answer.status, code_of(answer)) == (429, "too_busy")
        assert answer.headers["retry-after"] == "1"
        assert send("orders", b"1").status == 202
    finally:
        memory.give_back(7_900)
    assert send("orders", b'"' + b"x" * 200 + b'"').status == 202


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("orders", b"{}", 202),
        ("orders", b"{", 400),
        ("nowhere", b"{}", 404),
        ("orders", b"x" * 2_000, 413),
    ],
)
def test_the_room_is_given_back_whatever_the_answer(
    settings: Any, path: str, body: bytes, status: int
) -> None:
    settings.MAX_BODY_BYTES = 1_000
    assert send(path, body).status == status
    assert memory.taken == disk.taken == 0


def test_another_method_is_told_which_ones_there_are() -> None:
    answer = send("orders", method="GET")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_to_look_at_the_head_of_an_address_for_get_starts_nothing() -> None:
    hook = node("in", "webhook", params={"path": "read", "method": "GET"})
    version = make_version(graph=graph([hook, node("end")], ["in -> end"]))
    activate_workflow(publish_version(version, by=None), by=None)
    answer = send("read", b"", method="HEAD")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nowhere",
        "orders/",
        "Orders",
        "größe",
        "order%73",
        "orders\0",
        "\0",
        "\udcff",
        "x" * 100_000,
    ],
)
def test_an_address_that_nobody_has_is_unknown(path: str) -> None:
    answer = send(path)
    assert (answer.status, code_of(answer)) == (404, "unknown_hook")


def test_an_address_may_have_several_parts() -> None:
    hook = node("in", "webhook", params={"path": "a-b/c_d.e~f"})
    version = make_version(graph=graph([hook, node("end")], ["in -> end"]))
    activate_workflow(publish_version(version, by=None), by=None)
    assert send("a-b/c_d.e~f").status == 202


def test_a_workflow_that_sleeps_hears_nothing(version: WorkflowVersion) -> None:
    version.workflow.webhook_endpoints.update(is_live=False)
    assert send("orders").status == 404


def test_a_new_version_is_started_from_the_moment_that_it_is_published(
    version: WorkflowVersion,
) -> None:
    document = version.graph_json
    newer = make_version(version.workflow, document | {"nodes": [*document["nodes"], node("more")]})
    send("orders")
    publish_version(newer, by=None)
    send("orders")
    assert list(Run.objects.order_by("id").values_list("version", flat=True)) == [
        version.pk,
        newer.pk,
    ]


@pytest.mark.parametrize("path", ["orders", "nowhere"])
def test_no_answer_lets_a_browser_do_anything_with_it(path: str) -> None:
    headers = send(path).headers
    assert headers["content-security-policy"] == "sandbox"
    assert headers["x-content-type-options"] == "nosniff"


def test_an_odd_value_for_the_key_of_a_limit_loses_no_event() -> None:
    hook = node("in", "webhook", params={"path": "limited"})
    limit = {"limit": 1, "key": "={{ $json.body.name[0] }}"}
    version = make_version(graph=graph([hook, node("end")], ["in -> end"], concurrency=limit))
    activate_workflow(publish_version(version, by=None), by=None)
    for body in (b'{"name": "\\ud83d"}', '{"name": "😀"}'.encode(), b'{"name": "\\u0000"}', b"[]"):
        assert send("limited", body).status == 202
    assert set(Run.objects.values_list("limit_key", flat=True)) == {"\ufffd", ""}


def test_a_request_is_kept_with_the_run_that_it_made() -> None:
    run = send("orders", b'{"id": 7}', query="a=1", authorization="Bearer s3cret", x_id="5").body
    kept = WebhookRequest.objects.get(run=run["run"])
    assert (kept.method, kept.path, kept.query, kept.body) == (
        "POST",
        "orders",
        "a=1",
        b'{"id": 7}',
    )
    assert (kept.headers["x-id"], kept.headers["authorization"]) == ("5", "(hidden)")


def test_a_large_body_is_kept_as_a_payload() -> None:
    body = json.dumps({"text": "x" * 300_000}).encode()
    run = send("orders", body).body
    kept = WebhookRequest.objects.get(run=run["run"])
    assert (kept.body, kept.size) == (b"", len(body))
    assert kept.body_payload_id is not None
    assert read_payload(kept.body_payload_id) == body


def test_what_makes_no_run_is_not_kept() -> None:
    assert send("orders", b"{").status == 400
    assert send("nobody").status == 404
    assert not WebhookRequest.objects.exists()
