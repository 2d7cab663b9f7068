"""OAuth2: what is asked of an authorization server, and what is made of its answers."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from apps.engine.errors import NodeError
from apps.nodes.outside.oauth2 import Tokens, by_client, by_code, by_refresh, consent_url
from tests.nodes.sending import http_to
from tests.nodes.servers import Reply, Seen, serving

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = "cl1ent-s3cret"


def values(url: str = "https://login.test", **more: Any) -> dict[str, Any]:
    return {
        "authorize_url": f"{url}/authorize",
        "token_url": f"{url}/token?tenant=a",
        "client_id": "us",
        "client_secret": SECRET,
        "scope": "",
        "client_auth": "header",
        **more,
    }


def given(answer: Any, status: int = 200, **headers: str) -> Tokens:
    """What is made of an answer to a request in the program's own name."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    reply = Reply(status, {"Content-Type": "application/json", **headers}, body)
    with serving(reply) as server, http_to(server) as http:
        return by_client(http, values(server.url), NOW)


def refusal(answer: Any, status: int = 200, **headers: str) -> NodeError:
    with pytest.raises(NodeError) as failure:
        given(answer, status, **headers)
    return failure.value


GOOD = {"access_token": "a-token", "token_type": "Bearer"}


def test_a_person_is_sent_to_consent_with_all_that_proves_the_answer() -> None:
    url = consent_url(
        values(authorize_url="https://login.test/authorize?prompt=consent", scope="a b"),
        redirect_uri="https://flow.test/back",
        state="s&t",
        verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    )
    assert url.startswith("https://login.test/authorize?prompt=consent&")
    assert parse_qs(urlsplit(url).query) == {
        "prompt": ["consent"],
        "response_type": ["code"],
        "client_id": ["us"],
        "redirect_uri": ["https://flow.test/back"],
        "scope": ["a b"],
        "state": ["s&t"],
        # the example of RFC 7636, appendix B
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
    }


@pytest.mark.parametrize("client_auth", ["header", "body"])
def test_the_client_proves_itself_where_its_server_wants_it(client_auth: str) -> None:
    reply = Reply(200, {}, json.dumps(GOOD).encode())
    with serving(reply) as server, http_to(server) as http:
        wanted = values(server.url, client_auth=client_auth, scope="a b")
        by_client(http, wanted, NOW)
        by_code(http, wanted, NOW, code="c", verifier="v", redirect_uri="https://flow.test/back")
        by_refresh(http, wanted, NOW, refresh_token="r")
    proof = {"client_id": ["us"], "client_secret": [SECRET]} if client_auth == "body" else {}
    assert [parse_qs(seen.body.decode()) for seen in server.seen] == [
        {"grant_type": ["client_credentials"], "scope": ["a b"]} | proof,
        {
            "grant_type": ["authorization_code"],
            "code": ["c"],
            "redirect_uri": ["https://flow.test/back"],
            "code_verifier": ["v"],
        }
        | proof,
        {"grant_type": ["refresh_token"], "refresh_token": ["r"]} | proof,
    ]
    basic = f"Basic {base64.b64encode(f'us:{SECRET}'.encode()).decode()}"
    for seen in server.seen:
        assert (seen.method, seen.path) == ("POST", "/token?tenant=a")
        assert seen.header("content-type") == "application/x-www-form-urlencoded"
        assert seen.header("authorization") == (basic if client_auth == "header" else None)


def test_an_id_that_no_header_can_bear_is_told() -> None:
    with serving(Reply()) as server, http_to(server) as http:
        with pytest.raises(NodeError) as failure:
            by_client(http, values(server.url, client_secret="пароль"), NOW)
        assert server.seen == []
    assert failure.value.code == "credential_incomplete"
    assert "пароль" not in failure.value.message


