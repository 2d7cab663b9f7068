"""Bodies that are files, forms with files, or packed: read in pieces, their files stored."""

import asyncio
import gzip
import hashlib
import hmac
import json
import zlib
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
from apps.runs.payloads import read_payload
from apps.triggers.hooks import spool, taking
from apps.triggers.hooks.room import disk, memory
from apps.triggers.hooks.uploads import Content, read_upload
from apps.triggers.models import WebhookRequest
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, deactivate_workflow
from apps.workflows.models import Workflow
from flowforge import asgi
from tests.clients import ApiClient
from tests.factories import make_credential, make_user, make_version, make_workflow
from tests.graphs import graph, node
from tests.triggers.test_hooks import JSON, Answer, code_of, send

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "multipart/form-data; boundary=cut"
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert (memory.taken, disk.taken) == (0, 0)


def listening(secret: tuple[str, dict[str, str]] | None = None, **params: Any) -> Workflow:
    """An active workflow that listens at POST /hooks/orders, to whom knows a secret."""
    workflow = make_workflow()
    if secret is not None:
        params["credential"] = str(make_credential(workflow.workspace, *secret).pk)
    hook = node("in", "webhook", params={"path": "orders", **params})
    document = graph([hook, node("end")], ["in -> end"])
    workflow.draft_graph = document
    workflow.save()
    publish_version(make_version(workflow, document), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    return workflow


@pytest.fixture
def hook() -> Workflow:
    return listening()


def part(head: str, content: bytes | str = b"", boundary: str = "cut") -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content


def form(*parts: bytes, boundary: str = "cut") -> bytes:
    return b"\r\n".join([*parts, f"--{boundary}--\r\n".encode()])


def item() -> dict[str, Any]:
    """What the one run was given."""
    [given] = Run.objects.get().input_json
    return dict(given)


def content_of(reference: dict[str, Any]) -> bytes:
    """What is in a file that the one run may open."""
    payload = UUID(reference["id"])
    assert RunFile.objects.filter(run=Run.objects.get(), payload=payload).exists()
    return read_payload(payload)


# --- What becomes of bodies -----------------------------------------------------------------------


def test_a_form_gives_its_fields_and_files(hook: Workflow) -> None:
    body = form(
        part('name="name"', "Zoë"),
        part('name="tag"', "a"),
        part('name="tag"', "b"),
        part('name="photo"; filename="me.png"\r\nContent-Type: image/png', PNG),
        part('name="more"; filename="a.txt"', "one"),
        part('name="more"; filename="b.txt"', "two"),
    )
    assert send("orders", body, FORM).status == 202
    given = item()
    assert given["json"]["body"] == {"name": "Zoë", "tag": ["a", "b"]}
    files = given["binary"]
    assert {name: content_of(file) for name, file in files.items()} == {
        "photo": PNG,
        "more": b"one",
        "more_1": b"two",
    }
    assert files["photo"] == {
        "id": files["photo"]["id"],
        "mimeType": "image/png",
        "fileName": "me.png",
        "fileExtension": "png",
        "fileSize": len(PNG),
    }
    assert files["more"]["mimeType"] == "text/plain"


@pytest.mark.parametrize(
    ("content_type", "told"),
    [
        ("image/png", "image/png"),
        ("application/pdf", "application/pdf"),
        ("application/octet-stream; x=1", "application/octet-stream"),
        ("application/vnd.custom", "application/vnd.custom"),
        # of its parts none has a name
        ("multipart/related; boundary=x", "multipart/related"),
        ("nonsense", "application/octet-stream"),
    ],
)
def test_what_is_no_text_is_a_file(hook: Workflow, content_type: str, told: str) -> None:
    assert send("orders", PNG, content_type).status == 202
    given = item()
    assert given["json"]["body"] == {}
    assert given["binary"]["data"]["mimeType"] == told
    assert content_of(given["binary"]["data"]) == PNG


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("grün".encode("latin-1"), "text/plain; charset=ISO-8859-1", "grün"),
        ("grün".encode("latin-1"), 'text/plain; charset="latin1"', "grün"),
        ("grün".encode("utf-16"), "text/csv", "grün"),
        (b"\xef\xbb\xbfa", "text/csv", "a"),
        (b"a", "text/plain; charset=nonsense", "a"),
        (b"a", "text/plain; charset=rot13", "a"),
        (b"<a/>", "application/soap+xml; charset=utf-8", "<a/>"),
        (
            '<?xml version="1.0" encoding="iso-8859-1"?><a>ü</a>'.encode("latin-1"),
            "text/xml",
            '<?xml version="1.0" encoding="iso-8859-1"?><a>ü</a>',
        ),
        (b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson", '{"a": 1}\n{"a": 2}\n'),
    ],
)
def test_text_is_a_string_in_its_encoding(
    hook: Workflow, body: bytes, content_type: str, text: str
) -> None:
    assert send("orders", body, content_type).status == 202
    assert item()["json"]["body"] == text


