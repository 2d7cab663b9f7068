"""How a message goes out: by mail, to Slack, to a webhook.

What is not the operator's own mail server is reached as nodes reach it: by the egress policy, with
the secrets of credentials, which no error tells.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core.mail import EmailMessage

from apps.credentials.models import Credential
from apps.credentials.vault import open_for, reveal_for
from apps.engine.errors import NodeError, RevokedError
from apps.nodes.context import services
from apps.nodes.lone_attempt import LoneAttempt, lone_attempt, lone_http
from apps.nodes.outside.http import Http
from apps.nodes.outside.mail_addresses import read_addresses
from apps.nodes.requests.auth import secret_url, send_authorised
from apps.nodes.requests.slack import escaped, post_as_bot, post_by_webhook
from apps.nodes.vault import Credential as Revealed
from apps.nodes.webhooks.signatures import standard_signature
from apps.operations.alerts.outbox import Channel, recipients
from apps.operations.models.alerts import AlertDelivery

SEND_S = 15.0
"""How long a request may take."""
MOST_TO_SLACK = 3_000


def send(delivery: AlertDelivery) -> str:
    """Send a message once, and give what was answered, in short.

    Raises NodeError, and OSError as all errors of mail are, with what went wrong.
    """
    return _SENDERS[delivery.channel](delivery)


def _mail(delivery: AlertDelivery) -> str:
    to = recipients(delivery.rule)
    if not to:
        raise _no_channel()
    [sender] = read_addresses(settings.DEFAULT_FROM_EMAIL, "DEFAULT_FROM_EMAIL")
    headers = {
        # The same at each attempt: who gets it twice may know.
        "Message-ID": f"<{delivery.pk}@{sender.domain}>",
        "Auto-Submitted": "auto-generated",
    }
    subject, text = f"[FlowForge] {delivery.subject}", delivery.text
    EmailMessage(subject, text, to=to, headers=headers).send()
    return f"sent to {', '.join(to)}"[:500]


def _slack(delivery: AlertDelivery) -> str:
    rule = delivery.rule
    if rule.slack_credential is None:
        raise _no_channel()
    text = escaped(f"{delivery.subject}\n{delivery.text}"[:MOST_TO_SLACK])
    with _outside(rule.slack_credential) as outside:
        values = outside.credential(str(rule.slack_credential_id), ("slack",)).values
        if rule.slack_channel:
            post_as_bot({"text": text, "channel": rule.slack_channel}, values, outside)
        else:
            post_by_webhook({"text": text}, values, outside)
    return "posted"


def _webhook(delivery: AlertDelivery) -> str:
    rule = delivery.rule
    if not rule.webhook_url:
        raise _no_channel()
    body = json.dumps(_told(delivery), ensure_ascii=False).encode()
    id, moment = str(delivery.pk), int(time.time())
    headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(moment),
    }
    if rule.webhook_secret is not None:
        workspace = rule.webhook_secret.workspace_id
        _, signing = open_for(workspace, str(rule.webhook_secret_id), ("webhook_secret",))
        secret = signing.values["secret"]
        headers["webhook-signature"] = standard_signature(secret, id, moment, body)
    credential = rule.webhook_credential
    # The URL may be the secret of who receives it.
    with _outside(credential) as outside, secret_url("the webhook"):
        response = send_authorised(
            outside,
            str(credential.pk) if credential else None,
            "POST",
            rule.webhook_url,
            headers=headers,
            content=body,
            timeout_s=SEND_S,
            max_redirects=0,
        )
    if not 200 <= response.status < 300:
        raise NodeError("http_status", f"The webhook answered {response.status}.")
    return f"answered {response.status}"


_SENDERS: dict[str, Callable[[AlertDelivery], str]] = {
    Channel.EMAIL: _mail,
    Channel.SLACK: _slack,
    Channel.WEBHOOK: _webhook,
}


def _told(delivery: AlertDelivery) -> dict[str, object]:
    """The body of a webhook: the same at each attempt."""
    rule, alert, workspace = delivery.rule, delivery.alert, delivery.workspace
    return {
        "id": str(delivery.pk),
        "event": delivery.event,
        "created_at": delivery.created_at.astimezone(UTC).isoformat(),
        "rule": {"id": str(rule.pk), "name": rule.name, "kind": rule.kind},
        "workspace": {"id": str(workspace.pk), "name": workspace.name} if workspace else None,
        "alert": {"id": str(alert.pk), "opened_at": alert.opened_at.astimezone(UTC).isoformat()}
        if alert
        else None,
        "subject": delivery.subject,
        "text": delivery.text,
    }


@dataclass(frozen=True, slots=True)
class Outside:
    """Who sends, as the library of nodes sees it."""

    http: Http
    attempt: LoneAttempt
    stored: Credential | None

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def credential(self, id: str, types: Sequence[str]) -> Revealed:
        return self._revealed(id, types)

    def renewed(self, id: str, types: Sequence[str], refused: Revealed) -> Revealed:
        return self._revealed(id, types, refused)

    def _revealed(self, id: str, types: Sequence[str], refused: Revealed | None = None) -> Revealed:
        assert self.stored is not None
        revealed = reveal_for(self.stored.workspace_id, id, types, refused, self.attempt.check)
        self.attempt.hide(revealed.secrets)
        return revealed


@contextmanager
def _outside(credential: Credential | None) -> Iterator[Outside]:
    """For one request, within `SEND_S` seconds; no error tells a secret."""
    with lone_attempt(SEND_S) as attempt:
        http = lone_http(services(), attempt)
        try:
            yield Outside(http, attempt, credential)
        except RevokedError:
            told = f"There was no answer within {SEND_S:g} s."
            raise NodeError("timeout", told, retryable=True) from None
        except NodeError as error:
            raise attempt.masker.error(error) from None
        finally:
            http.close()


def _no_channel() -> NodeError:
    return NodeError("no_channel", "The rule does not tell by this channel any more.")
