"""Beat's own tables in the admin: what is done to them stands in the audit trail."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from apps.operations import periodic_tasks
from apps.workspaces.models import AuditEntry
from tests.staff import superuser, told

pytestmark = pytest.mark.django_db
BEAT = "/admin/django_celery_beat"
TASKS = f"{BEAT}/periodictask/"
LIST = "/admin/workspaces/auditentry/"


@pytest.fixture
def task() -> PeriodicTask:
    return PeriodicTask.objects.get(name="Tidy up")


@pytest.fixture
def client() -> Client:
    return superuser().django


def entries() -> list[tuple[str, str, Any]]:
    found = AuditEntry.objects.order_by("id")
    return [(each.action, each.object_name, each.detail.get("changes")) for each in found]


def filled(task: PeriodicTask, **values: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    given = {"name": task.name, "task": task.task, "interval": task.interval_id, "enabled": "on"}
    return {**given, "args": "[]", "kwargs": "{}", "headers": "{}"} | values


def test_a_change_of_a_task_is_told_before_and_after(client: Client, task: PeriodicTask) -> None:
    seldom = IntervalSchedule.objects.create(every=3, period="days")
    form = filled(task, interval=seldom.pk)
    assert client.post(f"{TASKS}{task.pk}/change/", form).status_code == 302
    [(action, _, changes)] = entries()
    assert action == "periodic_task.change"
    assert changes["interval"] == ["every hour", "every 3 days"]
    entry = AuditEntry.objects.get()
    assert (entry.way, entry.workspace, entry.user is not None) == ("admin", None, True)
    assert not LogEntry.objects.exists()


def test_lists_say_each_thing_once(client: Client) -> None:
    weekly = CrontabSchedule.objects.create(minute="0", hour="4", day_of_week="1")
    seldom = IntervalSchedule.objects.create(every=7, period="days")
    PeriodicTask.objects.create(name="Own", task="own.task", crontab=weekly)
    PeriodicTask.objects.create(name="Seldom", task="own.task", interval=seldom)
    page = client.get(TASKS).content.decode()
    assert page.count("every 7 days") == 1
    assert page.count("At 04:00 AM, only on Monday UTC") == 1
    listed = client.get(f"{BEAT}/crontabschedule/").content.decode()
    assert "At 04:00 AM, only on Monday UTC" in listed
    assert "(m/h/dM/MY/d)" not in listed


@pytest.mark.parametrize("name", ["runs.tidy", "of.another.installation"])
def test_the_page_of_a_task_has_one_field_for_it(
    client: Client, task: PeriodicTask, name: str
) -> None:
    PeriodicTask.objects.filter(pk=task.pk).update(task=name)
    page = client.get(f"{TASKS}{task.pk}/change/").content.decode()
    assert f'<option value="{name}" selected>' in page
    assert 'name="regtask"' not in page
    assert "rontab translation" not in page
    client.post(f"{TASKS}{task.pk}/change/", filled(task, description="Own") | {"task": name})
    task.refresh_from_db()
    assert (task.task, task.description) == (name, "Own")


def test_a_save_that_changes_nothing_leaves_no_entry(client: Client, task: PeriodicTask) -> None:
    form = filled(task, description=task.description)
    assert client.post(f"{TASKS}{task.pk}/change/", form).status_code == 302
    assert entries() == []


def test_times_that_are_made_and_deleted_are_told_with_their_tasks(client: Client) -> None:
    form = {"every": "5", "period": "minutes"}
    client.post(f"{BEAT}/intervalschedule/add/", form)
    often = IntervalSchedule.objects.get(every=5)
    PeriodicTask.objects.create(name="Own", task="runs.tidy", interval=often)
    client.post(f"{BEAT}/intervalschedule/{often.pk}/delete/", {"post": "yes"})
    assert [(action, name) for action, name, _ in entries()] == [
        ("interval.create", "every 5 minutes"),
        ("periodic_task.delete", "Own: every 5 minutes"),
        ("interval.delete", "every 5 minutes"),
    ]
    assert entries()[0][2] == {"every": [None, 5], "period": [None, "minutes"]}
    assert entries()[1][2]["task"] == ["runs.tidy", None]


def test_tasks_are_switched_and_sent_and_that_is_told(
    client: Client, task: PeriodicTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(
        periodic_tasks.current_app, "send_task", lambda name, *_, **__: sent.append(name)
    )
    for action in ("switch_off", "switch_off", "switch_on", "send"):
        client.post(TASKS, {"action": action, "_selected_action": [task.pk]})
    assert sent == ["runs.tidy"]
    assert [(action, changes) for action, _, changes in entries()] == [
        ("periodic_task.switch", {"enabled": [True, False]}),
        ("periodic_task.switch", {"enabled": [False, True]}),
        ("periodic_task.send", None),
    ]


def test_a_task_that_nobody_knows_is_not_sent(client: Client, task: PeriodicTask) -> None:
    PeriodicTask.objects.filter(pk=task.pk).update(task="nobody.knows")
    answer = client.post(TASKS, {"action": "send", "_selected_action": [task.pk]})
    assert "Nobody knows a task “nobody.knows”." in told(answer)[0]
    assert entries() == []


def test_a_tasks_page_leads_to_its_own_entries(client: Client, task: PeriodicTask) -> None:
    other = PeriodicTask.objects.get(name="Fire schedules")
    for each in (task, other):
        client.post(TASKS, {"action": "switch_off", "_selected_action": [each.pk]})
    history = client.get(f"{TASKS}{task.pk}/history/")["Location"]
    assert history.startswith(f"{LIST}?of=")
    page = client.get(history).content.decode()
    assert "Tidy up" in page
    assert "Fire schedules: " not in page
