"""What an HTTP Call sends and reads, against a real server."""

import email
import email.policy
import json
import threading
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.engine.ports import RunInfo
from apps.nodes.contract import ExampleFile
from apps.nodes.outside.http import HttpLimits
from apps.nodes.requests import body as http_body
from apps.nodes.vault import Credential
from tests.nodes.sending import KnownCredentials, sent
from tests.nodes.servers import Reply, Seen, serving
from tests.nodes.twins import MemoryFiles


def parts_of(seen: Seen) -> list[tuple[str, str | None, str, bytes]]:
    """The parts of a form as a receiver reads them: name, file name, media type, content."""
    head = f"Content-Type: {seen.header('content-type')}\r\n\r\n".encode()
    message = email.message_from_bytes(head + seen.body, policy=email.policy.HTTP)
    parts = []
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        parts.append((str(name), part.get_filename(), part.get_content_type(), content))
    return parts


def item_with(files: MemoryFiles, **borne: ExampleFile) -> Item:
    return Item({"id": 7}, {name: files.reference(file) for name, file in borne.items()})


def post(params: dict[str, Any], *takes: Any, files: MemoryFiles | None = None) -> Seen:
    """The request that a receiver saw for the last item."""
    with serving(Reply()) as server:
        sent("http_call", {"method": "POST", "url": server.url, **params}, takes or ({},), server,
             files=files)  # fmt: skip
        return server.seen[-1]


def test_a_form_bears_fields_and_files() -> None:
    files = MemoryFiles()
    item = item_with(
        files,
        photo=ExampleFile(b"\x89PNG\r\n", "a b.png", "image/png"),
        notes=ExampleFile(b"hello", "n.txt"),
    )
    body = {"title": "={{ $json.id }}", "tags": ["x", True], "none": None}
    params = {"body_kind": "multipart", "body": body, "files": {"image": ["photo", "notes"]}}
    seen = post(params, item, files=files)
    assert parts_of(seen) == [
        ("title", None, "text/plain", b"7"),
        ("tags", None, "text/plain", b"x"),
        ("tags", None, "text/plain", b"true"),
        ("image", "a b.png", "image/png", b"\x89PNG\r\n"),
        ("image", "n.txt", "text/plain", b"hello"),
    ]


def test_nothing_in_a_name_breaks_out_of_its_part() -> None:
    files = MemoryFiles()
    item = item_with(files, data=ExampleFile(b"x", 'a"\r\nX-Evil: 1.txt', "text/plain"))
    assert item.binary is not None
    item.binary["data"]["mimeType"] = "text/plain\r\nX-Evil: 1"
    params = {
        "body_kind": "multipart",
        "body": {'n"\r\nX-Evil: 1\r\n\r\n': "v\ud800"},
        "files": {"f\ud800": "data"},
    }
    seen = post(params, item, files=files)
    assert b"\r\nX-Evil" not in seen.body
    assert [content for *_, content in parts_of(seen)] == [b"v?", b"x"]


def test_an_empty_form_is_a_form_all_the_same() -> None:
    assert parts_of(post({"body_kind": "multipart"})) == []


def test_a_file_that_the_item_does_not_bear_is_named() -> None:
    for params in (
        {"body_kind": "multipart", "files": {"f": "photo"}},
        {"body_kind": "binary", "file": "photo"},
    ):
        with pytest.raises(NodeError, match="photo") as failure:
            post(params)
        assert failure.value.code == "no_file"


@pytest.mark.parametrize(("bound", "most"), [("MAX_BODY_BYTES", 10), ("MAX_PARTS", 1)])
def test_a_form_has_its_bounds(bound: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_body, bound, most)
    files = MemoryFiles()
    item = item_with(files, data=ExampleFile(b"x" * 6, "a"))
    with pytest.raises(NodeError) as failure:
        post({"body_kind": "multipart", "files": {"f": ["data", "data"]}}, item, files=files)
    assert failure.value.code == "body_too_large"


def test_json_has_its_numbers_as_javascript_writes_them() -> None:
    seen = post({"body_kind": "json", "body": "={{ $json }}"}, {"f": 2.0, "sm": 1e-7, "t": "2.0"})
    assert seen.body == b'{"f":2,"sm":1e-7,"t":"2.0"}'
    seen = post({"body_kind": "json", "body": '{"f": 2.0}'})  # text is sent as it is
    assert seen.body == b'{"f": 2.0}'


@pytest.mark.parametrize("kind", ["json", "form"])
def test_an_expression_that_gives_no_body_sends_nothing(kind: str) -> None:
    with pytest.raises(NodeError, match=r"^body: There is nothing to send") as failure:
        post({"body_kind": kind, "body": "={{ $json.missing }}"})
    assert failure.value.code == "invalid_params"


