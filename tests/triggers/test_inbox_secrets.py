"""The inbox keeps no secret: neither by name, nor what a sender is known by, however it is sent."""

import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest

from apps.engine.masking import MASK
from apps.triggers.models import WebhookRequest
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from tests.credentials.canaries import FORMS, tables, traces
from tests.factories import make_credential, make_version, make_workflow
from tests.graphs import graph, node
from tests.triggers.test_hooks import send
from tests.triggers.test_inbox import HOOK, PACKINGS, Pack, plain_body, received

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def listens() -> None:
    """An active workflow listens at POST /hooks/orders."""
    version = make_version(graph=graph([HOOK, node("end")], ["in -> end"]))
    activate_workflow(publish_version(version, by=None), by=None)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a=1&token=s3cret&b=2", "a=1&token=(hidden)&b=2"),
        ("API_KEY=s3cret", "API_KEY=(hidden)"),
        ("apiKey=s3cret&apiKey=other", "apiKey=(hidden)&apiKey=(hidden)"),
        ("sig%6eature=s3cret", "sig%6eature=(hidden)"),
        # what is none stays as it was written
        ("a=%C3%A4+b&&c&token", "a=%C3%A4+b&&c&token"),
    ],
)
def test_parameters_that_are_secret_by_name_are_hidden(sent: str, kept: str) -> None:
    send("orders", query=sent)
    assert WebhookRequest.objects.get().query == kept


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "X-Gitlab-Token", "X-Hub-Secret"])
def test_headers_that_are_secret_by_name_are_hidden(name: str) -> None:
    kept = received(**{name.lower(): "s3cret"})
    assert kept.headers[name.lower()] == "(hidden)"


SECRET = 'k7-Vq/9+t"x&zW==42'


@pytest.mark.parametrize("form", ["plain", "base64", "url-encoded", "json-escaped", "upper"])
@pytest.mark.parametrize("where", ["header", "query", "body", "text", "form"])
def test_the_secret_of_a_sender_is_found_nowhere(form: str, where: str) -> None:
    """Wherever it stands in the request beside the header that is for it."""
    workflow = make_workflow()
    credential = make_credential(
        workflow.workspace, "http_header", {"name": "X-Shop", "value": SECRET}
    )
    params = {"path": "shop", "authentication": "header", "credential": str(credential.pk)}
    document = graph([node("in", "webhook", params=params), node("end")], ["in -> end"])
    activate_workflow(publish_version(make_version(workflow, document), by=None), by=None)
    written = FORMS[form](SECRET)
    headers, query, body, content_type = {"x-shop": SECRET}, "", b"{}", "application/json"
    match where:
        case "header":
            headers["x-other"] = written
        case "query":
            query = f"a={quote(written)}"
        case "body":
            body = json.dumps({"deep": [{"a": f"it is {written}!"}]}).encode()
        case "text":
            body, content_type = f"it is {written}!".encode(), "text/plain"
        case "form":
            body = f"a={quote(written)}".encode()
            content_type = "application/x-www-form-urlencoded"
    answer = send("shop", body, content_type, query=query, **headers)
    assert answer.status == 202, answer
    kept = "\n".join(tables().values())
    assert not [trace for trace in traces(SECRET, form) if trace in kept]


def of_known_sender(plain: bytes, pack: Pack, coding: str) -> WebhookRequest:
    """What is kept of a packed request whose sender was known by a secret in a header."""
    workflow = make_workflow()
    credential = make_credential(
        workflow.workspace, "http_header", {"name": "X-Shop", "value": SECRET}
    )
    params = {"path": "shop", "authentication": "header", "credential": str(credential.pk)}
    document = graph([node("in", "webhook", params=params), node("end")], ["in -> end"])
    activate_workflow(publish_version(make_version(workflow, document), by=None), by=None)
    headers = {"x_shop": SECRET, "content_encoding": coding}
    assert send("shop", pack(plain), "text/plain", **headers).status == 202
    return WebhookRequest.objects.get()


@pytest.mark.parametrize(("pack", "coding"), PACKINGS)
def test_the_secret_of_a_sender_does_not_hide_in_a_packed_body(pack: Pack, coding: str) -> None:
    kept = of_known_sender(f"it is {SECRET}!".encode(), pack, coding)
    assert plain_body(kept).decode() == f"it is {MASK}!"


def test_nor_beside_what_is_packed_in_it() -> None:
    kept = of_known_sender(b"{}", lambda plain: gzip.compress(plain) + SECRET.encode(), "gzip")
    assert SECRET.encode() not in kept.body
    assert plain_body(kept) == b"{}"


@pytest.mark.parametrize(("pack", "coding"), [(bytes, "identity"), (gzip.compress, "gzip")])
def test_nor_in_a_body_that_is_no_text_as_a_whole(pack: Pack, coding: str) -> None:
    """A form with a picture is none."""
    kept = of_known_sender(b"\x89PNG\xff\xed\xb3\xbf " + SECRET.encode() + b" \xfe", pack, coding)
    assert plain_body(kept) == b"\x89PNG\xff\xed\xb3\xbf " + MASK.encode() + b" \xfe"


def test_what_is_too_large_to_be_looked_through_for_secrets_is_not_kept(settings: Any) -> None:
    settings.INBOX_BODY_BYTES = 100
    kept = of_known_sender(SECRET.encode() + b" " * 100, gzip.compress, "gzip")
    assert (kept.body, kept.is_body_kept) == (b"", False)
