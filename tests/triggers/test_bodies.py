"""What becomes of the body of a hook: read by its type, its files stored."""

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from apps.runs.models import Payload, Run
from apps.triggers.bodies.room import disk, memory
from apps.triggers.models import WebhookRequest
from apps.workflows.models import Workflow
from tests.triggers.test_hooks import JSON, code_of, send
from tests.triggers.uploads import FORM, PNG, content_of, form, item, listening, part

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert (memory.taken, disk.taken) == (0, 0)


@pytest.fixture
def hook() -> Workflow:
    return listening()


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
