"""Rules of alerts are made, changed, silenced and tried out; what is wrong with one is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.credentials.edit import delete_credential
from apps.engine.errors import FaultsError
from apps.engine.events import write_time
from apps.operations.alerts import edit
from apps.operations.alerts.again import send_again, send_test
from apps.operations.alerts.edit import change_rule, create_rule, delete_rule, switch_rule
from apps.operations.alerts.silence import lift_silence, silence_rule
from apps.operations.models import Alert, AlertDelivery, AlertRule
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry, User, Workspace
from tests.factories import (
    make_alert_rule,
    make_built_in_rule,
    make_credential,
    make_user,
    make_workflow,
    make_workspace,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECRET_URL = "https://hooks.test/services/T0p-s3cret-path?key=also-s3cret"


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def me(workspace: Workspace) -> User:
    return make_user(workspace, "editor")


def faults_of_new(workspace: Workspace | None, kind: str, **settings: Any) -> dict[str, str]:
    with pytest.raises(FaultsError) as refused:
        create_rule(workspace, kind, {"name": "Orders"} | settings, by=None)
    return {fault.path: fault.code for fault in refused.value.faults}


def told_of(rule: AlertRule) -> list[tuple[str, Any]]:
    entries = AuditEntry.objects.filter(object_id=rule.pk).order_by("id")
    return [(entry.action, entry.detail.get("changes", {})) for entry in entries]


def test_a_rule_has_the_numbers_of_its_kind(workspace: Workspace, me: User) -> None:
    settings = {"name": "Rate", "threshold": 5, "emails": ["ops@example.org"]}
    rule = create_rule(workspace, "failure_rate", settings, by=me)
    rule.refresh_from_db()
    assert (rule.threshold, rule.window_s, rule.least_runs) == (5, 3_600, 10)
    [(action, changes)] = told_of(rule)
    assert action == "alert_rule.create"
    assert changes["emails"] == [None, ["ops@example.org"]]


WRONG: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("run_failed", {"name": " "}, {"name": "blank"}),
    ("run_failed", {"threshold": 0}, {"threshold": "out_of_range"}),
    ("run_failed", {"threshold": None}, {"threshold": "out_of_range"}),
    ("run_failed", {"window_s": 59}, {"window_s": "out_of_range"}),
    ("failure_rate", {"threshold": 101}, {"threshold": "out_of_range"}),
    ("schedule_late", {"threshold": 1}, {"threshold": "unexpected"}),
    ("run_failed", {"repeat_after_h": 0}, {"repeat_after_h": "out_of_range"}),
    ("worker_silent", {}, {"kind": "of_installation"}),
    ("run_failed", {"to_operators": True}, {"to_operators": "of_installation"}),
    ("run_failed", {"emails": ["a@b.test", "nobody"]}, {"emails[1]": "invalid"}),
    ("run_failed", {"emails": ["a@b.test, c@d.test"]}, {"emails[0]": "invalid"}),
    ("run_failed", {"emails": ["a@b.test"] * 21}, {"emails": "too_many"}),
    ("run_failed", {"slack_channel": "#ops"}, {"slack_credential": "missing"}),
    ("run_failed", {"webhook_url": "ftp://a.test"}, {"webhook_url": "invalid"}),
    ("run_failed", {"webhook_url": f"https://a.test/{'x' * 2_000}"}, {"webhook_url": "too_long"}),
    ("run_failed", {"colour": "red"}, {"colour": "unknown"}),
    # All at once.
    ("run_failed", {"name": "", "threshold": 0}, {"name": "blank", "threshold": "out_of_range"}),
]


@pytest.mark.parametrize(("kind", "settings", "expected"), WRONG)
def test_what_is_wrong_with_a_rule_is_told(
    workspace: Workspace, kind: str, settings: dict[str, Any], expected: dict[str, str]
) -> None:
    assert faults_of_new(workspace, kind, **settings) == expected
    assert not AlertRule.objects.filter(workspace=workspace).exists()


def test_a_rule_is_about_workflows_of_its_own_workspace(workspace: Workspace) -> None:
    other = make_workflow()
    assert faults_of_new(workspace, "run_failed", workflow=other.pk) == {"workflow": "unknown"}
    mine = make_workflow(workspace)
    assert faults_of_new(workspace, "queue_age", workflow=mine.pk) == {"workflow": "unexpected"}
    rule = create_rule(workspace, "run_failed", {"name": "Mine", "workflow": mine.pk}, by=None)
    assert rule.workflow == mine


def test_a_rule_uses_credentials_of_its_own_workspace_that_fit(workspace: Workspace) -> None:
    foreign = make_credential(make_workspace(), "slack", {"bot_token": "xoxb-1-s3cret"})
    assert faults_of_new(workspace, "run_failed", slack_credential=foreign.pk) == {
        "slack_credential": "unknown"
    }
    header = make_credential(workspace, "http_header", {"name": "X-Key", "value": "s3cret-key"})
    url = "https://hooks.test/"
    assert faults_of_new(workspace, "run_failed", webhook_url=url, webhook_secret=header.pk) == {
        "webhook_secret": "wrong_type"
    }
    assert faults_of_new(workspace, "run_failed", webhook_credential=header.pk) == {
        "webhook_url": "missing"
    }
    settings = {"name": "Hook", "webhook_url": url, "webhook_credential": header.pk}
    create_rule(workspace, "run_failed", settings, by=None)
    # Superusers may use them all.
    create_rule(None, "run_failed", {"name": "All", "slack_credential": foreign.pk,
                                     "slack_channel": "#ops"}, by=None)  # fmt: skip


def test_a_bot_needs_a_channel_and_an_incoming_webhook_has_one(workspace: Workspace) -> None:
    bot = make_credential(workspace, "slack", {"bot_token": "xoxb-1-s3cret"})
    hook = make_credential(workspace, "slack", {"webhook_url": "https://hooks.slack.test/x"})
    assert faults_of_new(workspace, "run_failed", slack_credential=bot.pk) == {
        "slack_channel": "missing"
    }
    assert faults_of_new(
        workspace, "run_failed", slack_credential=hook.pk, slack_channel="#ops"
    ) == {"slack_channel": "unexpected"}


def test_a_change_says_what_was_before_and_after(workspace: Workspace, me: User) -> None:
    rule = make_alert_rule(workspace, threshold=2)
    changed = change_rule(rule, 1, {"threshold": 3, "name": "Orders"}, by=me)
    assert (changed.threshold, changed.revision) == (3, 2)
    assert told_of(rule) == [
        ("alert_rule.change", {"threshold": [2, 3], "name": [rule.name, "Orders"]})
    ]
    assert change_rule(rule, 2, {"threshold": 3}, by=me).revision == 2, "nothing changed"


def test_a_stale_change_is_refused(workspace: Workspace, me: User) -> None:
    rule = make_alert_rule(workspace, revision=4)
    with pytest.raises(ConflictError) as refused:
        change_rule(rule, 3, {"name": "Late"}, by=me)
    assert (refused.value.code, refused.value.current) == ("stale_revision", {"revision": 4})


def test_the_audit_trail_tells_of_a_webhook_its_host_alone(
    workspace: Workspace, me: User, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"name": "Hook", "webhook_url": SECRET_URL}
    rule = create_rule(workspace, "run_failed", settings, by=me)
    change_rule(rule, 1, {"webhook_url": f"{SECRET_URL}2"}, by=me)
    change_rule(rule, 2, {"webhook_url": ""}, by=me)
    written = str([entry.detail for entry in AuditEntry.objects.all()]) + caplog.text
    assert "s3cret" not in written
    assert [changes["webhook"] for _, changes in told_of(rule)] == [
        [None, "hooks.test"],
        ["hooks.test", "hooks.test, at another address"],
        ["hooks.test", ""],
    ]


def test_what_is_wrong_with_a_url_does_not_tell_the_url(workspace: Workspace) -> None:
    with pytest.raises(FaultsError) as refused:
        create_rule(workspace, "run_failed", {"name": "x", "webhook_url": f"{SECRET_URL} "},
                    by=None)  # fmt: skip
    assert "s3cret" not in str(refused.value.faults)


def test_a_rule_that_is_switched_off_has_no_open_alert(workspace: Workspace, me: User) -> None:
    rule = make_alert_rule(workspace)
    now = timezone.now()
    alert = Alert.objects.create(workspace=workspace, rule=rule, opened_at=now, seen_at=now)
    switch_rule(rule, on=False, by=me)
    switch_rule(rule, on=False, by=me)
    alert.refresh_from_db()
    assert alert.resolved_at is not None
    assert not AlertDelivery.objects.exists()
    switch_rule(rule, on=True, by=me)
    assert told_of(rule) == [
        ("alert_rule.switch_off", {"is_active": [True, False]}),
        ("alert_rule.switch_on", {"is_active": [False, True]}),
    ]


def test_a_workspace_has_so_many_rules_at_most(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edit, "MOST", 1)
    make_alert_rule(make_workspace())
    create_rule(workspace, "run_failed", {"name": "First"}, by=None)
    with pytest.raises(ConflictError, match="at most"):
        create_rule(workspace, "run_failed", {"name": "Second"}, by=None)


def test_a_rule_is_deleted_with_what_it_told(workspace: Workspace, me: User) -> None:
    rule = make_alert_rule(workspace)
    send_test(rule, by=me)
    delete_rule(rule, by=me)
    assert not AlertRule.objects.filter(pk=rule.pk).exists()
    assert not AlertDelivery.objects.exists()
    assert [action for action, _ in told_of(rule)] == ["alert_rule.test", "alert_rule.delete"]


def test_the_rule_of_flowforge_is_switched_off_and_not_deleted(me: User) -> None:
    rule = make_built_in_rule()
    with pytest.raises(ConflictError, match="belongs to FlowForge"):
        delete_rule(rule, by=me)
    switch_rule(rule, on=False, by=me)
    rule.refresh_from_db()
    assert not rule.is_active


def test_a_rule_is_silenced_for_a_reason_and_a_while(workspace: Workspace, me: User) -> None:
    rule = make_alert_rule(workspace)
    until = timezone.now() + HOUR
    silence_rule(rule, until, " Moving house ", by=me)
    rule.refresh_from_db()
    assert (rule.silenced_until, rule.silenced_because) == (until, "Moving house")
    lift_silence(rule, by=me)
    lift_silence(rule, by=me)
    rule.refresh_from_db()
    assert (rule.silenced_until, rule.silenced_because) == (None, "")
    written = write_time(until)
    assert told_of(rule) == [
        (
            "alert_rule.silence",
            {"silenced_until": [None, written], "silenced_because": ["", "Moving house"]},
        ),
        (
            "alert_rule.lift_silence",
            {"silenced_until": [written, None], "silenced_because": ["Moving house", ""]},
        ),
    ]


@pytest.mark.parametrize(
    ("hours", "reason", "expected"),
    [
        (0, "Why", {"until": "out_of_range"}),
        (24 * 367, "Why", {"until": "out_of_range"}),
        (1, " ", {"reason": "blank"}),
        (1, "x" * 501, {"reason": "too_long"}),
        (-1, "", {"until": "out_of_range", "reason": "blank"}),
    ],
)
def test_a_silence_has_an_end_and_a_reason(
    workspace: Workspace, me: User, hours: int, reason: str, expected: dict[str, str]
) -> None:
    rule = make_alert_rule(workspace)
    with pytest.raises(FaultsError) as refused:
        silence_rule(rule, timezone.now() + hours * HOUR, reason, by=me)
    assert {fault.path: fault.code for fault in refused.value.faults} == expected


def test_a_test_goes_by_each_channel(workspace: Workspace, me: User) -> None:
    rule = make_alert_rule(workspace, webhook_url=SECRET_URL)
    sent = send_test(rule, by=me)
    assert [(each.channel, each.event, each.status) for each in sent] == [
        ("email", "test", "pending"),
        ("webhook", "test", "pending"),
    ]
    with pytest.raises(ConflictError, match="tells nobody"):
        send_test(make_alert_rule(workspace, emails=[]), by=me)


def delivered(rule: AlertRule, **fields: Any) -> AlertDelivery:
    given = {"event": "opened", "channel": "email", "subject": "it is late", "text": "since noon",
             "give_up_at": timezone.now() + HOUR}  # fmt: skip
    return AlertDelivery.objects.create(workspace=rule.workspace, rule=rule, **given | fields)


@pytest.mark.parametrize("status", ["sent", "failed"])
def test_what_was_sent_or_given_up_is_sent_again_as_another_message(
    workspace: Workspace, me: User, status: str
) -> None:
    first = delivered(
        make_alert_rule(workspace), status=status, attempts=3, next_attempt_at=None, answer="no"
    )
    again = send_again(first, by=me)
    assert again.pk != first.pk
    told = ("opened", "email", "it is late", "since noon", "pending", 0)
    assert (again.event, again.channel, again.subject, again.text, again.status,
            again.attempts) == told  # fmt: skip
    first.refresh_from_db()
    assert (first.status, first.attempts, first.answer) == (status, 3, "no")


def test_what_is_still_to_be_sent_is_tried_at_once(workspace: Workspace, me: User) -> None:
    first = delivered(make_alert_rule(workspace), next_attempt_at=timezone.now() + HOUR, attempts=7)
    again = send_again(first, by=me)
    again.refresh_from_db()
    assert again.pk == first.pk
    assert again.next_attempt_at <= timezone.now()


def test_nothing_is_sent_again_by_a_channel_that_was_taken_away(
    workspace: Workspace, me: User
) -> None:
    delivery = delivered(make_alert_rule(workspace), channel="slack", status="sent")
    with pytest.raises(ConflictError, match="does not tell by this channel"):
        send_again(delivery, by=me)


@pytest.mark.parametrize("is_forced", [False, True])
def test_a_credential_that_a_rule_tells_by_is_not_deleted(
    workspace: Workspace, me: User, is_forced: bool
) -> None:
    secret = make_credential(workspace, "webhook_secret", {"secret": "whsec_c2lnbmVkLXdlbGw="})
    rule = make_alert_rule(workspace, name="Orders", webhook_url=SECRET_URL, webhook_secret=secret)
    with pytest.raises(ConflictError, match="Alert rules tell by it: “Orders”") as refused:
        delete_credential(secret, by=me, even_if_used=is_forced)
    assert refused.value.current == {"alert_rules": [{"id": str(rule.pk), "name": "Orders"}]}
    delete_rule(rule, by=me)
    delete_credential(secret, by=me)


def test_of_a_rule_of_the_installation_no_name_is_told(workspace: Workspace, me: User) -> None:
    slack = make_credential(workspace, "slack", {"bot_token": "xoxb-1-s3cret"})
    make_alert_rule(None, name="Hidden", slack_credential=slack)
    with pytest.raises(ConflictError, match="a rule of the installation") as refused:
        delete_credential(slack, by=me)
    assert "Hidden" not in str(refused.value.current) + refused.value.message
