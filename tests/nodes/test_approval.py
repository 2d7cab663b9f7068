"""Approval: whom it asks, what stands in the messages, and what it waits for."""

import json
import smtplib
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.engine.outcomes import Wait
from apps.nodes.context import Services, bound
from apps.nodes.contract import Answer
from apps.nodes.outside.mail import Message, Server
from tests.nodes.mails import MemoryMailer, told
from tests.nodes.outside import SLACK, CredentialsByType
from tests.nodes.twins import NOW, MemoryAttempt, Ran, StubHttp, make_call, run_step, type_of

TAKEN = Answer(200, {"ok": True, "channel": "C0", "ts": "1.2"})
ASKED: dict[str, Json] = {"question": "Refund?", "details": "It was broken.", "from": "shop@x.test"}


DECIDED: dict[str, Json] = {"decision": "approve", "by": "ada@x.test", "comment": ""}


class PartlyAway(MemoryMailer):
    """Takes no message for `away.test`."""

    def send(self, message: Message, server: Server | None) -> Mapping[str, str]:
        if message.to[0].domain == "away.test":
            raise smtplib.SMTPRecipientsRefused({message.to[0].address: (550, b"away")})
        return super().send(message, server)


def asked(mailer: MemoryMailer | None = None, **params: Json) -> tuple[Ran, list[dict[str, Json]]]:
    """The step, and the messages that it sent."""
    mailer = mailer or MemoryMailer()
    with bound(Services(mailer=mailer)):
        ran = run_step(type_of("approval"), {**ASKED, **params})
    return ran, [told(message) for message in mailer.sent]


def test_each_recipient_gets_a_message_of_their_own() -> None:
    _, messages = asked(to="Ada <ada@x.test>; grace@x.test, ada@x.test")
    assert [message["to"] for message in messages] == [["ada@x.test"], ["grace@x.test"]]
    assert {message["subject"] for message in messages} == {"Refund?"}
    assert "It was broken." in messages[0]["text"]
    assert "http://localhost/n1/0" in messages[0]["text"]


@pytest.mark.parametrize(
    ("params", "until"),
    [
        ({"wait_s": 3_600}, "until 1 March 2026, 15:00 (Europe/Riga)"),
        ({}, "until 1 March 2027, 14:00 (Europe/Riga)"),
    ],
)
def test_a_message_tells_who_asks_and_until_when(params: dict[str, Json], until: str) -> None:
    _, [message] = asked(to="ada@x.test", **params)
    assert message["text"] == (
        "The workflow “Demo” asks you:\nRefund?\n\n"
        "It was broken.\n\n"
        f"Approve or reject, {until}:\nhttp://localhost/n1/0\n\n"
        "After that it counts as rejected. "
        "The link is yours alone: who has it decides in your name."
    )


@pytest.mark.parametrize(
    ("signal", "line"),
    [
        (DECIDED, "Approved by ada@x.test."),
        ({**DECIDED, "decision": "reject", "by": ""}, "Rejected by who had the link."),
        (None, "Nobody decided in time, so it counts as rejected."),
    ],
)
def test_the_log_says_who_decided(signal: dict[str, Json] | None, line: str) -> None:
    type, attempt = type_of("approval"), MemoryAttempt()
    type.resume(make_call(type, ASKED, signal=signal), attempt)
    assert attempt.lines == [("info", line)]


def test_messages_that_are_sent_again_are_the_same() -> None:
    _, first = asked(to="ada@x.test, grace@x.test")
    _, again = asked(to="ada@x.test, grace@x.test")
    assert first == again
    assert len({message["message_id"] for message in first}) == 2


def test_who_cannot_be_asked_is_told_in_the_log() -> None:
    ran, messages = asked(PartlyAway(), to="ada@away.test, grace@x.test")
    assert [message["to"] for message in messages] == [["grace@x.test"]]
    assert isinstance(ran.outcome, Wait)
    [(level, text)] = ran.attempt.lines
    assert level == "warn"
    assert text.startswith("ada@away.test was not asked:")


def test_a_step_that_can_ask_nobody_fails() -> None:
    with pytest.raises(NodeError) as failure:
        asked(PartlyAway(), to="ada@away.test, grace@away.test")
    assert failure.value.code == "recipients_refused"


