"""HTTP Call: pages asked for one after another, and items sent in batches."""

import json
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from apps.engine.errors import NodeError, RevokedError
from apps.engine.outcomes import Done
from apps.nodes.outside.http import HttpLimits
from apps.nodes.registry import library
from apps.nodes.vault import Credential
from tests.nodes.sending import sent
from tests.nodes.servers import LocalServer, Reply, Seen, serving
from tests.nodes.twins import MemoryAttempt, make_call

JSON = {"Content-Type": "application/json"}
BOOK = [[1, 2], [3, 4], [5]]


def query(seen: Seen) -> dict[str, list[str]]:
    return parse_qs(urlsplit(seen.path).query)


def answer(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, {**JSON, **headers}, json.dumps(value).encode())


def numbered(seen: Seen) -> Reply:
    """Pages from 1; behind the last a list that is empty."""
    page = int(query(seen).get("page", ["1"])[0])
    return answer(BOOK[page - 1] if page <= len(BOOK) else [])


def numbers(server: LocalServer, pagination: dict[str, Any], **params: Any) -> list[Any]:
    """What the pages hold together."""
    wanted = {"url": f"{server.url}/list", "whole_response": False, "pagination": pagination}
    items = sent("http_call", {**wanted, **params}, ({"first": 1},), server)
    return [item.json.get("body", item.json) for item in items]


def test_a_parameter_counts_pages_up_until_one_is_empty() -> None:
    with serving(numbered) as server:
        pagination = {"mode": "parameters", "query": {"page": "={{ $pageCount + 1 }}"}}
        assert numbers(server, pagination, query={"size": 2}) == [1, 2, 3, 4, 5]
        assert [query(seen) for seen in server.seen] == [
            {"size": ["2"], "page": [str(page)]} for page in (1, 2, 3, 4)
        ]


def test_the_next_url_is_told_by_the_answer() -> None:
    def linked(seen: Seen) -> Reply:
        page = int(query(seen).get("page", ["1"])[0])
        next = f"/list?page={page + 1}" if page < len(BOOK) else None
        return answer({"next": next, "numbers": BOOK[page - 1]})

    with serving(linked) as server:
        pagination = {"next_url": "={{ $response.body.next }}"}
        given = numbers(server, pagination, query={"size": 2})
        assert [page["numbers"] for page in given] == BOOK
        assert [seen.path for seen in server.seen] == [
            "/list?size=2",
            "/list?page=2",
            "/list?page=3",
        ]


def test_the_next_url_may_stand_in_a_header() -> None:
    def linked(seen: Seen) -> Reply:
        more = {} if "2" in seen.path else {"Link": '<?page=2>; rel="next", <?page=9>; rel="last"'}
        return answer([seen.path], **more)

    with serving(linked) as server:
        next = '={{ $response.headers.link?.match(/<([^>]*)>; rel="next"/)[1] }}'
        assert numbers(server, {"next_url": next}) == ["/list", "/list?page=2"]


def test_a_cursor_of_the_answer_goes_into_the_body_and_a_header() -> None:
    def cursed(seen: Seen) -> Reply:
        place = json.loads(seen.body).get("cursor", 0)
        return answer({"cursor": place + 1, "numbers": BOOK[place], "more": place + 1 < len(BOOK)})

    with serving(cursed) as server:
        pagination = {
            "mode": "parameters",
            "body": {"cursor": "={{ $response.body.cursor }}"},
            "headers": {"X-Before": "={{ $request.body.cursor }}"},
            "until": "expression",
            "is_last": "={{ !$response.body.more }}",
        }
        given = numbers(server, pagination, method="POST", body_kind="json", body={"q": "x"})
        assert [page["numbers"] for page in given] == BOOK
        assert [json.loads(seen.body) for seen in server.seen] == [
            {"q": "x"}, {"q": "x", "cursor": 1}, {"q": "x", "cursor": 2},
        ]  # fmt: skip
        assert [seen.header("x-before") for seen in server.seen] == [None, None, "1"]


def test_a_status_may_say_that_there_is_no_more() -> None:
    def ending(seen: Seen) -> Reply:
        page = int(query(seen)["page"][0])
        return answer(BOOK[page]) if page < len(BOOK) else answer({"error": "no such page"}, 404)

    with serving(ending) as server:
        pagination = {
            "mode": "parameters",
            "query": {"page": "={{ $pageCount }}"},
            "until": "status",
            "statuses": [404, 410],
        }
        assert numbers(server, pagination) == [1, 2, 3, 4, 5]
        with pytest.raises(NodeError) as failure:
            numbers(server, {**pagination, "statuses": [410]})
        assert failure.value.code == "http_status"


