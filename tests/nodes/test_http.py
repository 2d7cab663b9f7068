"""Requests of nodes, against real servers on loopback."""

import gzip
import re
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.nodes.context import Services, StepContext
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.http import HttpLimits
from apps.nodes.registry import library
from tests.nodes.hostile import cases
from tests.nodes.sending import http_to
from tests.nodes.servers import Reply, Seen, serving, trap
from tests.nodes.twins import MemoryAttempt, make_call


def refused() -> pytest.RaisesExc[NodeError]:
    return pytest.raises(NodeError)


def test_a_request_arrives_as_it_was_made() -> None:
    with serving(Reply(body=b"hello")) as server, http_to(server) as http:
        response = http.request(
            "POST", f"{server.url}/a%20b?x=1#y", headers={"X-A": "ä"}, content=b"body"
        )
    seen = server.seen[0]
    assert (response.status, response.content) == (200, b"hello")
    assert (seen.method, seen.path, seen.body) == ("POST", "/a%20b?x=1", b"body")
    assert seen.header("host") == f"127.0.0.1:{server.port}"
    assert (seen.header("x-a") or "").encode("latin-1").decode() == "ä"


def test_every_request_bears_its_own_key_and_the_builder_may_set_another() -> None:
    with serving(Reply()) as server, http_to(server) as http:
        http.request("POST", server.url)
        http.request("POST", server.url)
        http.request("POST", server.url, headers={"idempotency-KEY": "mine"})
    keys = [seen.header("Idempotency-Key") for seen in server.seen]
    assert keys == ["run:node:0:0:0", "run:node:0:0:1", "mine"]


def test_each_item_begins_its_own_numbering_of_requests() -> None:
    call = library().find("http_call", 1)
    assert call is not None
    with serving(Reply()) as server:
        services = Services(egress=EgressPolicy([f"127.0.0.1:{server.port}"]))
        ctx = StepContext(make_call(call, {"url": server.url}), MemoryAttempt(), services)
        for place in (0, 1):
            ctx.for_item(place).http.request("GET", server.url)
        ctx.close()
    assert [s.header("Idempotency-Key") for s in server.seen] == [
        "run:node:0:0:0",
        "run:node:0:1:0",
    ]


def test_one_connection_serves_the_requests_of_a_step() -> None:
    with serving(Reply(body=b"x")) as server, http_to(server) as http:
        for _ in range(3):
            http.request("GET", server.url)
    assert len({seen.client_port for seen in server.seen}) == 1


PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY")


