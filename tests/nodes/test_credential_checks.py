"""Credentials are tried on their service, within some seconds, by the rules of egress."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.nodes import credential_checks
from apps.nodes.context import Services
from apps.nodes.contract import Answer
from apps.nodes.credential_checks import check_credential
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.http import HttpLimits
from apps.nodes.vault import Credential
from tests.nodes.databases import Database
from tests.nodes.twins import StubHttp

SECRET = "s3cret-token"


def credential(type: str, **values: Any) -> Credential:
    return Credential(type, CREDENTIAL_TYPES[type].model(**values).model_dump())


def code_of(check: Callable[[], None]) -> tuple[str, str]:
    with pytest.raises(NodeError) as failure:
        check()
    assert SECRET not in f"{failure.value.message}{failure.value.hint}"
    return failure.value.code, failure.value.message


def test_http_is_tried_by_a_get_of_the_url() -> None:
    stub = StubHttp([Answer(204)])
    bearer = credential("http_bearer", token=SECRET)
    check_credential(bearer, Services(transport=stub), "https://api.test/me")
    [request] = stub.requests
    assert (request.method, str(request.url)) == ("GET", "https://api.test/me")
    assert request.headers["authorization"] == f"Bearer {SECRET}"


def test_a_status_that_says_no_is_told_and_nothing_else_of_the_answer() -> None:
    stub = StubHttp([Answer(401, {"said": "inner secret"})])
    query = credential("http_query", name="key", value=SECRET)
    told = code_of(
        lambda: check_credential(query, Services(transport=stub), "https://api.test/me?a=b")
    )
    assert told == ("http_status", "GET https://api.test/me answered 401.")


def test_http_is_not_tried_on_a_host_that_is_not_its_own() -> None:
    bearer = credential("http_bearer", token=SECRET, allowed_hosts=["api.test"])
    services = Services(transport=StubHttp([]))
    code, _ = code_of(lambda: check_credential(bearer, services, "https://evil.test/"))
    assert code == "credential_refused"


def test_nothing_private_is_reached() -> None:
    bearer = credential("http_bearer", token=SECRET)
    code, _ = code_of(lambda: check_credential(bearer, Services(), "http://127.0.0.1:9/"))
    assert code == "egress_refused"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(200, {"ok": False, "error": "invalid_auth"}), "invalid_auth"),
        (Answer(200, {"ok": False, "error": f"no {SECRET}"}), "no reason"),
        (Answer(200, {"ok": 1}), "no reason"),
        (Answer(502, b"<html>"), "no reason"),
    ],
)
def test_slack_says_whether_it_takes_a_bot_token(answer: Answer, told: str) -> None:
    stub = StubHttp([Answer(200, {"ok": True}), answer])
    bot = credential("slack", bot_token=SECRET)
    services = Services(transport=stub)
    check_credential(bot, services)
    assert str(stub.requests[0].url) == credential_checks.SLACK_AUTH_TEST
    assert stub.requests[0].headers["authorization"] == f"Bearer {SECRET}"
    code, message = code_of(lambda: check_credential(bot, services))
    assert (code, message.split(": ")[1]) == ("slack_refused", f"{told}.")


def test_an_incoming_webhook_is_tried_without_a_message() -> None:
    webhook = credential("slack", webhook_url=f"https://hooks.test/{SECRET}")
    stub = StubHttp([Answer(400, b"no_text"), Answer(404, b"no_service")])
    check_credential(webhook, Services(transport=stub))
    assert stub.requests[0].content == b"{}"
    code, _ = code_of(lambda: check_credential(webhook, Services(transport=stub)))
    assert code == "slack_refused"


def test_the_url_of_a_webhook_is_told_in_no_spelling() -> None:
    webhook = credential("slack", webhook_url=f"HTTPS://Hooks.test/{SECRET}")
    stub, limits = StubHttp([Answer(400, b"no_text")]), HttpLimits(response_bytes=1)
    services = Services(transport=stub, http=limits)
    told = code_of(lambda: check_credential(webhook, services))
    assert told == ("response_too_large", "The answer of the incoming webhook is over 1 bytes.")


def test_no_redirect_leads_a_try_elsewhere() -> None:
    moved = Answer(302, b"", {"location": "https://elsewhere.test/"})
    stub = StubHttp([moved, moved])
    services = Services(transport=stub)
    for tried in (
        credential("slack", bot_token=SECRET),
        credential("slack", webhook_url=f"https://hooks.test/{SECRET}"),
    ):
        assert code_of(lambda tried=tried: check_credential(tried, services))[0] == "slack_refused"
    assert {request.url.host for request in stub.requests} == {"slack.com", "hooks.test"}


def test_a_database_is_logged_in_to(postgres_url: str) -> None:
    database = Database(postgres_url)
    services = Services(egress=database.policy)
    check_credential(credential("postgres", **database.values), services)
    nobody = credential("postgres", **database.values | {"user": "nobody"})
    assert code_of(lambda: check_credential(nobody, services))[0] == "login_refused"
    closed = Services(egress=EgressPolicy())
    good = credential("postgres", **database.values)
    assert code_of(lambda: check_credential(good, closed))[0] == "egress_refused"


@pytest.mark.parametrize("type", ["http_bearer", "postgres"])
def test_a_service_that_says_nothing_is_not_waited_for(
    type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credential_checks, "CHECK_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        values = {
            "http_bearer": {"token": SECRET},
            "postgres": {"host": host, "port": port, "database": "a", "user": "b"},
        }
        services = Services(egress=EgressPolicy([f"{host}:{port}"]))
        began = time.monotonic()
        tried = credential(type, **values[type])
        code, _ = code_of(lambda: check_credential(tried, services, f"http://{host}:{port}/"))
    assert code in ("timeout", "connect", "connection_lost")
    assert time.monotonic() - began < 10
