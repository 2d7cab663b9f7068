"""Alerts leave by mail, to Slack and to webhooks, until they were taken, and for a day at most."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from apps.credentials.vault import Vault
from apps.engine.errors import NodeError
from apps.nodes.context import Services, bound
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.webhooks.signatures import Signed, standard_webhooks
from apps.operations.alerts import send as module
from apps.operations.alerts.outbox import Event, tell
from apps.operations.alerts.send import pause_s, send_due
from apps.operations.models import AlertDelivery, AlertRule
from tests.factories import make_alert_rule, make_credential, make_workspace

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


class Receiver(ThreadingHTTPServer):
    """Takes what is posted to it, and answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.taken.append((self.path, headers, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    Thread(target=server.serve_forever, daemon=True).start()
    policy = EgressPolicy([f"127.0.0.1:{server.server_port}"])
    with bound(Services(egress=policy, credentials=Vault())):
        yield server
    server.shutdown()
    server.server_close()


def put_out(rule: AlertRule, subject: str = "it is late", text: str = "since noon") -> None:
    tell(rule, None, Event.TEST, subject, text, timezone.now() - SECOND)


def send_again() -> AlertDelivery:
    """As somebody does later; gives the one delivery."""
    AlertDelivery.objects.filter(status="pending").update(next_attempt_at=timezone.now() - SECOND)
    send_due()
    return AlertDelivery.objects.get()


def hooked(receiver: Receiver, **fields: Any) -> AlertRule:
    return make_alert_rule(
        fields.pop("workspace", None) or make_workspace(),
        emails=[],
        webhook_url=f"{receiver.url}/alerts",
        **fields,
    )


def test_a_mail_goes_to_all_addresses(mailoutbox: list[EmailMessage]) -> None:
    put_out(make_alert_rule(make_workspace(), emails=["a@example.org", "b@example.org"]))
    delivery = send_again()
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["a@example.org", "b@example.org"], "[FlowForge] it is late")
    assert mail.extra_headers["Message-ID"].startswith(f"<{delivery.pk}@")
    assert (delivery.status, delivery.answer) == ("sent", "sent to a@example.org, b@example.org")
    send_again()
    assert len(mailoutbox) == 1


def test_a_mail_has_one_subject_whatever_the_rule_is_called(mailoutbox: list[EmailMessage]) -> None:
    put_out(make_alert_rule(make_workspace()), "Orders\r\nBcc: all@example.org: 1 run failed")
    assert send_again().status == "sent"
    [mail] = mailoutbox
    assert mail.subject == "[FlowForge] Orders Bcc: all@example.org: 1 run failed"
    assert mail.bcc == []


def test_a_webhook_says_what_it_is_about(receiver: Receiver) -> None:
    rule = hooked(receiver)
    put_out(rule)
    delivery = send_again()
    [(path, headers, body)] = receiver.taken
    told = json.loads(body)
    assert (path, headers["content-type"]) == ("/alerts", "application/json")
    assert (told["id"], told["event"], told["subject"]) == (str(delivery.pk), "test", "it is late")
    assert told["rule"] == {"id": str(rule.pk), "name": rule.name, "kind": "run_failed"}
    assert (delivery.status, delivery.answer) == ("sent", "answered 200")


def test_a_webhook_is_signed_and_bears_its_credential(receiver: Receiver) -> None:
    workspace = make_workspace()
    header = make_credential(workspace, "http_header", {"name": "X-Key", "value": "s3cret-key"})
    secret = make_credential(workspace, "webhook_secret", {"secret": "whsec_c2lnbmVkLXdlbGw="})
    put_out(hooked(receiver, workspace=workspace, webhook_credential=header, webhook_secret=secret))
    send_again()
    [(_, headers, body)] = receiver.taken
    assert headers["x-key"] == "s3cret-key"
    standard_webhooks(Signed(headers, body, timezone.now().timestamp()), ["whsec_c2lnbmVkLXdlbGw="])


def test_what_is_not_taken_is_sent_again_with_the_same_id_and_body(receiver: Receiver) -> None:
    receiver.statuses = [503]
    put_out(hooked(receiver))
    first = send_again()
    assert (first.status, first.attempts) == ("pending", 1)
    assert first.answer == "The webhook answered 503."
    assert first.next_attempt_at is not None
    assert first.next_attempt_at > timezone.now()
    assert send_again().status == "sent"
    (_, one, body), (_, other, again) = receiver.taken
    assert (one["webhook-id"], body) == (other["webhook-id"], again)


def test_pauses_grow_up_to_an_hour() -> None:
    assert [pause_s(attempts) for attempts in (1, 2, 3, 8, 50)] == [30, 60, 120, 3_600, 3_600]


def test_after_a_day_it_is_given_up(receiver: Receiver) -> None:
    receiver.statuses = [500]
    put_out(hooked(receiver))
    AlertDelivery.objects.update(give_up_at=timezone.now())
    assert send_again().status == "failed"


def test_who_dies_while_sending_leaves_it_to_others(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_out(hooked(receiver))

    def die(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "send", die)
        with pytest.raises(KeyboardInterrupt):
            send_due()
    send_due()
    assert receiver.taken == [], "it may still be sent by who took it"
    assert (send_again().status, len(receiver.taken)) == ("sent", 1)


def test_what_kills_whoever_sends_it_is_tried_ever_more_rarely_and_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "send", die)
    put_out(make_alert_rule(make_workspace()))
    for _ in range(8):
        with pytest.raises(KeyboardInterrupt):
            send_again()
    delivery = AlertDelivery.objects.get()
    assert delivery.next_attempt_at is not None
    assert delivery.next_attempt_at > timezone.now() + timedelta(minutes=50)
    AlertDelivery.objects.update(give_up_at=timezone.now() - SECOND)
    assert (send_again().status, delivery.attempts) == ("failed", 8)


def test_a_message_of_before_an_outage_is_tried_once(receiver: Receiver) -> None:
    put_out(hooked(receiver))
    AlertDelivery.objects.update(give_up_at=timezone.now() - SECOND)
    assert send_again().status == "sent"


def test_a_message_that_was_not_taken_before_an_outage_is_tried_once_more(
    receiver: Receiver,
) -> None:
    receiver.statuses = [503]
    put_out(hooked(receiver))
    send_again()
    AlertDelivery.objects.update(give_up_at=timezone.now() - SECOND)
    assert send_again().status == "sent"


def test_what_is_private_is_refused_as_to_nodes(receiver: Receiver) -> None:
    rule = hooked(receiver)
    AlertRule.objects.update(webhook_url="http://127.0.0.1:1/alerts")
    rule.refresh_from_db()
    put_out(rule)
    delivery = send_again()
    assert "are refused: that is no public address" in delivery.answer
    assert receiver.taken == []


def test_no_error_tells_the_url_or_a_secret(receiver: Receiver) -> None:
    workspace = make_workspace()
    slack = {"webhook_url": f"{receiver.url}/services/T0/B0/s3cret-path"}
    receiver.statuses = [404]
    put_out(
        make_alert_rule(
            workspace, emails=[], slack_credential=make_credential(workspace, "slack", slack)
        )
    )
    delivery = send_again()
    assert delivery.answer.startswith("Slack did not take the message")
    assert "s3cret" not in delivery.answer


def test_slack_is_posted_to_by_the_incoming_webhook(receiver: Receiver) -> None:
    workspace = make_workspace()
    values = {"webhook_url": f"{receiver.url}/services/T0"}
    credential = make_credential(workspace, "slack", values)
    put_out(
        make_alert_rule(workspace, emails=[], slack_credential=credential), "<!here> a & b", "why"
    )
    assert send_again().status == "sent"
    [(path, _, body)] = receiver.taken
    assert path == "/services/T0"
    assert json.loads(body) == {"text": "&lt;!here&gt; a &amp; b\nwhy"}


def test_each_channel_has_a_delivery_of_its_own(
    receiver: Receiver, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = hooked(receiver)
    rule.emails = ["a@example.org"]
    rule.save()

    def fail(*_: Any) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(EmailMessage, "send", fail)
    put_out(rule)
    send_due()
    answers = dict(AlertDelivery.objects.values_list("channel", "answer"))
    assert answers == {
        "email": "The mail could not be sent: [Errno 111] Connection refused",
        "webhook": "answered 200",
    }


def test_a_channel_that_the_rule_lost_is_told(receiver: Receiver) -> None:
    put_out(hooked(receiver))
    AlertRule.objects.update(webhook_url="")
    assert send_again().answer == "The rule does not tell by this channel any more."


def test_a_fault_of_ours_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> str:
        raise ValueError

    put_out(make_alert_rule(make_workspace()))
    monkeypatch.setattr(module, "send", fail)
    delivery = send_again()
    assert delivery.status == "pending"
    assert delivery.answer == "It failed unexpectedly; the server's log has the details."


def test_an_answer_that_no_column_can_hold_is_noted_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any) -> str:
        raise NodeError("slack_refused", "Slack did not take the message: no\0channel.")

    put_out(make_alert_rule(make_workspace()))
    monkeypatch.setattr(module, "send", refuse)
    assert send_again().answer == "Slack did not take the message: no\ufffdchannel."
