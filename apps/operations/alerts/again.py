"""Messages that somebody asks for: a test of a rule's channels, and one that was sent before."""

from django.db import transaction
from django.utils import timezone

from apps.operations.alerts.edit import hold_rule
from apps.operations.alerts.outbox import Event, channels_of, put_out, tell
from apps.operations.models.alerts import AlertDelivery, AlertRule
from apps.workspaces.audit import record
from apps.workspaces.counted import Counter, count_within
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

Status = AlertDelivery.Status
HOUR_S = 3_600
MOST_AN_HOUR = 100
"""Messages that one person or program may ask for."""
MOST_OF_RULE = 20
"""Tests of a rule, whoever asks: it may have twenty addresses."""


def send_test(rule: AlertRule, *, by: Principal) -> list[AlertDelivery]:
    """Have a message sent by each channel of a rule, also of one that is off or silenced."""
    _require_rate(by, Counter(HOUR_S, "alert tests", str(rule.pk)))
    with transaction.atomic():
        held = hold_rule(rule)
        if not list(channels_of(held)):
            raise ConflictError(
                "no_channel", "The rule tells nobody.", "Give it an address, Slack or a webhook."
            )
        text = f"This is a test of the rule “{held.name}”: its alerts reach you."
        sent = tell(held, None, Event.TEST, f"{held.name}: a test", text, timezone.now())
        record("alert_rule.test", held, by=by, channels=[each.channel for each in sent])
    return sent


def send_again(delivery: AlertDelivery, *, by: Principal) -> AlertDelivery:
    """Have a message sent once more; gives what is to be sent.

    One that is still to be sent is tried at once. Of one that was sent, or given up, another one is
    made: receivers that know the first by its id would take the same for a mistake.
    """
    _require_rate(by)
    with transaction.atomic():
        hold_rule(delivery.rule)
        rows = AlertDelivery.objects.select_for_update(of=("self",)).select_related("rule", "alert")
        held = rows.get(pk=delivery.pk)
        now = timezone.now()
        if held.channel not in channels_of(held.rule):
            raise ConflictError(
                "no_channel", "The rule does not tell by this channel any more.", "Add it again."
            )
        if held.status == Status.PENDING:
            held.next_attempt_at = now
            held.save(update_fields=["next_attempt_at"])
            again = held
        else:
            [again] = put_out(
                held.rule, held.alert, held.event, held.subject, held.text, now, [held.channel]
            )
        record(
            "alert_delivery.send_again", held, by=by, channel=held.channel, message=str(again.pk)
        )
    return again


def _require_rate(by: Principal, *of_rule: Counter) -> None:
    limits = [(Counter(HOUR_S, "alert messages by", str(by.pk)), MOST_AN_HOUR)]
    limits += [(counter, MOST_OF_RULE) for counter in of_rule]
    count_within(limits, "too_many_messages", "{most} messages an hour are enough.")
