"""Bodies that may be large: in pieces to the disk and the payloads, or refused on their way."""

import asyncio
import gzip
import hashlib
import hmac
import json
from collections.abc import Iterator
from errno import ENOSPC
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from channels.testing import HttpCommunicator
from django.core.files.storage import FileSystemStorage
from pytest_django import Settings

from apps.runs.models import Payload, Run, RunFile
from apps.triggers.bodies import arrival, spool
from apps.triggers.bodies.room import disk, memory
from apps.triggers.bodies.uploads import Content, read_upload
from apps.triggers.hooks import taking
from apps.triggers.models import WebhookRequest
from apps.workflows.activate import deactivate_workflow
from apps.workflows.models import Workflow
from flowforge import asgi
from tests.clients import ApiClient
from tests.factories import make_user
from tests.triggers.test_hooks import Answer, code_of, send
from tests.triggers.uploads import FORM, PNG, content_of, form, item, listening, part

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert (memory.taken, disk.taken) == (0, 0)


@pytest.fixture
def hook() -> Workflow:
    return listening()


def begun(
    first: bytes = b"--cut", content_type: str = FORM, peer: str = "203.0.113.9", **headers: str
) -> Answer:
    """The answer to a request whose body has only begun."""
    given = {"content_type": content_type} | headers
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]

    async def ask() -> Answer:
        asked = HttpCommunicator(asgi.application, "POST", "/hooks/orders", b"", fields)
        asked.scope["client"] = [peer, 50_000]
        asked.body = b""
        await asked.send_input({"type": "http.request", "body": first, "more_body": True})
        answer = await asked.receive_output(10)
        body = (await asked.receive_output(10))["body"]
        return Answer(answer["status"], dict(answer["headers"]), json.loads(body))

    return async_to_sync(ask)()


def refused_early(**options: str) -> tuple[int, str]:
    answer = begun(**options)
    return answer.status, answer.body["errors"][0]["code"]


def test_nothing_is_read_for_an_address_that_nobody_has(db: None) -> None:
    assert refused_early() == (404, "unknown_hook")


def test_nothing_is_read_of_who_may_not_send() -> None:
    listening(ip_allow=["192.0.2.0/24"])
    assert refused_early() == (403, "address_not_allowed")


def test_nothing_is_read_of_who_lacks_the_header() -> None:
    listening(("http_header", {"name": "X-Key", "value": "s3cret"}), authentication="header")
    assert refused_early(x_key="wrong") == (401, "not_authenticated")


def test_nothing_is_read_over_the_rate() -> None:
    listening(rate_per_minute=1)
    assert send("orders", PNG, "image/png").status == 202
    assert refused_early() == (429, "rate_limited")


def test_nothing_is_read_that_says_it_is_too_large(hook: Workflow) -> None:
    assert refused_early(content_length="300000000") == (413, "too_large")