def test_a_file_is_sent_as_it_is() -> None:
    files = MemoryFiles()
    item = item_with(files, data=ExampleFile(b"\x00\xff", "a.bin", "image/webp"))
    seen = post({"body_kind": "binary"}, item, files=files)
    assert (seen.body, seen.header("content-type")) == (b"\x00\xff", "image/webp")


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"body_kind": "raw", "body": "<a/>", "content_type": "application/xml"},
         "application/xml"),
        ({"body_kind": "raw", "body": "x"}, "text/plain; charset=utf-8"),
        ({"body_kind": "json", "body": {}, "content_type": "application/vnd.x+json"},
         "application/vnd.x+json"),
        ({"body_kind": "raw", "body": "x", "content_type": "a/b",
          "headers": {"content-TYPE": "c/d"}}, "c/d"),
        ({"body_kind": "none"}, None),
    ],
)  # fmt: skip
def test_a_body_says_what_it_is(params: dict[str, Any], told: str | None) -> None:
    assert post(params).header("content-type") == told


def test_a_content_type_cannot_bring_a_header_along() -> None:
    with pytest.raises(NodeError) as failure:
        post({"body_kind": "raw", "body": "x", "content_type": "a/b\r\nX-Evil: 1"})
    assert failure.value.code == "invalid_header"


def get(reply: Reply, params: dict[str, Any], **more: Any) -> Any:
    with serving(reply) as server:
        url = f"{server.url}/files/report.csv?key=1"
        return sent("http_call", {"url": url, **params}, ({"a": 1},), server, **more)


def test_an_answer_becomes_a_file() -> None:
    headers = {
        "Content-Type": "Text/CSV; charset=x",
        "Content-Disposition": "attachment; filename=b.csv",
    }
    files = MemoryFiles()
    [item] = get(Reply(200, headers, b"\xff,1"), {"response": "file"}, files=files)
    assert item.json["status"] == 200
    assert "body" not in item.json
    reference = item.binary["data"]
    assert (reference["fileName"], reference["mimeType"], reference["fileSize"]) == (
        "b.csv",
        "text/csv",
        3,
    )
    assert list(files.contents()) == [b"\xff,1"]


def test_a_file_takes_its_name_from_the_address_and_its_place_from_the_builder() -> None:
    params = {"response": "file", "response_file": "sheet", "whole_response": False}
    [item] = get(Reply(body=b"x"), params)
    assert item.json == {}
    assert item.binary["sheet"]["fileName"] == "report.csv"


def test_files_are_not_counted_as_held() -> None:
    limits = HttpLimits(response_bytes=100, step_bytes=150)
    with serving(Reply(body=b"x" * 100)) as server:
        params = {"url": server.url, "response": "file"}
        assert len(sent("http_call", params, [{}] * 4, server, limits=limits)) == 4
        with pytest.raises(NodeError) as failure:
            sent("http_call", {"url": server.url}, [{}] * 4, server, limits=limits)
    assert failure.value.code == "response_too_large"


@pytest.mark.parametrize(
    ("type", "params", "reply", "code"),
    [
        ("http_call", {}, Reply(500, {}, b"x" * 100), "http_status"),
        ("http_call", {"response": "json"}, Reply(200, {}, b"x" * 100), "response_not_json"),
        ("graphql", {"query": "{ n }"}, Reply(500, {}, b"x" * 100), "http_status"),
        ("rss_read", {}, Reply(500, {}, b"x" * 100), "http_status"),
    ],
)
def test_answers_that_fail_their_items_are_not_counted_as_held(
    type: str, params: dict[str, Any], reply: Reply, code: str
) -> None:
    limits = HttpLimits(response_bytes=100, step_bytes=150)
    with serving(reply) as server:
        wanted = {"url": server.url, **params}
        given = sent(type, wanted, [{}] * 4, server, limits=limits, on_error="continue")
    assert [item.json["error"]["code"] for item in given] == [code] * 4


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ({"n": 1}, [{"n": 1}]),
        ([{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 2}]),
        ([1, "x", None, [2]], [{"body": 1}, {"body": "x"}, {"body": None}, {"body": [2]}]),
        ([], []),
        ("text", [{"body": "text"}]),
        (None, [{"body": None}]),
    ],
)
def test_the_body_alone_makes_items(body: Any, given: Any) -> None:
    reply = Reply(200, {"Content-Type": "application/json"}, json.dumps(body).encode())
    items = get(reply, {"whole_response": False})
    assert [item.json for item in items] == given
    assert all(item.paired[0].item == 0 for item in items)


