"""Slack: what its examples cannot say."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpcore
import httpx
import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node, OnError
from apps.engine.items import Items, Json
from apps.engine.outcomes import Done
from apps.nodes.context import Services, bound
from apps.nodes.contract import Answer
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.registry import library
from tests.nodes.hostile import cases
from tests.nodes.outside import SLACK, CredentialsByType
from tests.nodes.twins import MemoryAttempt, StubHttp, make_call

TAKEN = Answer(200, {"ok": True, "channel": "C0", "ts": "1.2"})
MESSAGE: dict[str, Json] = {"credential": "c", "channel": "C0", "text": "Hi"}
BLOCK = {"type": "section", "text": {"type": "mrkdwn", "text": "*Hi*"}}


def ran(
    params: dict[str, Json],
    stub: StubHttp,
    takes: Sequence[Json] = ({},),
    on_error: OnError = "stop",
    values: dict[str, Any] = SLACK,
) -> Items:
    type = library().find("slack", 1)
    assert type is not None
    params = {**MESSAGE, **params}
    node = Node("n1", "slack", "Step", params, on_error=on_error)
    services = Services(transport=stub, credentials=CredentialsByType({"slack": values}))
    with bound(services):
        outcome = type.prepare(make_call(type, params, takes, node=node)).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


def request_of(params: dict[str, Json], answer: Answer = TAKEN) -> tuple[httpx.Request, Any]:
    stub = StubHttp([answer])
    ran(params, stub)
    [request] = stub.requests
    return request, json.loads(request.content)


def failure(params: dict[str, Json], answer: Answer = TAKEN) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ran(params, StubHttp([answer]))
    return raised.value


def test_no_items_post_nothing() -> None:
    assert ran({}, StubHttp([]), []) == []


def test_a_bot_posts_with_its_token_to_its_channel() -> None:
    request, body = request_of(
        {"thread_ts": "1.0", "username": "Shop", "icon": ":robot_face:", "blocks": [BLOCK]}
    )
    assert str(request.url) == "https://slack.com/api/chat.postMessage"
    assert request.headers["authorization"] == f"Bearer {SLACK['bot_token']}"
    assert body == {
        "channel": "C0",
        "text": "Hi",
        "thread_ts": "1.0",
        "username": "Shop",
        "icon_emoji": ":robot_face:",
        "blocks": [BLOCK],
    }


def test_an_icon_may_be_a_picture() -> None:
    _, body = request_of({"icon": "https://x.test/i.png"})
    assert body["icon_url"] == "https://x.test/i.png"


def test_a_webhook_is_told_no_channel_and_no_token() -> None:
    request, body = request_of({"send_by": "webhook"}, Answer(200, b"ok"))
    assert str(request.url) == SLACK["webhook_url"]
    assert body == {"text": "Hi"}
    assert "authorization" not in request.headers


@pytest.mark.parametrize("text", ["<!channel> & <@U1>", "<https://evil.test|good>"])
def test_data_in_the_text_rings_nobody_and_links_nowhere(text: str) -> None:
    _, body = request_of({"text": text})
    assert "<" not in body["text"]
    assert "&amp;" in body["text"] or "&lt;" in body["text"]


def test_markup_is_kept_where_it_is_wanted() -> None:
    assert request_of({"text": "<!here>", "markup": True})[1]["text"] == "<!here>"


@pytest.mark.parametrize(
    "blocks",
    [[BLOCK], {"blocks": [BLOCK]}, json.dumps([BLOCK]), json.dumps({"blocks": [BLOCK]})],
)
def test_blocks_are_read_however_they_come(blocks: Json) -> None:
    assert request_of({"blocks": blocks, "text": ""})[1] == {"channel": "C0", "blocks": [BLOCK]}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"text": ""}, "empty_message"),
        ({"text": "", "blocks": "[]"}, "empty_message"),
        ({"channel": " "}, "no_channel"),
        ({"text": "x" * 40_001}, "text_too_long"),
        ({"blocks": "{"}, "invalid_blocks"),
        ({"blocks": "[1]"}, "invalid_blocks"),
        ({"blocks": 7}, "invalid_blocks"),
        ({"blocks": {"type": "section"}}, "empty_message"),
        ({"blocks": [{"text": "no type"}]}, "invalid_blocks"),
        ({"blocks": [BLOCK] * 51}, "invalid_blocks"),
        ({"blocks": "[" * 300}, "invalid_blocks"),
    ],
)
def test_what_slack_could_not_take_is_not_sent(params: dict[str, Json], code: str) -> None:
    stub = StubHttp([])
    with pytest.raises(NodeError) as raised:
        ran({"text": "", **params} if "blocks" in params else params, stub)
    assert (raised.value.code, stub.requests) == (code, [])


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        (Answer(200, {"ok": False, "error": "channel_not_found"}), "slack_refused", False),
        (Answer(200, {"ok": False, "error": "internal_error"}), "slack_refused", True),
        (Answer(200, {"ok": False}), "slack_refused", False),
        (Answer(200, b"<html>"), "slack_refused", False),
        (Answer(200, []), "slack_refused", False),
        (Answer(302, b"", {"location": "https://evil.test/"}), "slack_refused", False),
        (Answer(503), "http_status", True),
        (Answer(429, {"ok": False, "error": "ratelimited"}), "http_status", True),
    ],
)
def test_an_answer_that_says_no_fails(answer: Answer, code: str, retryable: bool) -> None:
    error = failure({}, answer)
    assert (error.code, error.retryable) == (code, retryable)


def test_slack_is_left_alone_for_as_long_as_it_asks() -> None:
    assert failure({}, Answer(429, {}, {"retry-after": "30"})).retry_after_s == 30


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(400, b"invalid_payload"), "invalid_payload"),
        (Answer(403, b"action_prohibited"), "action_prohibited"),
        (Answer(404, b"no_service"), "no_service"),
    ],
)
def test_a_webhook_says_in_a_word_what_is_wrong(answer: Answer, told: str) -> None:
    error = failure({"send_by": "webhook"}, answer)
    assert error.code == "slack_refused"
    assert told in error.message


class Unreachable(StubHttp):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpcore.ConnectError("no route")


@pytest.mark.parametrize(
    "url",
    [
        SLACK["webhook_url"],
        "HTTPS://Hooks.Slack.test:443/services/T0/B0/x",
        "https://hooks.slack.test/services/T0/B0/ü",
        "ftp://hooks.slack.test/services/T0/B0/x",
    ],
)
def test_no_error_tells_the_url_of_a_webhook(url: str) -> None:
    with pytest.raises(NodeError) as raised:
        ran({"send_by": "webhook"}, Unreachable([]), values={**SLACK, "webhook_url": url})
    assert raised.value.code in ("connect", "invalid_url")
    assert "the incoming webhook" in raised.value.message
    assert "services/T0" not in raised.value.message


@pytest.mark.parametrize(("send_by", "missing"), [("bot", "bot_token"), ("webhook", "webhook_url")])
def test_a_credential_that_lacks_what_is_needed_says_so(send_by: str, missing: str) -> None:
    with pytest.raises(NodeError, match=missing) as raised:
        ran({"send_by": send_by}, StubHttp([]), values={**SLACK, missing: ""})
    assert raised.value.code == "credential_incomplete"


def test_a_webhook_at_a_private_address_is_refused(services: Services) -> None:
    values = {**SLACK, "webhook_url": "http://127.0.0.1:1/services/x"}
    vault = CredentialsByType({"slack": values})
    type = library().find("slack", 1)
    assert type is not None
    params = {**MESSAGE, "send_by": "webhook"}
    with (
        bound(replace(services, credentials=vault, egress=EgressPolicy())),
        pytest.raises(NodeError) as raised,
    ):
        type.prepare(make_call(type, params)).run(MemoryAttempt())
    assert raised.value.code == "egress_refused"


def test_an_item_that_fails_holds_up_no_other() -> None:
    no = Answer(200, {"ok": False, "error": "is_archived"})
    given = ran({}, StubHttp([TAKEN, no, TAKEN]), [{}, {}, {}], "continue")
    assert [item.json.get("error", {}).get("code") for item in given] == [
        None,
        "slack_refused",
        None,
    ]


@pytest.mark.parametrize(
    "case", cases("injection.jsonl", lambda case: case["family"] == "slack-text")
)
def test_hostile_text_is_sent_clean(case: Any) -> None:
    _, body = request_of({"text": case["params"]["text"]})
    assert "<" not in body["text"]
    assert ">" not in body["text"]
