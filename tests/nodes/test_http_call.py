"""HTTP Call: what its examples cannot say."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import httpcore
import httpx
import pytest

from apps.engine.errors import NodeError
from apps.engine.outcomes import Done
from apps.engine.ports import RunInfo
from apps.nodes.context import Services, bound
from apps.nodes.contract import Answer
from apps.nodes.outside.http import HttpLimits
from apps.nodes.outside.pinned import TlsError
from apps.nodes.registry import library
from apps.nodes.vault import Credential
from tests.nodes.sending import KnownCredentials
from tests.nodes.twins import StubHttp, run_step

NOTHING = Answer()


def called(
    params: dict[str, Any],
    answer: Answer = NOTHING,
    takes: Sequence[Any] = ({},),
    known: Mapping[str, Credential] | None = None,
) -> tuple[httpx.Request, Any]:
    """The request that was sent for the last item, and what came of its answer."""
    stub = StubHttp([answer] * len(takes))
    type = library().find("http_call", 1)
    assert type is not None
    credentials = KnownCredentials(known or {})
    with bound(Services(transport=stub, credentials=credentials)):
        outcome = run_step(type, {"url": "http://api.test/a", **params}, takes).outcome
    assert isinstance(outcome, Done)
    return stub.requests[-1], outcome.outputs["main"][-1].json


def body_of(answer: Answer, response: str = "auto") -> Any:
    return called({"response": response}, answer)[1]["body"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_a_request_has_the_method_that_is_wanted(method: str) -> None:
    assert called({"method": method})[0].method == method


def test_a_json_body_is_sent_with_integers_of_any_size() -> None:
    request, _ = called({"method": "POST", "body_kind": "json", "body": {"n": 10**30}})
    assert json.loads(request.content) == {"n": 10**30}
    assert request.headers["content-type"] == "application/json"


def test_json_text_is_sent_as_it_is() -> None:
    request, _ = called({"method": "POST", "body_kind": "json", "body": '{"a": 1}'})
    assert request.content == b'{"a": 1}'


def test_a_form_repeats_names_for_lists_and_leaves_null_out() -> None:
    body = {"a": [1, True], "b": "x&y", "c": None}
    request, _ = called({"method": "POST", "body_kind": "form", "body": body})
    assert parse_qs(request.content.decode()) == {"a": ["1", "true"], "b": ["x&y"]}


def test_half_a_character_from_code_does_not_break_the_request() -> None:
    for kind, body in [("raw", "a\ud800"), ("form", {"a": "\ud800"}), ("json", {"a": "\ud800"})]:
        request, _ = called({"method": "POST", "body_kind": kind, "body": body})
        assert request.content


def test_the_builder_may_say_what_the_body_is() -> None:
    params = {
        "method": "PUT",
        "body_kind": "raw",
        "body": "<a/>",
        "headers": {"content-TYPE": "x/y"},
    }
    request, _ = called(params)
    assert (request.content, request.headers["content-type"]) == (b"<a/>", "x/y")


def test_the_query_joins_that_of_the_url() -> None:
    request, _ = called({"url": "http://api.test/a?x=1#top", "query": {"y": ["2", 3], "z": None}})
    assert str(request.url).partition("?")[2] == "x=1&y=2&y=3#top"


def test_params_are_those_of_each_item() -> None:
    params = {"url": "=http://api.test/{{ $json.id }}", "headers": {"X-N": "={{ $json.id }}"}}
    request, _ = called(params, takes=[{"id": 1}, {"id": 2}])
    assert (request.url.path, request.headers["x-n"]) == ("/2", "2")


@pytest.mark.parametrize(
    ("answer", "response", "body"),
    [
        (Answer(200, {"n": 10**30}), "auto", {"n": 10**30}),
        (Answer(200, b'{"a": 1}', {"content-type": "application/hal+json"}), "auto", {"a": 1}),
        (Answer(200, b"{", {"content-type": "application/json"}), "auto", "{"),
        (Answer(200, b"\xe4", {"content-type": "text/plain; charset=latin-1"}), "auto", "ä"),
        (Answer(200, b"\xe4", {"content-type": "text/plain; charset=windows-1252"}), "text", "ä"),
        (Answer(200, b"\x82\xa0", {"content-type": "text/plain; charset=Shift_JIS"}), "auto", "あ"),
        # What no page is written in is read as UTF-8: some of it takes hours to read.
        (Answer(200, b"a-b", {"content-type": "text/plain; charset=punycode"}), "auto", "a-b"),
        (
            Answer(200, b"a\\u0041", {"content-type": "text/plain; charset=unicode_escape"}),
            "text",
            "a\\u0041",
        ),
        (Answer(200, b"\xc3\xa4", {"content-type": "text/plain; charset=nonsense"}), "text", "ä"),
        (Answer(200, b"\xff\x00", {"content-type": "image/png"}), "auto", "/wA="),
        (Answer(204), "auto", None),
        (Answer(200, b"[1]"), "json", [1]),
        (Answer(200, {"a": 1}), "text", '{"a": 1}'),
        (Answer(200, b"hi"), "base64", "aGk="),
    ],
)
def test_an_answer_is_read_by_what_it_is(answer: Answer, response: str, body: Any) -> None:
    assert body_of(answer, response) == body


@pytest.mark.parametrize("content", [b"", b"{", b"NaN", b"\xff"])
def test_an_answer_that_must_be_json_and_is_none_fails(content: bytes) -> None:
    with pytest.raises(NodeError) as failure:
        body_of(Answer(200, content), "json")
    assert failure.value.code == "response_not_json"


@pytest.mark.parametrize(
    ("status", "retryable"), [(400, False), (404, False), (429, True), (503, True)]
)
def test_a_status_says_whether_another_attempt_may_help(status: int, retryable: bool) -> None:
    with pytest.raises(NodeError) as failure:
        called({}, Answer(status))
    assert (failure.value.code, failure.value.retryable) == ("http_status", retryable)


@pytest.mark.parametrize(
    ("credential", "header", "value"),
    [
        (Credential("http_bearer", {"token": "t"}), "authorization", "Bearer t"),
        (
            Credential("http_basic", {"username": "u", "password": "p"}),
            "authorization",
            "Basic dTpw",
        ),
        (Credential("http_header", {"name": "X-Key", "value": "k"}), "x-key", "k"),
    ],
)
def test_a_credential_is_put_on_the_request(
    credential: Credential, header: str, value: str
) -> None:
    request, _ = called({"credential": "c"}, known={"c": credential})
    assert request.headers[header] == value


def test_a_credential_may_go_into_the_query() -> None:
    known = {"c": Credential("http_query", {"name": "key", "value": "s&t"})}
    request, _ = called({"credential": "c"}, known=known)
    assert request.url.params["key"] == "s&t"


class CountingVault(KnownCredentials):
    """Counts how often it is asked."""

    asked = 0

    def reveal(self, run: RunInfo, id: str, types: Sequence[str], check: Any) -> Credential:
        self.asked += 1
        return super().reveal(run, id, types, check)


def test_the_vault_is_not_asked_for_each_of_many_items(monkeypatch: pytest.MonkeyPatch) -> None:
    vault = CountingVault({"c": Credential("http_bearer", {"token": "t"})})
    type = library().find("http_call", 1)
    assert type is not None
    params = {"url": "http://api.test/a", "credential": "c"}
    for kept_s, asked in ((60.0, 1), (-1.0, 4)):
        monkeypatch.setattr("apps.nodes.context.REVEALED_FOR_S", kept_s)
        with bound(Services(transport=StubHttp([NOTHING] * 3), credentials=vault)):
            run_step(type, params, [{}] * 3)
        assert vault.asked == asked


class Failing(StubHttp):
    """Fails in the way it is told to, when it is sent a request or while it is read."""

    def __init__(self, error: Exception) -> None:
        super().__init__([])
        self._error = error

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise self._error


@pytest.mark.parametrize(
    ("transport", "code"),
    [
        (Failing(httpcore.ConnectTimeout()), "timeout"),
        (Failing(httpcore.ConnectError("no route")), "connect"),
        (Failing(TlsError("self-signed")), "tls"),
        (Failing(httpcore.ReadError("gone")), "connection_lost"),
        (StubHttp([Answer(200, b"no gzip", {"content-encoding": "gzip"})]), "bad_response"),
        (StubHttp([Answer(500)]), "http_status"),
        (StubHttp([Answer(200, b"too long")]), "response_too_large"),
        (StubHttp([Answer(302, headers={"location": "?key=s3cret"})] * 20), "too_many_redirects"),
        (StubHttp([Answer(302, headers={"location": "//["})]), "invalid_url"),
        (StubHttp([Answer(302, headers={"location": "ftp://u:s3cret@x/"})]), "invalid_url"),
    ],
)
def test_no_error_tells_the_secret_in_a_url(transport: StubHttp, code: str) -> None:
    type = library().find("http_call", 1)
    assert type is not None
    vault = KnownCredentials({"c": Credential("http_query", {"name": "key", "value": "s3cret"})})
    with (
        bound(Services(transport=transport, credentials=vault, http=HttpLimits(3))),
        pytest.raises(NodeError) as failure,
    ):
        run_step(type, {"url": "http://api.test/a?token=s3cret", "credential": "c"})
    assert failure.value.code == code
    assert "s3cret" not in failure.value.message


def test_a_process_without_vault_sends_nothing() -> None:
    type = library().find("http_call", 1)
    assert type is not None
    stub = StubHttp([])
    with bound(Services(transport=stub)), pytest.raises(NodeError) as failure:
        run_step(type, {"url": "http://api.test/", "credential": "c"})
    assert (failure.value.code, stub.requests) == ("credential_unavailable", [])
    assert "no vault" in failure.value.message
