"""Alerts are opened once while their condition holds, told, repeated, and resolved."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.operations.alerts import conditions, given_up
from apps.operations.alerts.forget import delete_old_alerts
from apps.operations.alerts.look import look
from apps.operations.alerts.send import send_due
from apps.operations.models import Alert, AlertDelivery, AlertRule
from apps.runs.holds import hold, lift
from apps.runs.models import Run, Worker
from apps.runs.states import RunStatus
from apps.runs.sweep import take_over
from tests.factories import (
    make_alert_rule,
    make_built_in_rule,
    make_run,
    make_version,
    make_workflow,
    make_workspace,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def look_again() -> None:
    """All look, as a little later."""
    AlertRule.objects.update(next_look_at=timezone.now() - MINUTE)
    look()


def fail_a_run(workspace: Any, workflow: Any = None, ago: timedelta = timedelta()) -> Run:
    version = make_version(workflow or make_workflow(workspace))
    return make_run(version, RunStatus.FAILED, finished_at=timezone.now() - ago)


def end_runs(workflow: Any, **counts: int) -> None:
    version = make_version(workflow)
    for status, count in counts.items():
        for _ in range(count):
            make_run(version, RunStatus(status), finished_at=timezone.now())


def make_worker(seen_ago: timedelta, host: str = "here", **fields: Any) -> Worker:
    seen_at = timezone.now() - seen_ago
    return Worker.objects.create(
        host=host, pid=1, boot="", process_started="", seen_at=seen_at, **fields
    )


def titles() -> list[str]:
    return [alert.title for alert in Alert.objects.filter(resolved_at=None).order_by("id")]


def events() -> list[str]:
    return list(AlertDelivery.objects.order_by("id").values_list("event", flat=True))


def test_an_alert_is_opened_once_and_told_again_when_it_ends(
    mailoutbox: list[EmailMessage],
) -> None:
    workspace = make_workspace()
    make_alert_rule(workspace, name="Orders", threshold=2, window_s=600)
    run = fail_a_run(workspace)
    look_again()
    assert titles() == []
    fail_a_run(workspace)
    look_again()
    look_again()
    assert titles() == ["Orders: 2 runs failed within 10 min"]
    Run.objects.update(finished_at=timezone.now() - 11 * MINUTE)
    look_again()
    assert titles() == []
    send_due()
    assert [mail.subject for mail in mailoutbox] == [
        "[FlowForge] Orders: 2 runs failed within 10 min",
        "[FlowForge] resolved: Orders: 2 runs failed within 10 min",
    ]
    assert f"/admin/runs/run/{run.pk}/change/" in mailoutbox[0].body


def test_a_look_is_not_taken_twice_at_once() -> None:
    make_alert_rule(make_workspace())
    assert look() >= 1
    assert look() == 0


def test_failures_of_one_workflow_can_be_counted_alone() -> None:
    workspace = make_workspace()
    watched = make_workflow(workspace)
    make_alert_rule(workspace, workflow=watched, threshold=1)
    fail_a_run(workspace)
    look_again()
    assert titles() == []
    fail_a_run(workspace, watched)
    look_again()
    assert len(titles()) == 1


@pytest.mark.parametrize("kind", ["run_failed", "failure_rate"])
@pytest.mark.parametrize("scope", ["workflow", "workspace", "installation"])
def test_who_tries_a_draft_out_alarms_nobody(kind: str, scope: str) -> None:
    workflow = make_workflow()
    make_alert_rule(
        None if scope == "installation" else workflow.workspace,
        kind,
        workflow=workflow if scope == "workflow" else None,
        threshold=1,
        least_runs=1,
        window_s=600,
    )
    run = fail_a_run(workflow.workspace, workflow)
    Run.objects.update(is_trial=True)
    look_again()
    assert titles() == []
    Run.objects.filter(pk=run.pk).update(is_trial=False)
    look_again()
    assert len(titles()) == 1


def test_a_workspace_is_not_told_of_others_and_the_installation_of_all() -> None:
    ours = make_alert_rule(make_workspace(), threshold=1)
    all_of_them = make_alert_rule(None, threshold=1)
    fail_a_run(make_workspace())
    look_again()
    assert (ours.alerts.count(), all_of_them.alerts.count()) == (0, 1)


@pytest.mark.parametrize("scope", ["workflow", "workspace", "installation"])
def test_a_rate_is_told_once_enough_runs_have_ended(scope: str) -> None:
    workflow = make_workflow()
    make_alert_rule(
        None if scope == "installation" else workflow.workspace,
        "failure_rate",
        workflow=workflow if scope == "workflow" else None,
        threshold=50,
        least_runs=4,
        name="Rate",
    )
    end_runs(workflow, failed=2, completed=1)
    look_again()
    assert titles() == []
    end_runs(workflow, completed=1)
    look_again()
    assert titles() == ["Rate: 50 % of 4 runs failed within 1 h"]
    end_runs(workflow, completed=2, cancelled=1)
    look_again()
    assert titles() == []


def test_a_run_that_no_worker_takes_is_told_and_its_claim_too() -> None:
    run = make_run(make_version(), RunStatus.PENDING)
    rule = make_alert_rule(run.workspace, "queue_age", threshold=300)
    look_again()
    assert titles() == []
    rule.refresh_from_db()
    [known] = rule.memory.values()
    known["since"] -= 301
    rule.save()
    look_again()
    [title] = titles()
    assert title.startswith(f"{rule.name}: a run waits for a worker since 5 min ")
    Run.objects.update(status=RunStatus.RUNNING)
    look_again()
    assert titles() == []


@pytest.mark.parametrize("what", ["workflow", "workspace", "everything"])
def test_a_run_that_somebody_holds_waits_for_no_worker_though_none_is_alive(what: str) -> None:
    run = make_run(make_version(), RunStatus.PENDING)
    rules = [make_alert_rule(of, "queue_age", threshold=10) for of in (run.workspace, None)]
    look_again()
    for rule in rules:
        rule.refresh_from_db()
        rule.memory["0"]["since"] -= 11
        rule.save()
    held = {"workflow": run.workflow, "workspace": run.workspace, "everything": None}[what]
    hold(held, "upgrade", by=None)
    look_again()
    assert titles() == []
    lift(held, by=None)
    look_again()
    assert titles() == [], "it waits from the lift on"


def test_who_waits_behind_those_that_are_held_is_told_where_no_worker_is_alive() -> None:
    held = make_run(make_version(), RunStatus.PENDING)
    hold(held.workflow, "broken", by=None)
    run = make_run(make_version(held.workflow), RunStatus.PENDING)
    other = make_run(make_version(make_workflow(held.workspace)), RunStatus.PENDING)
    rule = make_alert_rule(run.workspace, "queue_age", threshold=10)
    look_again()
    rule.refresh_from_db()
    assert rule.memory["0"]["run"] == str(other.pk)


def test_a_held_run_that_is_only_to_be_ended_waits_for_a_worker() -> None:
    run = make_run(make_version(), RunStatus.PENDING, cancel_requested_at=timezone.now())
    hold(run.workflow, "broken", by=None)
    rule = make_alert_rule(run.workspace, "queue_age", threshold=10)
    look_again()
    rule.refresh_from_db()
    assert rule.memory["0"]["run"] == str(run.pk)


def test_a_run_that_became_claimable_only_now_has_not_waited() -> None:
    long_ago = timezone.now() - timedelta(days=1)
    run = make_run(make_version(), RunStatus.PENDING, created_at=long_ago)
    make_alert_rule(run.workspace, "queue_age", threshold=10)
    look_again()
    assert titles() == []


def test_a_run_that_was_made_since_the_last_look_has_waited_from_then_on() -> None:
    made_at = timezone.now() - timedelta(seconds=8)
    run = make_run(make_version(), RunStatus.PENDING, created_at=made_at)
    rule = make_alert_rule(run.workspace, "queue_age", threshold=10)
    look_again()
    rule.refresh_from_db()
    assert [known["since"] for known in rule.memory.values()] == [made_at.timestamp()]


def test_a_silent_worker_is_told_until_another_takes_its_place() -> None:
    make_alert_rule(None, "worker_silent", threshold=60, name="Workers")
    worker = make_worker(2 * MINUTE)
    look_again()
    seen_at = f"{worker.seen_at:%Y-%m-%d %H:%M:%S} UTC"
    told = f"Workers: the worker here:1 is silent since {seen_at}, and no other is alive"
    assert titles() == [told]
    make_worker(timedelta(), host="there")
    look_again()
    assert len(titles()) == 1
    make_worker(timedelta(), created_at=timezone.now())
    look_again()
    assert titles() == []


def test_that_there_is_no_worker_is_told() -> None:
    make_alert_rule(None, "worker_silent", name="Workers")
    look_again()
    assert titles() == ["Workers: there is no worker"]


def test_what_lasts_is_repeated_where_that_is_asked_for() -> None:
    workspace = make_workspace()
    make_alert_rule(workspace, threshold=1, window_s=86_400, repeat_after_h=4)
    fail_a_run(workspace)
    look_again()
    look_again()
    Alert.objects.update(told_at=timezone.now() - timedelta(hours=4))
    look_again()
    look_again()
    assert events() == ["opened", "repeated"]


def test_what_stood_in_the_log_alone_is_told_as_soon_as_the_rule_has_a_channel(
    caplog: pytest.LogCaptureFixture,
) -> None:
    workspace = make_workspace()
    make_alert_rule(workspace, threshold=1, emails=[])
    fail_a_run(workspace)
    look_again()
    look_again()
    assert [record.levelname for record in caplog.records if "alert: " in record.msg] == ["ERROR"]
    assert (events(), Alert.objects.get().told_by) == ([], [])
    AlertRule.objects.update(emails=["ops@example.org"])
    look_again()
    look_again()
    assert (events(), Alert.objects.get().told_by) == (["opened"], ["email"])


def test_while_a_rule_is_silenced_its_alerts_are_seen_and_not_told() -> None:
    workspace = make_workspace()
    make_alert_rule(workspace, threshold=1, silenced_until=timezone.now() + MINUTE)
    fail_a_run(workspace)
    look_again()
    assert (len(titles()), events()) == (1, [])
    AlertRule.objects.update(silenced_until=timezone.now() - MINUTE)
    look_again()
    assert events() == ["opened"]


def test_what_ended_while_silenced_is_told_neither() -> None:
    workspace = make_workspace()
    make_alert_rule(workspace, threshold=1, silenced_until=timezone.now() + MINUTE)
    fail_a_run(workspace, ago=9 * MINUTE)
    look_again()
    Run.objects.update(finished_at=timezone.now() - 11 * MINUTE)
    AlertRule.objects.update(silenced_until=None)
    look_again()
    assert (titles(), events()) == ([], [])


@pytest.mark.parametrize("fault", [ValueError, DataError])
def test_a_rule_that_fails_keeps_no_other_from_being_looked_at(
    monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def fail(*_: Any) -> Any:
        raise fault

    monkeypatch.setitem(conditions._FINDERS, "failure_rate", fail)
    workspace = make_workspace()
    make_alert_rule(workspace, "failure_rate")
    make_alert_rule(workspace, threshold=1)
    fail_a_run(workspace)
    look_again()
    assert len(titles()) == 1


def test_where_nothing_is_due_a_look_is_one_statement() -> None:
    make_built_in_rule()
    look_again()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        look()
        send_due()
    assert len(asked) == 2


STATEMENTS = {"run_failed": 12, "failure_rate": 12, "queue_age": 14, "worker_silent": 12}


@pytest.mark.parametrize("kind", list(STATEMENTS))
def test_a_look_at_a_rule_is_a_few_statements(kind: str) -> None:
    AlertRule.objects.all().delete()
    make_alert_rule(None, kind)
    make_worker(timedelta())
    with CaptureQueriesContext(connection) as asked:
        look()
    assert len(asked) <= STATEMENTS[kind], [query["sql"] for query in asked]


def test_what_was_told_long_ago_is_forgotten() -> None:
    workspace = make_workspace()
    make_alert_rule(workspace, threshold=1)
    fail_a_run(workspace)
    look_again()
    send_due()
    now = timezone.now()
    assert delete_old_alerts(now + timedelta(days=91)) == 0, "it is open still"
    Run.objects.all().update(finished_at=now - timedelta(days=2))
    look_again()
    send_due()
    assert delete_old_alerts(now + timedelta(days=89)) == 0
    assert delete_old_alerts(now + timedelta(days=91)) == 1
    assert not AlertDelivery.objects.exists()


def test_a_worker_that_others_take_for_dead_is_told_and_then_resolved(
    mailoutbox: list[EmailMessage],
) -> None:
    make_alert_rule(None, "worker_silent", threshold=60, name="Workers")
    make_worker(timedelta(), host="there")
    worker = make_worker(MINUTE / 4)
    version = make_version(make_workflow(make_workspace()))
    make_run(version, RunStatus.RUNNING, worker=worker)
    assert take_over(worker) == 1
    assert titles() == ["Workers: the worker here:1 died or hangs"]
    assert "1 run of its goes on with other workers" in Alert.objects.get().text
    look_again()
    assert titles() == []
    assert events() == ["opened", "resolved"]
    send_due()
    assert len(mailoutbox) == 2


def test_the_alert_of_a_silent_worker_ends_when_it_is_given_up() -> None:
    make_alert_rule(None, "worker_silent", threshold=60, name="Workers")
    worker = make_worker(2 * MINUTE, host="container-1")
    look_again()
    make_worker(timedelta(), host="container-2")
    look_again()
    assert len(titles()) == 1
    take_over(worker)
    look_again()
    assert (titles(), events()) == ([], ["opened", "resolved"])


def test_a_rule_that_fails_keeps_no_run_from_going_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> None:
        AlertRule.objects.create(pk=AlertRule.objects.get(kind="worker_silent").pk)

    make_alert_rule(None, "worker_silent", name="Workers")
    worker = make_worker(MINUTE)
    run = make_run(make_version(make_workflow(make_workspace())), RunStatus.RUNNING, worker=worker)
    monkeypatch.setattr(given_up, "see", fail)
    assert take_over(worker) == 1
    run.refresh_from_db()
    assert run.status == RunStatus.PENDING


def test_silencing_a_rule_keeps_a_lost_worker_from_being_told() -> None:
    until = timezone.now() + MINUTE
    make_alert_rule(None, "worker_silent", name="Workers", silenced_until=until)
    take_over(make_worker(MINUTE))
    assert (len(titles()), events()) == (1, [])
