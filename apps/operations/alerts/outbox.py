"""What is to be sent is written in the transaction of what it tells of."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings

from apps.operations.models.alerts import Alert, AlertDelivery, AlertRule

logger = logging.getLogger(__name__)

Event = AlertDelivery.Event
Channel = AlertDelivery.Channel
TRIED_FOR = timedelta(days=1)
MAX_SUBJECT = 300


def recipients(rule: AlertRule) -> list[str]:
    """The mail addresses of a rule."""
    return [*rule.emails, *(settings.ALERT_EMAILS if rule.to_operators else ())]


def channels_of(rule: AlertRule) -> Iterator[str]:
    if recipients(rule):
        yield Channel.EMAIL
    if rule.slack_credential_id:
        yield Channel.SLACK
    if rule.webhook_url:
        yield Channel.WEBHOOK


def tell(
    rule: AlertRule, alert: Alert | None, event: Event, subject: str, text: str, now: datetime
) -> list[AlertDelivery]:
    """Have a message sent by each channel of the rule, and write it in the log."""
    # On one line, whatever the rule is called: no mail may have another.
    subject = " ".join(subject.split())[:MAX_SUBJECT]
    if event in (Event.OPENED, Event.REPEATED):
        logger.error("alert: %s", subject)
    else:
        logger.info("alert: %s", subject)
    return put_out(rule, alert, event, subject, text, now, channels_of(rule))


def put_out(
    rule: AlertRule,
    alert: Alert | None,
    event: str,
    subject: str,
    text: str,
    now: datetime,
    channels: Iterable[str],
) -> list[AlertDelivery]:
    """Have a message sent by these channels."""
    deliveries = [
        AlertDelivery(
            workspace_id=rule.workspace_id,
            rule=rule,
            alert=alert,
            event=event,
            channel=channel,
            subject=subject,
            text=text,
            next_attempt_at=now,
            give_up_at=now + TRIED_FOR,
            created_at=now,
        )
        for channel in channels
    ]
    AlertDelivery.objects.bulk_create(deliveries)
    return deliveries