@pytest.mark.parametrize(("wait_s", "until"), [(60, 60), (None, 365 * 86_400)])
def test_it_waits_so_long_with_what_it_asks(wait_s: int | None, until: int) -> None:
    ran, _ = asked(wait_s=wait_s)
    asks = {"question": "Refund?", "details": "It was broken."}
    assert ran.outcome == Wait("approval", NOW + timedelta(seconds=until), asks=asks)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"question": "Refund?\nBcc: eve@x.test"}, "invalid_header"),
        ({"to": "={{ 'nobody' }}"}, "invalid_params"),
        ({"to": ", ".join(f"a{n}@x.test" for n in range(51))}, "too_many_recipients"),
        ({"to": "ada@x.test", "from": "a@x.test, b@x.test"}, "invalid_address"),
    ],
    ids=["two lines", "no address", "too many", "two senders"],
)
def test_what_cannot_be_sent_is_a_named_error_and_nobody_is_asked(
    params: dict[str, Json], code: str
) -> None:
    mailer = MemoryMailer()
    with pytest.raises(NodeError) as failure:
        asked(mailer, **params)
    assert failure.value.code == code
    assert mailer.sent == []


def posted(
    answer: Answer = TAKEN, **params: Json
) -> tuple[Ran, httpx.Request, Mapping[str, Json], MemoryMailer]:
    """The step, what it posted to Slack, and the mailer that it must not need."""
    asks = {"question": "Refund <7>?", "ask_by": "slack", "credential": "c", **params}
    stub, mailer = StubHttp([answer]), MemoryMailer()
    vault = CredentialsByType({"slack": SLACK})
    with bound(Services(mailer=mailer, transport=stub, credentials=vault)):
        ran = run_step(type_of("approval"), asks)
    [request] = stub.requests
    return ran, request, json.loads(request.content), mailer


def test_a_channel_of_slack_gets_a_link() -> None:
    ran, request, message, mailer = posted(channel="C0", details="<!here> & now")
    assert str(request.url) == "https://slack.com/api/chat.postMessage"
    assert message == {
        "channel": "C0",
        "text": "The workflow “Demo” asks:\nRefund &lt;7&gt;?\n\n&lt;!here&gt; &amp; now\n\n"
        "<http://localhost/n1/0|Approve or reject> until 1 March 2027, 14:00 (Europe/Riga)",
        "unfurl_links": False,
    }
    assert isinstance(ran.outcome, Wait)
    assert mailer.sent == []


def test_without_a_channel_the_incoming_webhook_gets_it() -> None:
    _, request, message, _ = posted(Answer(200, b"ok"))
    assert str(request.url) == SLACK["webhook_url"]
    assert "channel" not in message


def test_a_channel_that_cannot_be_asked_fails_the_step() -> None:
    with pytest.raises(NodeError) as failure:
        posted(Answer(200, {"ok": False, "error": "not_in_channel"}), channel="C0")
    assert failure.value.code == "slack_refused"


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"ask_by": "slack"}, "credential"),
        ({"ask_by": "slack", "credential": "c", "to": "ada@x.test"}, "to"),
        ({"ask_by": "slack", "credential": "c", "from": "ada@x.test"}, "from"),
        ({"channel": "C0"}, "channel"),
    ],
)
def test_what_belongs_to_another_way_of_asking_is_a_fault(
    params: dict[str, Json], path: str
) -> None:
    [fault] = type_of("approval").check({"question": "Refund?", **params})
    assert path in fault.path + fault.message


def test_each_way_of_asking_takes_its_own_credentials() -> None:
    assert type_of("approval").credentials_for({"ask_by": "slack"}) == ("slack",)
    assert "slack" not in type_of("approval").credentials_for({})


@pytest.mark.parametrize(
    ("params", "only"),
    [
        ({}, None),
        ({"who_may": "asked", "to": "Ada <ada@x.test>, ada@x.test"}, ["ada@x.test"]),
        ({"who_may": "asked"}, []),
    ],
)
def test_it_tells_who_alone_may_decide(params: dict[str, Json], only: list[str] | None) -> None:
    ran, _ = asked(**params)
    assert isinstance(ran.outcome, Wait)
    assert ran.outcome.asks.get("only") == only