@pytest.mark.parametrize("name", PROXIES)
def test_the_environment_does_not_reroute_a_request(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for scheme in ("http", "socks5"):
        with trap() as proxy, serving(Reply(body=b"direct")) as server, http_to(server) as http:
            monkeypatch.setenv(name, f"{scheme}://127.0.0.1:{proxy.port}")
            assert http.request("GET", server.url).content == b"direct"
            assert proxy.connections() == 0


@pytest.mark.parametrize("case", cases("ssrf.jsonl", lambda case: "env" in case))
def test_a_hostile_environment_reroutes_nothing(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _, value = case["env"].partition("=")
    with trap() as proxy, serving(Reply(body=b"direct")) as server, http_to(server) as http:
        monkeypatch.setenv(name, re.sub(r":\d+$", f":{proxy.port}", value))
        url = case["url"].replace("{public}", server.url[7:])
        assert http.request("GET", url).content == b"direct"
        assert proxy.connections() == 0


def test_cookies_are_not_kept() -> None:
    with serving(Reply(headers={"Set-Cookie": "a=b"})) as server, http_to(server) as http:
        http.request("GET", server.url)
        http.request("GET", server.url)
    assert server.seen[1].header("cookie") is None


@pytest.mark.parametrize("case", cases("ssrf.jsonl", lambda case: "redirect" in case))
def test_a_hostile_redirect_reaches_nothing(case: Any) -> None:
    with trap() as hidden:
        location = case["redirect"]["location"].replace("{trap}", str(hidden.port))
        reply = Reply(case["redirect"]["status"], {"Location": location})
        with serving(reply) as server, http_to(server) as http, refused() as refusal:
            http.request("POST", case["url"].replace("{public}", server.url[7:]))
        assert refusal.value.code in {"egress_refused", "invalid_url", "too_many_redirects"}
        assert hidden.connections() == 0
        assert len(server.seen) <= 11


def test_a_redirect_to_another_origin_takes_along_only_what_tells_of_the_content() -> None:
    headers = {
        "Authorization": "Bearer x",
        "Cookie": "a=b",
        "X-Api-Key": "k",
        "X-Shop-Key": "k",
        "X-Signature": "s",
        "Accept": "text/plain",
        "Content-Type": "text/csv",
    }
    with serving(Reply(body=b"there")) as other:
        reply = Reply(307, {"Location": f"{other.url}/new"})
        with serving(reply) as server, http_to(server, other) as http:
            response = http.request(
                "POST", server.url, headers=headers, secrets={"X-Mine": "s"}, content=b"body"
            )
    seen = other.seen[0]
    assert response.content == b"there"
    assert (seen.method, seen.body) == ("POST", b"body")
    assert (seen.header("accept"), seen.header("content-type")) == ("text/plain", "text/csv")
    for name in {*headers, "X-Mine", "Idempotency-Key"} - {"Accept", "Content-Type"}:
        assert server.seen[0].header(name)
        assert seen.header(name) is None


@pytest.mark.parametrize(
    "location", ["http://[::1", "http://a b/", "\\\\evil", "ftp://x/", "http:"]
)
def test_a_redirect_to_no_url_is_a_named_error(location: str) -> None:
    reply = Reply(302, {"Location": location})
    with serving(reply) as server, http_to(server) as http, refused() as failure:
        http.request("GET", server.url)
    assert failure.value.code in {"invalid_url", "too_many_redirects"}


def test_a_redirect_within_the_origin_keeps_the_headers_and_303_becomes_get() -> None:
    def reply(seen: Seen) -> Reply:
        return Reply(303, {"Location": "/done"}) if seen.path == "/" else Reply(body=b"done")

    with serving(reply) as server, http_to(server) as http:
        response = http.request("POST", server.url, headers={"Authorization": "x"}, content=b"b")
    second = server.seen[1]
    assert response.content == b"done"
    assert (second.method, second.body, second.header("authorization")) == ("GET", b"", "x")


@pytest.mark.parametrize(
    ("status", "method", "followed_by"),
    [
        (301, "POST", "GET"), (302, "POST", "GET"), (302, "DELETE", "DELETE"), (301, "PUT", "PUT"),
        (302, "PATCH", "PATCH"), (303, "DELETE", "GET"), (303, "PUT", "GET"), (303, "HEAD", "HEAD"),
        (307, "POST", "POST"), (308, "DELETE", "DELETE"),
    ],
)  # fmt: skip
def test_a_redirect_is_followed_by_the_method_that_browsers_take(
    status: int, method: str, followed_by: str
) -> None:
    def reply(seen: Seen) -> Reply:
        return Reply(status, {"Location": "/done"}) if seen.path == "/" else Reply()

    with serving(reply) as server, http_to(server) as http:
        http.request(method, server.url, headers={"Content-Type": "text/csv"}, content=b"b")
    second = server.seen[1]
    kept = followed_by == method
    assert (second.method, second.body) == (followed_by, b"b" if kept else b"")
    assert second.header("content-type") == ("text/csv" if kept else None)


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_over_the_limit_is_refused(packed: bool) -> None:
    body = b"x" * 200_000
    headers = {"Content-Encoding": "gzip"} if packed else {}
    reply = Reply(headers=headers, body=gzip.compress(body) if packed else body)
    with (
        serving(reply) as server,
        http_to(server, limits=HttpLimits(100_000)) as http,
        refused() as refusal,
    ):
        http.request("GET", server.url)
    assert refusal.value.code == "response_too_large"
    assert not refusal.value.retryable


def test_a_packed_answer_is_unpacked() -> None:
    reply = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"hello"))
    with serving(reply) as server, http_to(server) as http:
        response = http.request("GET", server.url)
    assert response.content == b"hello"
    assert "content-encoding" not in response.headers


def test_a_server_that_says_nothing_is_a_timeout() -> None:
    silence = threading.Event()
    with serving(Reply(act=lambda handler: silence.wait(5) and None)) as server:
        with http_to(server) as http, refused() as failure:
            http.request("GET", server.url, timeout_s=0.2)
        silence.set()
    assert (failure.value.code, failure.value.retryable) == ("timeout", True)


def test_a_server_that_drips_is_a_timeout() -> None:
    def drip(handler: Any) -> None:
        for _ in range(40):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return
            time.sleep(0.05)

    reply = Reply(headers={"Content-Length": "1000"}, act=drip)
    with serving(reply) as server, http_to(server) as http, refused() as failure:
        http.request("GET", server.url, timeout_s=0.3)
    assert failure.value.code == "timeout"


