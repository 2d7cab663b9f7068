"""What the sender of a hook is answered by its run."""

import asyncio
import gc
import json
from itertools import pairwise
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels.testing import HttpCommunicator
from django.db import OperationalError, connections

from apps.runs.cancel import cancel_run
from apps.runs.create import NewRun
from apps.runs.models import Run
from apps.triggers.hooks import answer as answer_module
from apps.triggers.hooks.senders import MOST_SENDERS, senders
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from flowforge import asgi
from tests.factories import make_version
from tests.graphs import Document, graph, node
from tests.runs.work import execute
from tests.services import wait_for
from tests.triggers.test_hooks import Answer, code_of, send

pytestmark = pytest.mark.django_db(transaction=True)

SET = {
    "mode": "json",
    "include": "none",
    "json": "={{ { id: $json.body.id, twice: 2 * $json.body.id } }}",
}


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_module, "LOOK_S", 0.05)


def listens(*nodes: Document, **params: Any) -> None:
    """An active workflow: a hook, and these nodes in a row behind it."""
    row = [node("in", "webhook", params={"path": "ask", **params}), *nodes]
    edges = [f"{one['id']} -> {other['id']}" for one, other in pairwise(row)]
    workflow = publish_version(make_version(graph=graph(row, edges)), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)


def executed(run: Run) -> None:
    execute(run)
    connections.close_all()


def ask(body: dict[str, Any], then: Any = executed) -> Answer:
    """Send a request, and have something done with its run while it is not answered."""

    async def sent() -> Answer:
        content = json.dumps(body).encode()
        asked = HttpCommunicator(
            asgi.application,
            "POST",
            "/hooks/ask",
            content,
            [(b"content-type", b"application/json")],
        )
        answering = asyncio.create_task(asked.get_response(timeout=10))
        while (run := await sync_to_async(Run.objects.first)()) is None:
            await asyncio.sleep(0.01)
        await sync_to_async(then, thread_sensitive=False)(run)
        answer = await answering
        told = {name.decode().lower(): value.decode() for name, value in answer["headers"]}
        return Answer(answer["status"], told, answer["body"])

    return async_to_sync(sent)()


def code(answer: Answer) -> str:
    [error] = json.loads(answer.body)["errors"]
    return str(error["code"])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("all_items", [{"id": 7, "twice": 14}]), ("first_item", {"id": 7, "twice": 14})],
)
def test_the_sender_gets_what_the_last_node_gave(answer: str, expected: Any) -> None:
    listens(node("set", "set_fields", params=SET), respond="last_node", answer=answer)
    given = ask({"id": 7})
    assert (given.status, json.loads(given.body)) == (200, expected)
    assert given.headers["content-security-policy"] == "sandbox"


def test_the_sender_gets_the_file_of_the_first_item() -> None:
    to_csv = node("csv", "convert_to_file", params={"format": "csv"})
    listens(node("set", "set_fields", params=SET), to_csv, respond="last_node", answer="file")
    given = ask({"id": 7})
    assert (given.status, given.body) == (200, b"id,twice\r\n7,14\r\n")
    assert given.headers["content-type"].startswith("text/csv")
    assert given.headers["content-disposition"].startswith('inline; filename="')


def test_the_sender_is_told_the_name_of_a_file_in_any_script() -> None:
    to_csv = node("csv", "convert_to_file", params={"format": "csv", "name": "grüße.csv"})
    responds = node("say", "respond_to_webhook", params={"answer": "file"})
    listens(node("set", "set_fields", params=SET), to_csv, responds, respond="respond_node")
    given = ask({"id": 7})
    assert given.headers["content-disposition"] == (
        "inline; filename=\"gr__e.csv\"; filename*=UTF-8''gr%C3%BC%C3%9Fe.csv"
    )


