"""Operators are told by mail of schedules that did not fire, and that they go on again."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from pytest_django import Settings
from time_machine import travel

from apps.operations.alerts.look import look
from apps.operations.alerts.send import send_due
from apps.operations.models import Alert, AlertDelivery, AlertRule
from apps.runs import sql
from apps.triggers.models import Schedule
from apps.triggers.schedules import lateness
from apps.triggers.schedules.fire import fire_due
from apps.triggers.schedules.pause import pause_schedule, resume_schedule
from tests.factories import make_built_in_rule, make_schedule, make_version

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def operators(settings: Settings) -> None:
    settings.ALERT_EMAILS = ["ops@example.org", "oncall@example.org"]
    settings.PUBLIC_URL = "https://flowforge.example"


@pytest.fixture(autouse=True)
def rule() -> AlertRule:
    return make_built_in_rule()


def alert_of_lateness() -> None:
    AlertRule.objects.update(next_look_at=timezone.now() - MINUTE)
    look()
    send_due()


def due(minutes_ago: float, **fields: Any) -> Schedule:
    """A schedule that should have fired so many minutes ago."""
    workflow = make_version(is_published=True).workflow
    return make_schedule(workflow, due_at=timezone.now() - minutes_ago * MINUTE, **fields)


def subjects(mailoutbox: list[EmailMessage]) -> list[str]:
    """Without the name of the one workflow."""
    return [re.sub(r"the schedule of “.*”", "a schedule", mail.subject) for mail in mailoutbox]


def test_a_schedule_that_did_not_fire_is_told_once(mailoutbox: list[EmailMessage]) -> None:
    schedule = due(2)
    due(0.5)
    alert_of_lateness()
    alert_of_lateness()
    [mail] = mailoutbox
    assert mail.to == ["ops@example.org", "oncall@example.org"]
    name = schedule.workflow.name
    assert mail.subject == f"[FlowForge] the schedule of “{name}” is late"
    assert name in mail.body
    assert f"{schedule.due_at:%Y-%m-%d %H:%M:%S} UTC" in mail.body
    page = f"https://flowforge.example/admin/triggers/schedule/{schedule.pk}/change/"
    assert page in mail.body


def test_that_it_goes_on_is_told_once(mailoutbox: list[EmailMessage]) -> None:
    due(14)
    alert_of_lateness()
    fire_due()
    alert_of_lateness()
    alert_of_lateness()
    assert subjects(mailoutbox)[1:] == ["[FlowForge] a schedule goes on"]
    assert ": 14 min " in mailoutbox[1].body
    row = Schedule.objects.get()
    assert (row.late_since, row.caught_up_at, row.alert_due_at) == (None, None, None)


def test_what_was_late_while_nobody_looked_is_told_afterwards(
    mailoutbox: list[EmailMessage],
) -> None:
    due(14)
    fire_due()
    alert_of_lateness()
    assert subjects(mailoutbox) == ["[FlowForge] a schedule goes on"]


def test_what_fires_in_time_afterwards_does_not_change_how_late_it_was(
    mailoutbox: list[EmailMessage],
) -> None:
    ten = datetime(2026, 3, 2, 10, tzinfo=UTC)
    workflow = make_version(is_published=True).workflow
    make_schedule(workflow, due_at=ten, rule={"cron": "* * * * *"})
    assert fire_due(ten + 14 * MINUTE) == 1
    assert fire_due(ten + 15 * MINUTE) == 1
    alert_of_lateness()
    [mail] = mailoutbox
    assert "10:00:00 UTC, and went on at 10:14:00: 14 min 0 s late" in mail.body


def test_what_fires_in_time_is_no_news(mailoutbox: list[EmailMessage]) -> None:
    due(0.5)
    fire_due()
    alert_of_lateness()
    assert mailoutbox == []


def test_one_that_cannot_be_fired_is_told_with_why(mailoutbox: list[EmailMessage]) -> None:
    due(2, rule={"cron": "no cron"})
    fire_due()
    alert_of_lateness()
    [mail] = mailoutbox
    assert "and cannot be fired: NodeError: cron: A cron expression has five fields" in mail.body


@pytest.mark.parametrize(
    "fields", [{"is_live": False}, {"paused_at": timezone.now()}], ids=["not live", "paused"]
)
def test_what_need_not_fire_is_not_late(
    fields: dict[str, Any], mailoutbox: list[EmailMessage]
) -> None:
    due(2, **fields)
    alert_of_lateness()
    assert mailoutbox == []


def test_each_lateness_is_told(mailoutbox: list[EmailMessage]) -> None:
    schedule = due(2)
    alert_of_lateness()
    pause_schedule(schedule, by=None)
    resume_schedule(schedule, by=None)
    long_ago = timezone.now() - 2 * MINUTE
    Schedule.objects.update(next_run_at=long_ago, due_at=long_ago)
    alert_of_lateness()
    assert subjects(mailoutbox) == ["[FlowForge] a schedule is late"] * 2


def test_many_are_one_mail_that_names_the_first(
    monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    monkeypatch.setattr(lateness, "NAMED", 2)
    for minutes in (5, 4, 3):
        due(minutes)
    alert_of_lateness()
    [mail] = mailoutbox
    assert mail.subject == "[FlowForge] 3 schedules are late"
    assert mail.body.count("was due at") == 2
    assert "and 1 more: https://flowforge.example/admin/triggers/schedule/" in mail.body


def test_while_one_is_known_to_be_late_others_are_told_together(
    monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    monkeypatch.setattr(sql, "database_now", timezone.now)
    # To the database, whose clock goes on, the rule is always due.
    monkeypatch.setattr("apps.operations.alerts.look.AT_ONCE", 1)
    moment = datetime(2026, 1, 1, 12, 5, tzinfo=UTC)
    with travel(moment, tick=False):
        due(5)
        alert_of_lateness()
        for minutes in (4, 3):
            due(minutes)
            alert_of_lateness()
    assert len(mailoutbox) == 1
    with travel(moment + 10 * MINUTE, tick=False):
        alert_of_lateness()
    assert subjects(mailoutbox)[1:] == ["[FlowForge] 2 schedules are late"]


def test_what_could_not_be_told_is_told_later(
    monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    due(2)

    def fail(*_: Any) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", fail)
        alert_of_lateness()
    alert_of_lateness()
    assert mailoutbox == [], "the mail server is given some time"
    AlertDelivery.objects.update(next_attempt_at=timezone.now() - MINUTE)
    alert_of_lateness()
    assert subjects(mailoutbox) == ["[FlowForge] a schedule is late"]


def test_the_alert_is_open_while_any_schedule_is_late(mailoutbox: list[EmailMessage]) -> None:
    due(4)
    alert_of_lateness()
    alert = Alert.objects.get()
    assert alert.resolved_at is None
    fire_due()
    alert_of_lateness()
    alert.refresh_from_db()
    assert alert.resolved_at is not None
    events = AlertDelivery.objects.order_by("id").values_list("event", flat=True)
    assert list(events) == ["opened", "resolved"]


def test_that_a_late_schedule_was_paused_ends_the_alert(mailoutbox: list[EmailMessage]) -> None:
    schedule = due(2)
    alert_of_lateness()
    pause_schedule(schedule, by=None)
    alert_of_lateness()
    alert_of_lateness()
    assert subjects(mailoutbox)[1:] == ["[FlowForge] resolved: a schedule is late"]


def test_a_workspace_hears_of_its_own_schedules_alone(mailoutbox: list[EmailMessage]) -> None:
    mine, other = due(2), due(3)
    AlertRule.objects.create(
        workspace=mine.workspace, name="Ours", kind="schedule_late", emails=["team@example.org"]
    )
    alert_of_lateness()
    [ours] = [mail for mail in mailoutbox if mail.to == ["team@example.org"]]
    assert ours.subject == f"[FlowForge] the schedule of “{mine.workflow.name}” is late"
    assert str(mine.pk) in ours.body
    assert str(other.pk) not in ours.body


def test_what_was_late_while_the_rule_was_off_is_not_told_later(
    mailoutbox: list[EmailMessage],
) -> None:
    AlertRule.objects.update(is_active=False)
    due(2)
    alert_of_lateness()
    AlertRule.objects.update(is_active=True)
    alert_of_lateness()
    assert mailoutbox == []


def test_without_addresses_the_log_tells(
    settings: Settings, caplog: pytest.LogCaptureFixture, mailoutbox: list[EmailMessage]
) -> None:
    settings.ALERT_EMAILS = []
    name = due(2).workflow.name
    alert_of_lateness()
    alert_of_lateness()
    assert mailoutbox == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"alert: the schedule of “{name}” is late"
    ]