def test_a_form_is_read_in_its_encoding(hook: Workflow) -> None:
    send("orders", b"a=gr%FCn", "application/x-www-form-urlencoded; charset=iso-8859-1")
    assert item()["json"]["body"] == {"a": "grün"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_text_that_is_in_no_encoding_is_not_lost(hook: Workflow, content_type: str) -> None:
    assert send("orders", b"\xff\x00\xfd", content_type).status == 202
    given = item()
    assert given["json"]["body"] == {}
    assert given["binary"]["data"]["mimeType"] == content_type
    assert content_of(given["binary"]["data"]) == b"\xff\x00\xfd"


@pytest.mark.parametrize("content_type", [FORM, "image/png", "text/plain", JSON])
def test_nothing_is_an_empty_object(hook: Workflow, content_type: str) -> None:
    assert send("orders", b"", content_type).status == 202
    assert (item()["json"]["body"], "binary" in item()) == ({}, False)


# --- Packed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack", "coding"),
    [(gzip.compress, "gzip"), (gzip.compress, "X-GZIP"), (zlib.compress, "deflate")],
)
def test_a_packed_body_is_unpacked(hook: Workflow, pack: Any, coding: str) -> None:
    packed = pack(b'{"n": 123456789012345678901}')
    assert send("orders", packed, JSON, content_encoding=coding).status == 202
    assert item()["json"]["body"] == {"n": 123456789012345678901}
    assert bytes(WebhookRequest.objects.get().body) == packed


def test_a_packed_form_gives_its_files(hook: Workflow) -> None:
    body = gzip.compress(form(part('name="a"; filename="a.png"', PNG)))
    assert send("orders", body, FORM, content_encoding="gzip").status == 202
    assert content_of(item()["binary"]["a"]) == PNG


@pytest.mark.parametrize(
    ("body", "coding", "status", "code"),
    [
        (b"no gzip", "gzip", 400, "cannot_unpack"),
        (gzip.compress(b"x" * 1_000)[:-9], "gzip", 400, "cannot_unpack"),
        (b"x", "br", 415, "unsupported_encoding"),
        (gzip.compress(gzip.compress(b"{}")), "gzip, gzip", 415, "unsupported_encoding"),
        (gzip.compress(b"{"), "gzip", 400, "not_json"),
    ],
    ids=["no gzip", "cut off", "unknown", "twice", "no JSON in it"],
)
def test_what_cannot_be_unpacked_makes_no_run(
    hook: Workflow, body: bytes, coding: str, status: int, code: str
) -> None:
    answer = send("orders", body, JSON, content_encoding=coding)
    assert (answer.status, code_of(answer)) == (status, code)
    assert not Run.objects.exists()


@pytest.mark.parametrize("content_type", [JSON, "text/plain", "image/png", FORM])
def test_a_small_body_that_stands_for_a_huge_one_is_refused(
    hook: Workflow, settings: Settings, content_type: str
) -> None:
    settings.MAX_BODY_BYTES = settings.MAX_UPLOAD_BYTES = 1_000_000
    bomb = gzip.compress(bytes(2_000_000))
    answer = send("orders", bomb, content_type, content_encoding="gzip")
    assert (answer.status, code_of(answer)) == (413, "too_large")
    assert not Payload.objects.exists()