def test_no_more_is_read_than_a_body_may_have(hook: Workflow, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    assert refused_early(first=b"x" * 1_001) == (413, "too_large")


def test_all_together_take_no_more_of_the_disk_than_there_is_room_for(
    hook: Workflow, settings: Settings
) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    disk.take(7_900)
    try:
        assert refused_early(first=b"x" * 200) == (429, "too_busy")
    finally:
        disk.give_back(7_900)
    assert send("orders", b"x" * 200, "image/png").status == 202


def test_a_page_that_may_send_reads_why_its_file_is_refused(
    settings: Settings,
) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    listening(cors_origins=["https://shop.example"])
    answer = send("orders", b"x" * 1_001, "image/png", origin="https://shop.example")
    assert answer.status == 413
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


def test_a_body_that_comes_too_slowly_is_given_up(
    hook: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "LONGEST_S", 0.01)
    assert refused_early() == (408, "too_slow")


@pytest.mark.parametrize("place", ["spool", "storage"])
def test_a_disk_that_is_full_refuses_and_leaves_nothing(
    hook: Workflow, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def full(*given: Any) -> None:
        raise OSError(ENOSPC, "No space left on device")

    if place == "spool":
        monkeypatch.setattr(SpooledTemporaryFile, "write", full)
    else:
        monkeypatch.setattr(FileSystemStorage, "_save", full)
    answer = send("orders", b"x" * 200_000, "image/png")
    assert (answer.status, code_of(answer)) == (503, "unavailable")
    assert not Run.objects.exists()


def test_a_hook_that_was_changed_while_the_body_was_read_asks_for_it_again(
    hook: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change_and_read(*given: Any) -> Content:
        hook.webhook_endpoints.update(is_live=False)
        listening()
        return read_upload(*given)

    monkeypatch.setattr(taking, "read_upload", change_and_read)
    answer = send("orders", PNG, "image/png")
    assert (answer.status, code_of(answer)) == (503, "hook_changed")
    assert not Run.objects.exists()


def test_a_text_that_is_none_takes_its_room_until_it_is_stored(
    hook: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def look_and_read(*given: Any) -> Content:
        held.append(memory.taken)
        return read_upload(*given)

    monkeypatch.setattr(taking, "read_upload", look_and_read)
    assert send("orders", b"\xff" * 1_000, "text/plain").status == 202
    assert held == [1_000]


def test_a_client_that_goes_away_leaves_nothing(hook: Workflow) -> None:
    async def go_away() -> None:
        asked = HttpCommunicator(
            asgi.application, "POST", "/hooks/orders", b"", [(b"content-type", b"image/png")]
        )
        piece = {"type": "http.request", "body": b"x" * 100_000, "more_body": True}
        for message in (piece, piece, {"type": "http.disconnect"}):
            await asked.send_input(message)
        await asked.wait(5)

    async_to_sync(go_away)()
    assert disk.taken == 0
    assert not Run.objects.exists()
    assert not Payload.objects.exists()


def signed(body: bytes, secret: str = "s3cret") -> str:
    return "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def test_a_signature_is_over_the_whole_body_as_it_was_sent() -> None:
    listening(
        ("webhook_secret", {"secret": "s3cret", "previous_secret": ""}), authentication="github"
    )
    body = gzip.compress(PNG * 50_000)
    packed = {"content_encoding": "gzip"}
    for wrong in (signed(body, "wrong"), signed(body + b" "), signed(PNG * 50_000)):
        answer = send("orders", body, "image/png", x_hub_signature_256=wrong, **packed)
        assert (answer.status, code_of(answer)) == (401, "not_authenticated")
    assert not Payload.objects.exists()
    fits = signed(body)
    assert send("orders", body, "image/png", x_hub_signature_256=fits, **packed).status == 202
    assert content_of(item()["binary"]["data"]) == PNG * 50_000
    assert item()["json"]["headers"]["x-hub-signature-256"] == "(hidden)"


def test_a_large_body_lies_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with spool.Spool.of(b"x" * spool.IN_MEMORY_BYTES) as small:
        assert not small.file._rolled
        small.write(b"x")
        assert small.file._rolled
        assert b"".join(small) == b"x" * (spool.IN_MEMORY_BYTES + 1)


def test_many_at_once_are_all_stored(hook: Workflow) -> None:
    async def ask(number: int) -> int:
        body = form(part('name="a"; filename="a"', str(number)))
        fields = [(b"content-type", FORM.encode())]
        asked = HttpCommunicator(asgi.application, "POST", "/hooks/orders", body, fields)
        return int((await asked.get_response(timeout=30))["status"])

    async def ask_all() -> list[int]:
        return await asyncio.gather(*map(ask, range(20)))

    assert async_to_sync(ask_all)() == [202] * 20
    assert RunFile.objects.values("run").distinct().count() == 20


def test_the_inbox_keeps_a_small_body_and_the_size_of_a_large_one(
    hook: Workflow, settings: Settings
) -> None:
    settings.INBOX_BODY_BYTES = 1_000
    for size in (1_000, 1_001):
        send("orders", b"x" * size, "image/png")
    kept = WebhookRequest.objects.order_by("id")
    assert [(each.size, len(each.body)) for each in kept] == [(1_000, 1_000), (1_001, 0)]
    assert not kept[1].is_body_kept


@pytest.mark.parametrize("is_first_run_gone", [False, True])
def test_a_replay_gives_the_same_files(hook: Workflow, is_first_run_gone: bool) -> None:
    send("orders", form(part('name="a"; filename="a.png"', PNG), part('name="b"', "1")), FORM)
    first = item()
    if is_first_run_gone:
        Run.objects.all().delete()
    client = ApiClient(make_user(hook.workspace, "operator"))
    kept = WebhookRequest.objects.get()
    answer = client.post(f"hook-requests/{kept.pk}/replay", {"version": "published"})
    run = Run.objects.get(pk=answer.json()["id"])
    assert run.input_json == [first]
    payload = UUID(first["binary"]["a"]["id"])
    assert RunFile.objects.filter(run=run, payload=payload).exists()


def test_a_draft_that_listens_hears_of_files(hook: Workflow) -> None:
    deactivate_workflow(hook, by=None)
    client = ApiClient(make_user(hook.workspace, "editor"))
    asked = {"node": "in", "run": True}
    listener = client.post(f"workflows/{hook.pk}/listen", asked).json()
    path = listener["url"].rpartition("/hooks/")[2]
    assert send(path, form(part('name="a"; filename="a.png"', PNG)), FORM).status == 202
    assert content_of(item()["binary"]["a"]) == PNG


def test_who_listens_hears_of_a_file_that_is_too_large(hook: Workflow, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000
    deactivate_workflow(hook, by=None)
    client = ApiClient(make_user(hook.workspace, "editor"))
    listener = client.post(f"workflows/{hook.pk}/listen", {"node": "in"}).json()
    path = listener["url"].rpartition("/hooks/")[2]
    assert send(path, b"x" * 1_001, "image/png").status == 413
    refusal = client.get(f"listeners/{listener['id']}").json()["refusal"]
    assert (refusal["status"], refusal["code"]) == (413, "too_large")


def test_what_a_form_says_tells_whether_it_came_before() -> None:
    listening(dedup_key="={{ $json.body.id }}")
    body = form(part('name="id"', "7"), part('name="a"; filename="a.png"', PNG))
    first, again = (send("orders", body, FORM) for _ in range(2))
    assert again.body == {"run": first.body["run"], "duplicate": True}
    assert Run.objects.count() == 1
