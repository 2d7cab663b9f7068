"""GraphQL: what its examples cannot say."""

import json
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.nodes.registry import library
from apps.nodes.vault import Credential
from tests.nodes.sending import sent
from tests.nodes.servers import LocalServer, Reply, Seen, serving

DATA = {"data": {"n": 1}}


def answer(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps(value).encode())


def asked(server: LocalServer, takes: Any = ({},), **params: Any) -> list[Any]:
    wanted = {"url": server.url, "query": "{ n }", **params}
    return [item.json for item in sent("graphql", wanted, takes, server)]


def failure_of(reply: Reply, **params: Any) -> NodeError:
    with serving(reply) as server, pytest.raises(NodeError) as failure:
        asked(server, **params)
    return failure.value


def test_the_question_bears_what_it_has_and_no_more() -> None:
    with serving(answer(DATA)) as server:
        asked(server)
        asked(server, variables={"id": 7}, operation_name="n", headers={"X-A": "b"})
        asked(server, variables='{"id": 12345678901234567890}')
        asked(server, variables=" ")
    plain, full, written, blank = (json.loads(seen.body) for seen in server.seen)
    assert plain == blank == {"query": "{ n }"}
    assert full == {"query": "{ n }", "variables": {"id": 7}, "operationName": "n"}
    assert written["variables"] == {"id": 12345678901234567890}
    first = server.seen[0]
    assert (first.method, first.header("content-type")) == ("POST", "application/json")
    assert "graphql-response" in (first.header("accept") or "")
    assert server.seen[1].header("x-a") == "b"


def test_variables_are_those_of_each_item() -> None:
    def echo(seen: Seen) -> Reply:
        return answer({"data": json.loads(seen.body)["variables"]})

    with serving(echo) as server:
        params = {"variables": {"id": "={{ $json.id }}"}, "batching": {"size": 3}}
        given = asked(server, [{"id": 1}, {"id": 2}, {"id": 3}], **params)
    assert given == [{"data": {"id": 1}}, {"data": {"id": 2}}, {"data": {"id": 3}}]


@pytest.mark.parametrize("variables", ["{", "[1]", "1", '"x"', "\ud800"])
def test_variables_that_are_no_object_are_told(variables: str) -> None:
    type = library().find("graphql", 1)
    assert type is not None
    params = {"url": "http://api.test/", "query": "{ n }", "variables": variables}
    assert [fault.code for fault in type.check(params)] == ["invalid_value"]
    assert failure_of(answer(DATA), variables=variables).code == "invalid_params"


def test_errors_tell_their_messages_and_paths() -> None:
    errors = [
        {"message": "no right to see it", "path": ["users", 0, "pay"]},
        {"message": "too deep"},
        "odd",
        {"nothing": 1},
    ]
    failure = failure_of(answer({"data": None, "errors": errors}))
    assert failure.code == "graphql_error"
    assert failure.message == (
        "The server answered with errors: no right to see it (at users.0.pay); too deep; odd."
        " And 1 more."
    )


def test_errors_with_a_status_that_says_no_are_told_all_the_same() -> None:
    failure = failure_of(answer({"errors": [{"message": "syntax"}]}, 400))
    assert (failure.code, failure.retryable) == ("graphql_error", False)
    busy = failure_of(answer({"errors": [{"message": "busy"}]}, 503, **{"Retry-After": "9"}))
    assert (busy.code, busy.retryable, busy.retry_after_s) == ("graphql_error", True, 9)


def test_errors_are_given_where_they_are_wanted_and_there_are_data() -> None:
    both = {"data": {"n": None}, "errors": [{"message": "partly"}]}
    with serving(answer(both)) as server:
        assert asked(server, errors="give") == [both]
    failure = failure_of(answer({"errors": [{"message": "nothing"}]}), errors="give")
    assert failure.code == "graphql_error"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(200, {}, b"<html>"), "bad_response"),
        (Reply(200, {}, b""), "bad_response"),
        (answer([]), "bad_response"),
        (answer({}), "bad_response"),
        (answer({"errors": []}), "bad_response"),
        (answer({"errors": {"a": 1}}), "bad_response"),
        (Reply(502, {}, b"<html>bad gateway"), "http_status"),
        (answer(DATA, 500), "http_status"),
        (answer({"data": None, "errors": "odd"}), "graphql_error"),
        (answer({"data": None, "errors": [{"message": {"a": 1}, "path": "x"}]}), "graphql_error"),
    ],
)
def test_what_is_no_answer_of_graphql_is_a_named_error(reply: Reply, code: str) -> None:
    assert failure_of(reply).code == code


def test_an_item_may_fail_alone() -> None:
    def odd(seen: Seen) -> Reply:
        id = json.loads(seen.body)["variables"]["id"]
        return answer({"data": {"id": id}} if id else {"errors": [{"message": "none"}]})

    with serving(odd) as server:
        params = {"url": server.url, "query": "{ n }", "variables": {"id": "={{ $json.id }}"}}
        items = sent("graphql", params, [{"id": 1}, {"id": 0}], server, on_error="continue")
    assert items[0].json == {"data": {"id": 1}}
    assert items[1].json["error"]["code"] == "graphql_error"


def test_a_credential_is_put_on_the_question() -> None:
    known = {"c": Credential("http_bearer", {"token": "t"})}
    with serving(answer(DATA)) as server:
        params = {"url": server.url, "query": "{ n }", "credential": "c"}
        sent("graphql", params, ({},), server, known=known)
    assert server.seen[0].header("authorization") == "Bearer t"


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"query": ""}, "query"),
        ({"url": ""}, "url"),
        ({"errors": "hide"}, "errors"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": 3601}, "timeout_s"),
        ({"batching": {"size": 0}}, "batching.size"),
        ({"batching": {"interval_s": -1}}, "batching.interval_s"),
    ],
)
def test_params_that_cannot_be_are_a_fault(params: dict[str, Any], path: str) -> None:
    type = library().find("graphql", 1)
    assert type is not None
    wanted = {"url": "https://api.test/", "query": "{ n }", **params}
    assert [fault.path for fault in type.check(wanted)] == [path]