# --- Hostile forms --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("multipart/form-data", form(part('name="a"', "1")), 400, "invalid_multipart"),
        ("multipart/form-data; boundary=", form(part('name="a"')), 400, "invalid_multipart"),
        ("multipart/form-data; boundary=ü", form(part('name="a"')), 400, "invalid_multipart"),
        (f"multipart/form-data; boundary={'x' * 500}", b"x", 400, "invalid_multipart"),
        # another boundary than it says
        (FORM, form(part('name="a"', "1", "other"), boundary="other"), 400, "invalid_multipart"),
        # cut off
        (FORM, part('name="a"; filename="a.txt"', "one"), 400, "invalid_multipart"),
        (FORM, part('name="a"', "1") + b"\r\n--cut", 400, "invalid_multipart"),
        # more than a form has
        (FORM, form(*[part('name="a"', "1")] * 10_000), 413, "too_many_parts"),
        (FORM, form(*[part('name="a"; filename="a"', "1")] * 10_000), 413, "too_many_parts"),
        (FORM, form(part(f'name="a"; x="{"x" * 1_000_000}"', "1")), 400, "invalid_multipart"),
        (
            FORM,
            form(part('name="a"; filename="a"\r\nContent-Transfer-Encoding: base64', "=" * 7)),
            400,
            "invalid_multipart",
        ),
    ],
    ids=[
        "no boundary",
        "empty boundary",
        "boundary that is no ASCII",
        "long boundary",
        "another boundary",
        "cut off in a file",
        "cut off in its boundary",
        "many fields",
        "many files",
        "long header",
        "no base64",
    ],
)
def test_a_form_that_cannot_be_read_makes_no_run(
    hook: Workflow, content_type: str, body: bytes, status: int, code: str
) -> None:
    answer = send("orders", body, content_type)
    assert (answer.status, code_of(answer)) == (status, code)
    assert not Run.objects.exists()


def test_fields_that_are_too_large_are_refused(hook: Workflow, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = send("orders", form(part('name="a"', "x" * 2_000)), FORM)
    assert (answer.status, code_of(answer)) == (413, "too_large")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\windows\\\\evil.exe"', "evil.exe"),
        ('filename="a\0b\u202e.txt"', "ab.txt"),
        ("filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt", "naïve €.txt"),
        (f'filename="a.{"x" * 250}"', f"a.{'x' * 250}"),
        ('filename="con."', "con"),
    ],
    ids=["path", "windows path", "control characters", "encoded", "long", "dot"],
)
def test_the_name_of_a_file_is_only_a_name(hook: Workflow, head: str, name: str) -> None:
    body = form(part(f'name="a"; {head}', "x"))
    assert send("orders", body, FORM).status == 202
    assert item()["binary"]["a"]["fileName"] == name


def test_names_of_fields_are_kept_as_they_are(hook: Workflow) -> None:
    body = form(part('name="a\0b"', "1"), part('name="__proto__"', "2"), part('name="c[0]"', "3"))
    assert send("orders", body, FORM).status == 202
    assert item()["json"]["body"] == {"a\0b": "1", "__proto__": "2", "c[0]": "3"}


@pytest.mark.parametrize("head", ["x=1", "name=\"a\"; filename*=nonsense''a%C3.txt"])
def test_a_part_without_a_readable_name_is_left_out(hook: Workflow, head: str) -> None:
    assert send("orders", form(part(head, "1"), part('name="b"', "2")), FORM).status == 202
    assert item()["json"]["body"] == {"b": "2"}


def test_a_form_in_a_form_is_a_file(hook: Workflow) -> None:
    inner = form(part('name="b"', "1", "in"), boundary="in")
    body = form(part('name="a"; filename="a"\r\nContent-Type: multipart/mixed; boundary=in', inner))
    assert send("orders", body, FORM).status == 202
    assert content_of(item()["binary"]["a"]) == inner


# --- On its way in --------------------------------------------------------------------------------


def begun(
    first: bytes = b"--cut", content_type: str = FORM, peer: str = "203.0.113.9", **headers: str
) -> Answer | None:
    """The answer to a request whose body has only begun; None where there is none yet."""
    given = {"content_type": content_type} | headers
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]

    async def ask() -> Answer | None:
        asked = HttpCommunicator(asgi.application, "POST", "/hooks/orders", b"", fields)
        asked.scope["client"] = [peer, 50_000]
        asked.body = b""
        await asked.send_input({"type": "http.request", "body": first, "more_body": True})
        try:
            answer = await asked.receive_output(1)
        except asyncio.CancelledError:
            return None
        except TimeoutError:
            return None
        body = (await asked.receive_output(1))["body"]
        return Answer(answer["status"], dict(answer["headers"]), json.loads(body))

    return async_to_sync(ask)()


def refused_early(**options: str) -> tuple[int, str]:
    answer = begun(**options)
    assert answer is not None
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
    monkeypatch.setattr(taking, "LONGEST_S", 0.01)
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


# --- Afterwards -----------------------------------------------------------------------------------


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


def test_what_a_form_says_tells_whether_it_came_before() -> None:
    listening(dedup_key="={{ $json.body.id }}")
    body = form(part('name="id"', "7"), part('name="a"; filename="a.png"', PNG))
    first, again = (send("orders", body, FORM) for _ in range(2))
    assert again.body == {"run": first.body["run"], "duplicate": True}
    assert Run.objects.count() == 1