@pytest.mark.parametrize("body", [b"", b'""', b"[]", b"{}"])
@pytest.mark.parametrize("until", [{}, {"until": "empty"}])
def test_an_empty_body_says_that_there_is_no_more(until: dict[str, Any], body: bytes) -> None:
    def ending(seen: Seen) -> Reply:
        return answer([7]) if query(seen)["page"] == ["0"] else Reply(200, JSON, body)

    with serving(ending) as server:
        pagination = {"mode": "parameters", "query": {"page": "={{ $pageCount }}"}, **until}
        assert numbers(server, pagination) == [7]
        assert len(server.seen) == 2


def test_the_pages_before_one_that_fails_its_item_are_not_counted_as_held() -> None:
    def failing(seen: Seen) -> Reply:
        return answer(list(range(30))) if query(seen)["page"] == ["0"] else Reply(500)

    limits = HttpLimits(response_bytes=200, step_bytes=500)  # each list takes about 200
    with serving(failing) as server:
        pagination = {"mode": "parameters", "query": {"page": "={{ $pageCount }}"}}
        params = {"url": server.url, "pagination": pagination}
        given = sent("http_call", params, [{}] * 4, server, limits=limits, on_error="continue")
    assert [item.json["error"]["code"] for item in given] == ["http_status"] * 4


def test_no_more_pages_are_asked_for_than_allowed() -> None:
    with serving(lambda seen: answer([1])) as server:
        pagination = {
            "mode": "parameters",
            "query": {"page": "={{ $pageCount }}"},
            "max_pages": 3,
            "interval_s": 0.01,
        }
        assert numbers(server, pagination) == [1, 1, 1]
        assert len(server.seen) == 3


def test_the_same_request_again_is_an_error_and_no_endless_loop() -> None:
    with serving(lambda seen: answer({"next": "/list"})) as server:
        for pagination in (
            {"next_url": "={{ $response.body.next }}"},
            {"mode": "parameters", "query": {"page": 1}},
        ):
            with pytest.raises(NodeError) as failure:
                numbers(server, pagination)
            assert failure.value.code == "pagination_stuck"


def test_no_answer_leads_the_next_request_and_its_credential_elsewhere() -> None:
    known = {"c": Credential("http_bearer", {"token": "t"})}
    with serving(Reply()) as other:
        for next in (other.url, f"http://localhost:{other.port}/", "https://127.0.0.1/"):
            with serving(answer({"next": next})) as server:
                params = {
                    "url": server.url,
                    "credential": "c",
                    "pagination": {"next_url": "={{ $response.body.next }}"},
                }
                with pytest.raises(NodeError) as failure:
                    sent("http_call", params, ({},), server, other, known=known)
                assert failure.value.code == "pagination_elsewhere"
        assert other.seen == []


@pytest.mark.parametrize("next", ["http://[", "http://a b/", "ftp://x/", "javascript:1", "\ud800"])
def test_a_next_url_that_is_none_is_a_named_error(next: str) -> None:
    with serving(lambda seen: answer({"next": next})) as server, pytest.raises(NodeError) as error:
        numbers(server, {"next_url": "={{ $response.body.next }}"})
    assert error.value.code in {"invalid_url", "pagination_elsewhere"}


def test_a_secret_in_the_query_is_not_put_there_twice() -> None:
    known = {"c": Credential("http_query", {"name": "key", "value": "s&t"})}

    def linked(seen: Seen) -> Reply:
        return answer({"next": None if "page" in seen.path else f"{seen.path}&page=2"})

    with serving(linked) as server:
        pagination = {"next_url": "={{ $response.body.next }}"}
        params = {"url": server.url, "credential": "c", "pagination": pagination}
        sent("http_call", params, ({},), server, known=known)
        assert [seen.path for seen in server.seen] == ["/?key=s%26t", "/?key=s%26t&page=2"]


def test_expressions_of_pages_see_their_item_and_no_other_node() -> None:
    with serving(numbered) as server:
        pagination = {"mode": "parameters", "query": {"page": "={{ $pageCount + $json.first }}"}}
        assert numbers(server, pagination) == [1, 2, 3, 4, 5]
        other = {"mode": "parameters", "query": {"page": "={{ $('Earlier').item.json.page }}"}}
        with pytest.raises(NodeError) as failure:
            numbers(server, other)
        assert failure.value.code == "expression_no_data"