def test_a_sender_that_waits_keeps_nothing_of_what_it_sent_in_memory() -> None:
    listens(node("set", "set_fields", params=SET), respond="last_node")

    def let_go(run: Run) -> None:
        wait_for(lambda: not is_kept(run))
        executed(run)

    def is_kept(run: Run) -> bool:
        gc.collect()
        # Not by `isinstance`, which asks proxies for the class of what they stand for.
        kept = [each for each in gc.get_objects() if type(each) is NewRun]
        return any(each.id == run.pk for each in kept)

    assert ask({"id": 7}, let_go).status == 200


@pytest.mark.parametrize("odd", ["text/csv\\r\\nSet-Cookie: a=b", "\\u2028", "grüß", "\\ud83d"])
def test_a_file_whose_type_is_none_is_sent_as_what_was_stored(odd: str) -> None:
    to_csv = node("csv", "convert_to_file", params={"format": "csv"})
    code = (
        f"return items.map(({{json, binary}}) => ({{json, binary: "
        f"{{data: {{...binary.data, mimeType: '{odd}'}}}}}}))"
    )
    says_odd = node("odd", "transform", params={"code": code})
    listens(
        node("set", "set_fields", params=SET), to_csv, says_odd, respond="last_node", answer="file"
    )
    given = ask({"id": 7})
    assert (given.status, given.body) == (200, b"id,twice\r\n7,14\r\n")
    assert given.headers["content-type"] == "text/csv"


def test_no_file_is_said() -> None:
    listens(node("set", "set_fields", params=SET), respond="last_node", answer="file")
    given = ask({"id": 7})
    assert (given.status, code(given)) == (500, "no_file")


def test_a_node_says_status_headers_and_body() -> None:
    says = {"answer": "text", "status": 201, "body": "=No {{ $json.body.id }}"}
    headers = {"X-Order": "={{ $json.body.id }}"}
    responds = node("say", "respond_to_webhook", params={**says, "headers": headers})
    listens(responds, node("end"), respond="respond_node")
    given = ask({"id": 7})
    assert (given.status, given.body, given.headers["x-order"]) == (201, b"No 7", "7")


@pytest.mark.parametrize(("status", "length"), [(204, None), (205, "0"), (304, None)])
def test_a_status_that_has_no_body_is_sent_without_one(status: int, length: str | None) -> None:
    says = {"answer": "text", "status": status, "body": "not to be sent"}
    listens(node("say", "respond_to_webhook", params=says), respond="respond_node")
    given = ask({})
    assert (given.status, given.body) == (status, b"")
    assert given.headers.get("content-length") == length


def test_what_an_answer_varies_by_is_told_beside_its_origin() -> None:
    says = {"answer": "text", "body": "hallo", "headers": {"Vary": "Accept-Language"}}
    responds = node("say", "respond_to_webhook", params=says)
    listens(responds, respond="respond_node", cors_origins=["https://shop.example"])
    given = ask({})
    assert given.headers["vary"] == "Accept-Language, Origin"


def test_a_run_that_answers_nothing_is_told() -> None:
    listens(node("end"), respond="respond_node")
    given = ask({})
    assert (given.status, code(given)) == (500, "no_answer")
    assert json.loads(given.body)["run"] == str(Run.objects.get().pk)


def test_of_a_run_that_fails_no_more_is_told_than_which_it_is() -> None:
    fails = node("stop", "stop_and_error", params={"message": "the password is s3cret"})
    listens(fails, respond="last_node")
    given = ask({})
    assert (given.status, code(given)) == (500, "run_failed")
    assert b"s3cret" not in given.body
    assert json.loads(given.body)["run"] == str(Run.objects.get().pk)


def test_of_a_run_that_is_cancelled_that_is_told() -> None:
    def cancelled(run: Run) -> None:
        cancel_run(run, by=None)
        executed(run)

    listens(node("end"), respond="last_node")
    given = ask({}, cancelled)
    assert (given.status, code(given)) == (500, "run_cancelled")