def test_a_refresh_token_that_comes_along_replaces_the_old_one() -> None:
    for more, kept in [({}, "old"), ({"refresh_token": "new"}, "new")]:
        reply = Reply(200, {}, json.dumps(GOOD | more).encode())
        with serving(reply) as server, http_to(server) as http:
            tokens = by_refresh(http, values(server.url), NOW, refresh_token="old")
        assert tokens.refresh_token == kept


@pytest.mark.parametrize(
    ("told", "lifetime_s"),
    [
        (3600, 3600), ("3600", 3600), (1.5, 1.5), (None, None), ("soon", None), (-1, None),
        (0, None), (True, None), ([], None), (10**400, None), (10**12, None), ("nan", None),
    ],
)  # fmt: skip
def test_a_token_ends_when_it_is_said_to(told: Any, lifetime_s: float | None) -> None:
    tokens = given(GOOD | {"expires_in": told})
    expected = None if lifetime_s is None else NOW + timedelta(seconds=lifetime_s)
    assert tokens.expires_at == expected
    assert tokens.is_fresh(NOW)


def test_some_servers_answer_with_a_form() -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert given(b"access_token=a-token&token_type=bearer", **kind).access_token == "a-token"
    refused = refusal(b"error=bad_verification_code&error_description=It+is+old.", **kind)
    assert refused.message.endswith("gave no token (bad_verification_code: It is old).")
    assert refusal(b"&".join([b"a=b"] * 200), **kind).code == "oauth_bad_answer"


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"<html>", b"\xff", [], "text", 7, {}, {"access_token": ""}, {"access_token": 7},
        {"access_token": "a b"}, {"access_token": "a\r\nX: y"}, {"access_token": "ä"},
        {"access_token": "x" * 20_000}, GOOD | {"token_type": "mac"}, GOOD | {"token_type": None},
    ],
)  # fmt: skip
def test_an_answer_without_a_token_to_use_is_told(answer: Any) -> None:
    failure = refusal(answer)
    assert failure.code == "oauth_bad_answer"


@pytest.mark.parametrize(
    ("status", "answer", "reason", "retryable"),
    [
        (400, {"error": "invalid_grant"}, "(invalid_grant)", False),
        (401, {"error": "invalid_client", "error_description": "who?"}, "client: who?)", False),
        (200, {"error": "incorrect_client_credentials"}, "(incorrect_client_credentials)", False),
        (503, {"error": "temporarily_unavailable"}, "(temporarily_unavailable)", True),
        (400, {"error": "server_error"}, "(server_error)", True),
        (500, b"<html>", "(status 500)", True),
        (302, b"", "(status 302)", False),
        (400, {"error": {"a": 1}}, "(status 400)", False),
        (400, {"error": "a b\n" * 99}, "(status 400)", False),
        (400, {"error": "x", "error_description": ["y"]}, "(x)", False),
    ],
)
def test_a_refusal_tells_the_reason_of_the_server(
    status: int, answer: Any, reason: str, retryable: bool
) -> None:
    failure = refusal(answer, status, Location="http://127.0.0.1:1/")
    assert (failure.code, failure.retryable) == ("oauth_refused", retryable)
    assert reason in failure.message


def test_no_error_tells_what_the_server_was_told() -> None:
    def echo(seen: Seen) -> Reply:
        said = f"{seen.body.decode()} {SECRET}"
        return Reply(400, {}, json.dumps({"error": "no", "error_description": said}).encode())

    with serving(echo) as server, http_to(server) as http:
        for ask in (
            lambda: by_code(http, values(server.url), NOW, code="the-c0de", verifier="ver1fier",
                            redirect_uri="x"),
            lambda: by_refresh(http, values(server.url), NOW, refresh_token="the-refr3sh"),
        ):  # fmt: skip
            with pytest.raises(NodeError) as failure:
                ask()
            told = failure.value.message
            assert "no: " in told
            assert all(
                it not in told for it in ("the-c0de", "ver1fier", "the-refr3sh", SECRET, "tenant")
            )
    assert "a-token" not in repr(Tokens("a-token", "r-token"))
    assert "r-token" not in repr(Tokens("a-token", "r-token"))
