"""Alerts follow what was found: they are opened, told, repeated and resolved."""

from datetime import datetime, timedelta

from apps.operations.alerts.conditions import Found
from apps.operations.alerts.outbox import Event, channels_of, tell
from apps.operations.models.alerts import Alert, AlertRule


def follow(rule: AlertRule, found: list[Found], now: datetime) -> None:
    """Have the alerts of a rule be what was found, and tell what is to be told."""
    is_open = {alert.key: alert for alert in rule.alerts.filter(resolved_at=None)}
    for each in found:
        see(rule, each, is_open.pop(each.key, None), now)
    for alert in is_open.values():
        resolve(rule, alert, now)


def see(rule: AlertRule, found: Found, alert: Alert | None, now: datetime) -> None:
    """Open an alert of what was found, where there is none yet, and tell what is to be told."""
    title = f"{rule.name}: {found.title}"[:300]
    if alert is None:
        alert = Alert(
            workspace_id=rule.workspace_id, rule=rule, key=found.key, opened_at=now, seen_at=now
        )
        alert.title, alert.value = title, found.value
        alert.save(force_insert=True)
    alert.seen_at, alert.value = now, found.value
    if event := to_tell(rule, alert, now):
        alert.title, alert.text = title, "\n".join(found.lines())
        alert.told_at, alert.told_by = now, [*channels_of(rule)]
        tell(rule, alert, event, alert.title, alert.text, now)
    alert.save(update_fields=["seen_at", "value", "title", "text", "told_at", "told_by"])


def resolve(rule: AlertRule, alert: Alert, now: datetime) -> None:
    """Note that the condition has ended, and tell whom it was told that it began."""
    alert.resolved_at = now
    alert.save(update_fields=["resolved_at"])
    if alert.told_at is not None and not rule.is_silenced(now):
        lasted = f"It lasted from {alert.opened_at:%Y-%m-%d %H:%M:%S} to {now:%H:%M:%S} UTC."
        tell(rule, alert, Event.RESOLVED, f"resolved: {alert.title}", lasted, now)


def to_tell(rule: AlertRule, alert: Alert, now: datetime) -> Event | None:
    """What is to be told of an alert that is open: nothing while the rule is silenced, and as new
    what stood in the log alone until the rule was given a channel."""
    if rule.is_silenced(now):
        return None
    if alert.told_at is None or (not alert.told_by and any(channels_of(rule))):
        return Event.OPENED
    if rule.repeat_after_h and alert.told_at + timedelta(hours=rule.repeat_after_h) <= now:
        return Event.REPEATED
    return None