@pytest.mark.parametrize("response", ["auto", "json", "text", "base64"])
@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("DELETE", 204)]
)
def test_an_answer_that_never_has_a_body_has_none(method: str, status: int, response: str) -> None:
    reply = Reply(status, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
    [item] = get(reply, {"method": method, "response": response})
    assert (item.json["status"], item.json["body"]) == (status, None)


def test_a_status_that_says_no_may_be_an_answer() -> None:
    [item] = get(Reply(404, {}, b"gone"), {"fail_on_status": False})
    assert (item.json["status"], item.json["body"]) == (404, "gone")


@pytest.mark.parametrize(
    ("status", "retry_on", "retryable"),
    [(503, None, True), (503, [], False), (409, [409], True), (409, None, False)],
)
def test_the_builder_says_which_statuses_are_worth_another_attempt(
    status: int, retry_on: list[int] | None, retryable: bool
) -> None:
    params = {} if retry_on is None else {"retry_on": retry_on}
    with pytest.raises(NodeError) as failure:
        get(Reply(status, {"Retry-After": "7"}), params)
    assert (failure.value.retryable, failure.value.retry_after_s) == (retryable, 7)


def test_a_redirect_may_be_the_answer() -> None:
    [item] = get(Reply(302, {"Location": "/x"}), {"max_redirects": 0})
    assert (item.json["status"], item.json["headers"]["location"]) == (302, "/x")


def test_the_limits_of_an_answer_are_the_builders_where_they_are_lower() -> None:
    with pytest.raises(NodeError) as failure:
        get(Reply(body=b"x" * 11), {"max_bytes": 10})
    assert failure.value.code == "response_too_large"


@pytest.mark.parametrize(
    ("type", "params"), [("http_call", {}), ("graphql", {"query": "{ n }"}), ("rss_read", {})]
)
def test_the_builder_says_how_long_an_answer_may_take(type: str, params: dict[str, Any]) -> None:
    silence = threading.Event()
    with serving(Reply(act=lambda handler: silence.wait(60) and None)) as server:
        with pytest.raises(NodeError, match=r"not answered within 0\.1 s") as failure:
            sent(type, {"url": server.url, "timeout_s": 0.1, **params}, ({},), server)
        silence.set()
    assert (failure.value.code, failure.value.retryable) == ("timeout", True)


def test_certificates_are_checked_unless_the_operator_lets_the_builder_choose() -> None:
    with pytest.raises(NodeError) as failure:
        get(Reply(), {"verify_tls": False})
    assert failure.value.code == "insecure_tls_refused"
    assert get(Reply(), {"verify_tls": False}, limits=HttpLimits(insecure_tls=True))


def bearer(*hosts: str) -> dict[str, Credential]:
    return {"c": Credential("http_bearer", {"token": "s3cret", "allowed_hosts": list(hosts)})}


def test_a_credential_stays_with_its_hosts_at_redirects_too() -> None:
    with serving(Reply(body=b"there")) as other:
        elsewhere = f"http://localhost:{other.port}/"
        with serving(Reply(307, {"Location": elsewhere})) as server:
            params = {"url": server.url, "credential": "c"}
            with pytest.raises(NodeError, match="localhost") as failure:
                sent("http_call", params, ({},), server, other, known=bearer("127.0.0.1"))
            assert failure.value.code == "credential_refused"
            assert server.seen[0].header("authorization") == "Bearer s3cret"
            with pytest.raises(NodeError) as refusal:
                sent("http_call", params, ({},), server, other, known=bearer("api.test"))
            assert refusal.value.code == "credential_refused"
        assert (len(server.seen), other.seen) == (1, [])


def test_several_headers_may_be_secret() -> None:
    known = {"c": Credential("http_headers", {"headers": {"X-A": "1", "X-B": "2"}})}
    with serving(Reply()) as server:
        sent("http_call", {"url": server.url, "credential": "c"}, ({},), server, known=known)
        assert (server.seen[0].header("x-a"), server.seen[0].header("x-b")) == ("1", "2")


class Renewing(KnownCredentials):
    """A vault that renews the tokens of one OAuth2 credential."""

    def __init__(self, *tokens: str) -> None:
        super().__init__({})
        self._tokens = list(tokens)

    def reveal(self, run: RunInfo, id: str, types: Sequence[str], check: Any) -> Credential:
        return Credential("oauth2_client", {"access_token": self._tokens[0]})

    def renew(
        self, run: RunInfo, id: str, types: Sequence[str], refused: Credential, check: Any
    ) -> Credential:
        if refused.values["access_token"] == self._tokens[0]:
            del self._tokens[0]
        return self.reveal(run, id, types, check)


def wanting(token: str) -> Callable[[Seen], Reply]:
    return lambda seen: Reply(200 if seen.header("authorization") == f"Bearer {token}" else 401)


def test_a_token_that_is_refused_is_renewed_once_and_the_same_request_sent_again() -> None:
    with serving(wanting("new")) as server:
        params = {"url": server.url, "credential": "c", "method": "POST"}
        items = sent("http_call", params, ({}, {}), server, vault=Renewing("old", "new"))
        assert [item.json["status"] for item in items] == [200, 200]
        assert [
            (seen.header("authorization"), seen.header("idempotency-key")) for seen in server.seen
        ] == [
            ("Bearer old", "run:node:0:0:0"),
            ("Bearer new", "run:node:0:0:0"),
            ("Bearer new", "run:node:0:1:0"),
        ]


def test_a_token_that_is_refused_again_is_an_answer_that_says_no() -> None:
    with serving(wanting("none")) as server:
        params = {"url": server.url, "credential": "c"}
        with pytest.raises(NodeError) as failure:
            sent("http_call", params, ({},), server, vault=Renewing("old", "new"))
        assert (failure.value.code, len(server.seen)) == ("http_status", 2)


def test_a_status_401_to_other_credentials_renews_nothing() -> None:
    with serving(wanting("none")) as server:
        params = {"url": server.url, "credential": "c", "fail_on_status": False}
        sent("http_call", params, ({},), server, known=bearer())
        assert len(server.seen) == 1
