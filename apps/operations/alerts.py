"""Alerts: operators are told by mail that schedules did not fire when they should have.

The web processes look, for they live when no worker does. Nobody is told where none of them lives,
or the database is away: that is for a monitor outside, which asks `/readyz`.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, InterfaceError, connection
from django.urls import reverse

from apps.runs.admin.show import duration
from apps.triggers.models import Schedule
from apps.triggers.schedules.lateness import News, take_news, were_told
from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)

LOOK_S = 5.0
"""Between two looks: an alert comes up to so much after the minute after which one is late."""


class Lookout(threading.Thread):
    """Looks for schedules that are late, as long as the process lives."""

    def __init__(self) -> None:
        super().__init__(name="alerts", daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(LOOK_S):
            try:
                alert_of_lateness()
                connection.close()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("the lookout did not reach the database: %s", error)
                reconnect()
            except Exception:
                # A mail server that is away, or a fault of ours: the next look tries again.
                logger.exception("an alert could not be sent")


def alert_of_lateness() -> None:
    """Tell of the schedules that are late, or go on again, and of whom nobody was told yet."""
    news = take_news()
    if news is not None:
        send_alert(_subject(news), "\n".join(_lines(news)))
        were_told(news)


def send_alert(subject: str, text: str) -> None:
    """Tell the operators, in the log and by mail. Raises what the mail server's failure raises."""
    logger.error("alert: %s", subject)
    if settings.ALERT_EMAILS:
        EmailMessage(f"[FlowForge] {subject}", text, to=settings.ALERT_EMAILS).send()


def _subject(news: News) -> str:
    late, going_on = news.late_count, news.going_on_count
    parts = [
        late and (f"{late} schedules are late" if late > 1 else "a schedule is late"),
        going_on and (f"{going_on} schedules go on" if going_on > 1 else "a schedule goes on"),
    ]
    return ", ".join(part for part in parts if part)


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
