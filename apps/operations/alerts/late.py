"""Late schedules: one look for all rules that want to know of them.

Lateness has marks of its own (`triggers/schedules/lateness.py`): many are told together, and an
outage that left nobody to look is told afterwards. A rule has one alert while any of its schedules
is late.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse

from apps.operations.alerts.follow import resolve, to_tell
from apps.operations.alerts.kinds import Kind
from apps.operations.alerts.outbox import Event, channels_of, tell
from apps.operations.models.alerts import Alert, AlertRule
from apps.runs.admin.show import duration
from apps.triggers.models import Schedule
from apps.triggers.schedules.lateness import News, is_any_late, news_of, take_news, were_told


def look_at_schedules(now: datetime) -> None:
    """Tell of the schedules that are late, or go on again, and of whom nobody was told yet."""
    active = AlertRule.objects.filter(kind=Kind.SCHEDULE_LATE, is_active=True)
    active.update(looked_at=now)
    rules = list(active.order_by("pk"))
    if taken := take_news(now):
        for rule in rules:
            if news := news_of(taken, rule.workspace_id):
                _tell_news(rule, news, now)
        were_told(taken)
    for alert in Alert.objects.filter(rule__in=rules, resolved_at=None).select_related("rule"):
        _follow(alert.rule, alert, now)


def _tell_news(rule: AlertRule, news: News, now: datetime) -> None:
    alert = rule.alerts.filter(resolved_at=None).first()
    event = Event.REPEATED
    if alert is None:
        event = Event.OPENED
        alert = Alert(workspace_id=rule.workspace_id, rule=rule, opened_at=now)
    if not is_any_late(rule.workspace_id):
        event, alert.resolved_at = Event.RESOLVED, now
    alert.title, alert.text, alert.seen_at = subject_of(news), "\n".join(_lines(news)), now
    is_told = not rule.is_silenced(now)
    if is_told:
        alert.told_at, alert.told_by = now, [*channels_of(rule)]
    alert.save()
    if is_told:
        tell(rule, alert, event, alert.title, alert.text, now)


def _follow(rule: AlertRule, alert: Alert, now: datetime) -> None:
    """Tell what there is to tell without news: again after a while, or that those that were late
    need not fire any more. That they go on is news."""
    if not is_any_late(rule.workspace_id):
        resolve(rule, alert, now)
        return
    alert.seen_at = now
    if event := to_tell(rule, alert, now):
        alert.told_at, alert.told_by = now, [*channels_of(rule)]
        tell(rule, alert, event, alert.title, alert.text, now)
    alert.save(update_fields=["seen_at", "told_at", "told_by"])


def subject_of(news: News) -> str:
    parts = []
    if news.late:
        parts.append(_subject(news.late, news.late_count, "is late", "are late"))
    if news.going_on:
        parts.append(_subject(news.going_on, news.going_on_count, "goes on", "go on"))
    return ", ".join(parts)[:300]


def _subject(schedules: list[Schedule], count: int, one: str, many: str) -> str:
    """Of one its name: a subject may be all that somebody reads."""
    if count > 1:
        return f"{count:,} schedules {many}"
    return f"the schedule of “{schedules[0].workflow.name}” {one}"


def _lines(news: News) -> Iterator[str]:
    if news.late:
        yield "These should have fired and did not:"
        yield from _listed(news.late, news.late_count, _why_late)
        yield ""
        yield f"Whether anybody is there to fire them: {settings.PUBLIC_URL}/readyz"
        yield ""
    if news.going_on:
        yield "These were late and go on; what they missed follows their policy:"
        yield from _listed(news.going_on, news.going_on_count, _how_late)


def _listed(
    schedules: list[Schedule], count: int, told: Callable[[Schedule], str]
) -> Iterator[str]:
    for schedule in schedules:
        page = reverse("admin:triggers_schedule_change", args=[schedule.pk])
        yield ""
        yield f"{schedule.workflow.name}, node {schedule.node_id} ({schedule.workspace.name})"
        yield f"  {told(schedule)}"
        yield f"  {settings.PUBLIC_URL}{page}"
    if count > len(schedules):
        yield ""
        yield f"and {count - len(schedules):,} more: {settings.PUBLIC_URL}/admin/triggers/schedule/"


def _why_late(schedule: Schedule) -> str:
    assert schedule.late_since is not None
    told = f"was due at {_utc(schedule.late_since)}"
    return f"{told} and cannot be fired: {schedule.error}" if schedule.error else told


def _how_late(schedule: Schedule) -> str:
    assert schedule.late_since is not None
    assert schedule.caught_up_at is not None
    late_by = duration((schedule.caught_up_at - schedule.late_since).total_seconds())
    went_on_at = f"{schedule.caught_up_at.astimezone(UTC):%H:%M:%S}"
    return f"was due at {_utc(schedule.late_since)}, and went on at {went_on_at}: {late_by} late"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