def test_a_server_that_drips_its_headers_is_a_timeout() -> None:
    def drip(handler: Any) -> None:
        for place in range(40):
            try:
                handler.wfile.write(f"X-{place}: y\r\n".encode())
            except OSError:
                return
            time.sleep(0.05)

    dripping = Reply(act=drip, ends_headers=False)
    with serving(dripping) as server, http_to(server) as http, refused() as failure:
        http.request("GET", server.url, timeout_s=0.3)
    assert failure.value.code == "timeout"


def test_the_redirects_of_an_exchange_share_its_time() -> None:
    def slowly(seen: Seen) -> Reply:
        time.sleep(0.1)
        return Reply(302, {"Location": "/again"})

    with serving(slowly) as server, http_to(server) as http, refused() as failure:
        http.request("GET", server.url, timeout_s=0.35)
    assert failure.value.code == "timeout"


def test_a_redirect_that_is_not_followed_is_an_answer() -> None:
    reply = Reply(302, {"Location": "/there"}, b"moved")
    with serving(reply) as server, http_to(server) as http:
        response = http.request("GET", server.url, max_redirects=0)
    assert (response.status, response.content, response.headers["location"]) == (
        302,
        b"moved",
        "/there",
    )


def test_as_many_redirects_are_followed_as_were_wanted() -> None:
    with serving(Reply(302, {"Location": "/again"})) as server, http_to(server) as http:
        with refused() as failure:
            http.request("GET", server.url, max_redirects=2)
        assert (failure.value.code, len(server.seen)) == ("too_many_redirects", 3)


def test_each_address_of_an_exchange_is_vetted_before_a_request_goes_to_it() -> None:
    asked: list[str] = []

    def vet(url: str) -> None:
        asked.append(url)
        if "/forbidden" in url:
            raise NodeError("credential_refused", "not there")

    with serving(Reply(307, {"Location": "/forbidden"})) as server, http_to(server) as http:
        with refused() as failure:
            http.request("GET", server.url, vet=vet)
        assert (failure.value.code, len(server.seen), len(asked)) == ("credential_refused", 1, 2)


def test_a_node_may_want_less_than_the_operator_allows_and_never_more() -> None:
    with serving(Reply(body=b"x" * 500)) as server:
        for limits, wanted in [(HttpLimits(1_000), 400), (HttpLimits(400), 1_000)]:
            with http_to(server, limits=limits) as http, refused() as failure:
                http.request("GET", server.url, max_bytes=wanted)
            assert failure.value.code == "response_too_large"


def test_a_step_holds_no_more_of_all_its_answers_than_it_may() -> None:
    limits = HttpLimits(response_bytes=100, step_bytes=250)
    with serving(Reply(body=b"x" * 100)) as server, http_to(server, limits=limits) as http:
        kept = http.request("GET", server.url)
        http.request("GET", server.url)
        http.release(kept)
        http.request("GET", server.url)
        with refused() as failure:
            http.request("GET", server.url)
    assert failure.value.code == "response_too_large"


def test_an_answer_that_a_step_has_no_room_for_takes_none() -> None:
    def long(seen: Seen) -> Reply:
        return Reply(body=b"x" * int(seen.path[1:]))

    limits = HttpLimits(response_bytes=100, step_bytes=150)
    with serving(long) as server, http_to(server, limits=limits) as http:
        http.request("GET", f"{server.url}/100")
        with refused():
            http.request("GET", f"{server.url}/100")
        assert len(http.request("GET", f"{server.url}/50").content) == 50


def test_a_step_holds_few_answers_that_are_short_and_take_much_memory() -> None:
    limits = HttpLimits(response_bytes=1_000, step_bytes=100_000)
    with serving(Reply(body=b"[[],[]]" * 100)) as server, http_to(server, limits=limits) as http:
        for _ in range(3):
            http.request("GET", server.url)
        with refused() as failure:
            http.request("GET", server.url)
    assert failure.value.code == "response_too_large"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "5"},
        {"Transfer-Encoding": "chunked"},
        {"Host": "other"},
        {"connection": "close"},
        {"Proxy-Authorization": "x"},
        {"a b": "1"},
        {"": "1"},
        {"X": "a\r\nB: c"},
        {"X": "a\x00"},
        {"X": "a\u0085b"},
    ],
)
def test_a_header_that_frames_or_breaks_out_is_refused(headers: Mapping[str, str]) -> None:
    with serving(Reply()) as server, http_to(server) as http, refused() as refusal:
        http.request("GET", server.url, headers=headers)
    assert refusal.value.code == "invalid_header"
    assert server.seen == []