def test_each_page_of_a_file_is_a_file() -> None:
    def chunks(seen: Seen) -> Reply:
        page = int(query(seen)["page"][0])
        return Reply(body=b"x" * page if page < 3 else b"")

    with serving(chunks) as server:
        pagination = {"mode": "parameters", "query": {"page": "={{ $pageCount + 1 }}"}}
        params = {"url": server.url, "response": "file", "pagination": pagination}
        items = sent("http_call", params, ({},), server)
        assert [item.binary["data"]["fileSize"] for item in items] == [1, 2]


@pytest.mark.parametrize(
    "pagination",
    [
        {"mode": "={{ $json.mode }}"},
        {"max_pages": 0},
        {"max_pages": "={{ 3 }}"},
        {"frobnicate": 1},
        {"next_url": "={{ $response.body. }}"},
    ],
)
def test_what_is_wrong_with_pages_is_told_when_the_graph_is_checked(pagination: Any) -> None:
    type = library().find("http_call", 1)
    assert type is not None
    faults = type.check({"url": "http://api.test/", "pagination": pagination})
    assert [fault.path.split(".")[0] for fault in faults] == ["pagination"]


def test_the_forms_of_pages_and_batches_are_taken_when_the_graph_is_checked() -> None:
    type = library().find("http_call", 1)
    assert type is not None
    params = {
        "url": "={{ $json.url }}",
        "query": {"a": ["1", 2]},
        "pagination": {"mode": "parameters", "query": {"page": "={{ $pageCount }}"}},
        "batching": {"size": 5, "interval_s": 1},
        "files": {"a": ["b"], "c": "d"},
    }
    assert type.check(params) == []


def test_a_batch_is_in_flight_at_once_and_its_items_keep_their_order() -> None:
    together = threading.Barrier(3, timeout=10)

    def wait_for_all(seen: Seen) -> Reply:
        together.wait()
        return answer({"n": int(seen.path[1:])})

    with serving(wait_for_all) as server:
        params = {
            "url": f"={server.url}/{{{{ $json.n }}}}",
            "batching": {"size": 3},
            "whole_response": False,
        }
        items = sent("http_call", params, [{"n": n} for n in range(6)], server)
        assert [(item.json["n"], item.paired[0].item) for item in items] == [
            (n, n) for n in range(6)
        ]
        keys = {seen.path: seen.header("idempotency-key") for seen in server.seen}
        assert keys == {f"/{n}": f"run:node:0:{n}:0" for n in range(6)}


def test_no_more_than_ten_are_in_flight() -> None:
    lock, now, most = threading.Lock(), 0, 0

    def count(seen: Seen) -> Reply:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.01)
        with lock:
            now -= 1
        return Reply()

    with serving(count) as server:
        sent("http_call", {"url": server.url, "batching": {"size": 60}}, [{}] * 60, server)
    assert (len(server.seen), 1 < most <= 10) == (60, True)


def test_an_item_of_a_batch_may_fail_alone() -> None:
    def odd(seen: Seen) -> Reply:
        return Reply(500 if seen.path == "/1" else 200)

    with serving(odd) as server:
        params = {"url": f"={server.url}/{{{{ $json.n }}}}", "batching": {"size": 3}}
        takes = [{"n": n} for n in range(4)]
        items = sent("http_call", params, takes, server, on_error="continue")
        assert ["error" in item.json for item in items] == [False, True, False, False]
        with pytest.raises(NodeError):
            sent("http_call", params, takes, server)


def test_no_request_of_a_batch_is_left_when_the_step_has_stopped() -> None:
    with serving(lambda seen: Reply(500 if seen.path == "/0" else 200)) as server:
        params = {"url": f"={server.url}/{{{{ $json.n }}}}", "batching": {"size": 60}}
        with pytest.raises(NodeError) as failure:
            sent("http_call", params, [{"n": n} for n in range(60)], server)
        names = [thread.name for thread in threading.enumerate()]
    # Also while somebody holds the error, and with it the step's frames.
    assert not [name for name in names if name.startswith("batch")], failure


def test_the_rest_between_batches_ends_when_the_attempt_is_revoked() -> None:
    attempt = MemoryAttempt()
    with serving(Reply()) as server:
        params = {"url": server.url, "batching": {"size": 1, "interval_s": 30}}
        threading.Timer(0.1, attempt.revoke).start()
        with pytest.raises(RevokedError):
            sent("http_call", params, [{}, {}], server, attempt=attempt)
        assert len(server.seen) == 1


def test_no_items_send_nothing() -> None:
    type = library().find("http_call", 1)
    assert type is not None
    call = make_call(type, {"url": "={{ $json.url }}"}, [])
    assert type.prepare(call).run(MemoryAttempt()) == Done({"main": []})