def test_a_run_that_takes_too_long_goes_on_without_its_sender() -> None:
    listens(node("end"), respond="last_node", answer_timeout_s=1)
    given = ask({}, lambda run: connections.close_all())
    assert (given.status, code(given)) == (504, "answer_timeout")
    assert Run.objects.get().status == "pending"


def test_a_client_that_goes_away_stops_nothing() -> None:
    listens(node("end"), respond="last_node")

    async def left() -> None:
        asked = HttpCommunicator(asgi.application, "POST", "/hooks/ask", b"{}")
        await asked.send_input({"type": "http.request", "body": b"{}"})
        while not await sync_to_async(Run.objects.exists)():
            await asyncio.sleep(0.01)
        await asked.send_input({"type": "http.disconnect"})
        await asked.wait(timeout=10)

    async_to_sync(left)()
    assert execute(Run.objects.get()).status == "completed"
    assert senders.waiting == 0


def test_nothing_is_left_of_a_sender_that_was_answered() -> None:
    listens(node("end"), respond="last_node")

    async def left(body: bytes) -> tuple[int, list[str]]:
        layer = get_channel_layer()
        assert isinstance(layer, InMemoryChannelLayer)
        await layer.flush()
        asked = HttpCommunicator(asgi.application, "POST", "/hooks/ask", body)
        answering = asyncio.create_task(asked.get_response(timeout=10))
        while (run := await sync_to_async(Run.objects.first)()) is None:
            await asyncio.sleep(0.01)
        await sync_to_async(executed, thread_sensitive=False)(run)
        answer = await answering
        # A nudge that is on its way may bring the channel back, which the layer soon forgets.
        return answer["status"], list(layer.groups)

    assert async_to_sync(left)(b"{}") == (200, [])
    assert senders.waiting == 0


def test_only_so_many_senders_may_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    listens(node("end"), respond="last_node")
    monkeypatch.setattr(senders, "waiting", MOST_SENDERS)
    refused = send("ask")
    assert (refused.status, code_of(refused)) == (503, "too_many_wait")
    assert refused.headers["retry-after"] == "5"
    assert not Run.objects.exists()


def test_who_is_answered_at_once_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    listens(node("end"))
    monkeypatch.setattr(senders, "waiting", MOST_SENDERS)
    assert send("ask").status == 202


def test_a_sender_is_answered_also_where_no_nudge_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def is_away(*_: Any) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(InMemoryChannelLayer, "group_add", is_away)
    listens(node("set", "set_fields", params=SET), respond="last_node", answer="first_item")
    given = ask({"id": 7})
    assert (given.status, json.loads(given.body)) == (200, {"id": 7, "twice": 14})


def test_who_waits_long_looks_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def nothing_yet(*_: Any) -> None:
        looks.append(1)

    monkeypatch.setattr(answer_module, "_made", nothing_yet)
    listens(node("end"), respond="last_node", answer_timeout_s=1)
    given = ask({}, lambda run: connections.close_all())
    assert (given.status, code(given)) == (504, "answer_timeout")
    # At once, and after 0.05, 0.15, 0.35 and 0.75 s.
    assert 2 <= len(looks) <= 5


def test_an_outage_of_the_database_is_borne_while_a_sender_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, made = [], answer_module._made

    def looked(*asked: Any) -> Any:
        looks.append(asked)
        if len(looks) == 1:
            raise OperationalError("away for a moment")
        return made(*asked)

    monkeypatch.setattr(answer_module, "_made", looked)
    listens(node("set", "set_fields", params=SET), respond="last_node", answer="first_item")
    assert ask({"id": 7}).status == 200


def test_a_fault_of_ours_is_told_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("s3cret")

    monkeypatch.setattr(answer_module, "_made", broken)
    listens(node("end"), respond="last_node")
    given = ask({})
    assert (given.status, code(given)) == (500, "internal_error")
    assert json.loads(given.body)["run"] == str(Run.objects.get().pk)
    assert b"s3cret" not in given.body
