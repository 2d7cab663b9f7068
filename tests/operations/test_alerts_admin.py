"""Alerts in the admin: rules made, tried, silenced; what fires; deliveries sent again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.operations.alerts.look import look
from apps.operations.models import Alert, AlertDelivery, AlertRule
from apps.runs.states import RunStatus
from apps.workspaces.models import AuditEntry, User, Workspace
from tests.api import rows
from tests.clients import ApiClient
from tests.factories import (
    make_alert_rule,
    make_built_in_rule,
    make_credential,
    make_member,
    make_run,
    make_user,
    make_version,
    make_workflow,
    make_workspace,
)

pytestmark = pytest.mark.django_db
RULES = "/admin/operations/alertrule/"
ALERTS = "/admin/operations/alert/"
DELIVERIES = "/admin/operations/alertdelivery/"
SECRET_URL = "https://hooks.test/services/T0p-s3cret-path?key=also-s3cret"


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def operator(workspace: Workspace) -> ApiClient:
    return ApiClient(make_user(workspace, "operator", is_staff=True))


@pytest.fixture
def editor(workspace: Workspace) -> ApiClient:
    return ApiClient(make_user(workspace, "editor", is_staff=True))


@pytest.fixture
def root() -> ApiClient:
    return ApiClient(make_user(is_staff=True, is_superuser=True))


def shown(client: ApiClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.get("Location"))
    return answer.content.decode()


def button(rule: AlertRule, name: str) -> str:
    return reverse(f"admin:operations_alertrule_{name}", args=[rule.pk])


def press(client: ApiClient, path: str, **values: Any) -> Any:
    return client.django.post(path, {"_form_submitted": "true", **values}, follow=True)


def messages(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def filled(**values: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    return {"name": "Orders", "threshold": "3", "window_s": "600", "is_active": "on"} | values


def test_whoever_may_edit_chooses_where_and_what_first(
    workspace: Workspace, editor: ApiClient, root: ApiClient
) -> None:
    asked = shown(editor, f"{RULES}add/")
    assert "Failure rate" in asked
    assert "Worker silent" not in asked
    assert "the whole installation" not in asked
    assert "Worker silent" in shown(root, f"{RULES}add/")
    form = shown(editor, f"{RULES}add/?kind=queue_age&workspace={workspace.pk}")
    assert "1 to 86,400" not in form
    assert "10 to 86,400" in form
    for absent in ("window_s", "least_runs", "to_operators", 'name="workflow"'):
        assert absent not in form


def test_a_rule_is_made_and_changed(workspace: Workspace, editor: ApiClient) -> None:
    slack = make_credential(workspace, "slack", {"bot_token": "xoxb-1-s3cret"})
    workflow = make_workflow(workspace)
    add = f"{RULES}add/?kind=run_failed&workspace={workspace.pk}"
    values = filled(
        emails="a@b.test\nc@d.test",
        workflow=workflow.pk,
        slack_credential=slack.pk,
        slack_channel="#ops",
        new_webhook_url=SECRET_URL,
    )
    made = editor.django.post(add, values)
    assert made.status_code == 302, made.context["adminform"].form.errors
    rule = AlertRule.objects.get(workspace=workspace)
    assert (rule.emails, rule.threshold, rule.workflow) == (["a@b.test", "c@d.test"], 3, workflow)
    assert (rule.slack_credential, rule.webhook_url) == (slack, SECRET_URL)

    page = shown(editor, f"{RULES}{rule.pk}/change/")
    assert "Set, at hooks.test. Left empty, it stays." in page
    assert "s3cret" not in page
    path = f"{RULES}{rule.pk}/change/"
    changed = filled(threshold="4", seen_revision="1", emails="a@b.test")
    assert editor.django.post(path, changed).status_code == 302
    rule.refresh_from_db()
    assert (rule.threshold, rule.webhook_url, rule.slack_credential) == (4, SECRET_URL, None)
    stale = editor.django.post(path, changed | {"threshold": "5"}, follow=True)
    assert "was changed meanwhile" in messages(stale)[-1]
    without = changed | {"seen_revision": "2", "without_webhook": "on"}
    assert editor.django.post(path, without).status_code == 302
    rule.refresh_from_db()
    assert rule.webhook_url == ""


def test_what_is_wrong_stands_at_its_field(workspace: Workspace, editor: ApiClient) -> None:
    add = f"{RULES}add/?kind=run_failed&workspace={workspace.pk}"
    values = filled(threshold="0", emails="a@b.test\nnobody", new_webhook_url="ftp://s3cret.test")
    form = editor.django.post(add, values).context["adminform"].form
    assert set(form.errors) == {"threshold", "emails", "new_webhook_url"}
    assert form.errors["threshold"] == ["Must be between 1 and 1,000."]
    assert not AlertRule.objects.filter(workspace=workspace).exists()


@pytest.mark.parametrize("role", ["viewer", "operator", "editor", "admin"])
def test_a_rule_of_the_installation_is_for_superusers_alone(
    workspace: Workspace, root: ApiClient, role: str
) -> None:
    add = f"{RULES}add/?kind=worker_silent&workspace=installation"
    theirs = ApiClient(make_user(workspace, role, is_staff=True))
    assert theirs.django.post(add, filled(threshold="60")).status_code == 403
    assert root.django.post(add, filled(threshold="60", to_operators="on")).status_code == 302
    rule = AlertRule.objects.get(kind="worker_silent")
    assert (rule.workspace, rule.to_operators) == (None, True)
    assert str(rule.pk) not in shown(theirs, RULES)
    for path in (f"{RULES}{rule.pk}/change/", button(rule, "test"), button(rule, "silence")):
        assert theirs.get(path).status_code in (302, 403)
    assert rule.name in shown(root, RULES)


def test_a_rule_is_not_made_in_another_workspace(editor: ApiClient) -> None:
    foreign = make_workspace()
    add = f"{RULES}add/?kind=run_failed&workspace={foreign.pk}"
    assert editor.django.post(add, filled()).status_code == 403
    assert not AlertRule.objects.filter(workspace=foreign).exists()


def test_an_operator_silences_and_tries_and_does_not_edit(
    workspace: Workspace, operator: ApiClient
) -> None:
    rule = make_alert_rule(workspace, webhook_url=SECRET_URL)
    page = shown(operator, f"{RULES}{rule.pk}/change/")
    assert "hooks.test" in page
    assert "s3cret" not in page
    assert "Switch off" not in page
    values = filled(threshold="9", seen_revision="1")
    assert operator.django.post(f"{RULES}{rule.pk}/change/", values).status_code == 403
    assert press(operator, button(rule, "switch_off")).status_code == 403
    told = press(operator, button(rule, "silence"), length="8", reason="Moving house")
    assert messages(told) == ["1 rule silenced."]
    rule.refresh_from_db()
    assert timedelta(hours=7) < rule.silenced_until - timezone.now() <= timedelta(hours=8)
    assert "Moving house" in shown(operator, f"{RULES}{rule.pk}/change/")
    press(operator, button(rule, "lift"))
    press(operator, button(rule, "test"))
    rule.refresh_from_db()
    assert rule.silenced_until is None
    assert [each.event for each in AlertDelivery.objects.all()] == ["test", "test"]
    actions = AuditEntry.objects.filter(object_id=rule.pk).values_list("action", flat=True)
    assert set(actions) == {"alert_rule.silence", "alert_rule.lift_silence", "alert_rule.test"}


def test_a_silence_until_a_moment_names_it(workspace: Workspace, operator: ApiClient) -> None:
    rule = make_alert_rule(workspace)
    asked = press(operator, button(rule, "silence"), length="until", reason="Moving house")
    assert "Say until when." in asked.content.decode()
    until = timezone.now() + timedelta(days=3)
    press(operator, button(rule, "silence"), length="until", reason="x",
          until=f"{until:%Y-%m-%dT%H:%M}")  # fmt: skip
    rule.refresh_from_db()
    assert rule.silenced_until == until.replace(second=0, microsecond=0)
    past = press(operator, button(rule, "silence"), length="until", reason="x",
                 until="2020-01-01T00:00")  # fmt: skip
    assert "Must be in the future" in messages(past)[0]


def test_the_list_says_how_each_rule_is(workspace: Workspace, editor: ApiClient) -> None:
    now = timezone.now()
    make_alert_rule(workspace, name="Quiet", looked_at=now)
    make_alert_rule(workspace, name="Off", is_active=False)
    firing = make_alert_rule(
        workspace, name="Firing", silenced_until=now + timedelta(hours=1), silenced_because="x"
    )
    rows.alert(firing)
    listed = shown(editor, RULES)
    for told in ("firing", "silenced", "off", "quiet", "not yet", "e-mail"):
        assert told in listed
    for state, names in {"firing": {"Firing"}, "silenced": {"Firing"}, "off": {"Off"}}.items():
        found = shown(editor, f"{RULES}?state={state}")
        assert {name for name in ("Quiet", "Off", "Firing") if f">{name}</a>" in found} == names


@pytest.mark.parametrize(
    ("emails", "status", "told"),
    [
        ([], None, "the log alone"),
        (["ops@example.org"], "pending", ", e-mail"),
        (["ops@example.org"], "sent", ", e-mail"),
        (["ops@example.org"], "failed", "not delivered"),
    ],
)
def test_the_list_of_alerts_says_who_was_told(
    workspace: Workspace, editor: ApiClient, emails: list[str], status: str | None, told: str
) -> None:
    rule = make_alert_rule(workspace, threshold=1, emails=emails)
    make_run(make_version(make_workflow(workspace)), RunStatus.FAILED, finished_at=timezone.now())
    look()
    assert AlertDelivery.objects.filter(rule=rule).update(status=status or "sent") == len(emails)
    [cell] = re.findall(r'class="field-told[^>]*>(.*?)</td>', shown(editor, ALERTS), re.DOTALL)
    assert told in " ".join(cell.split())


def test_who_may_not_edit_a_rule_reads_in_words_what_it_watches(
    workspace: Workspace, operator: ApiClient
) -> None:
    rule = make_alert_rule(workspace, "failure_rate", threshold=20, window_s=3_600, least_runs=10)
    page = shown(operator, f"{RULES}{rule.pk}/change/")
    assert "20 % of 10 runs or more failed within 1 h" in page
    assert "Window s" not in page


def test_a_dialog_that_is_opened_in_a_tab_of_its_own_says_what_it_asks(
    workspace: Workspace, operator: ApiClient
) -> None:
    page = shown(operator, button(make_alert_rule(workspace), "test"))
    assert re.search(r"<h2[^>]*>Send a test\?</h2>", page)


def test_who_saves_a_rule_without_a_channel_is_told_that_it_tells_nobody(
    workspace: Workspace, editor: ApiClient
) -> None:
    add = f"{RULES}add/?kind=run_failed&workspace={workspace.pk}"
    for emails, count in (("", 1), ("ops@example.org", 0)):
        answer = editor.django.post(add, filled(emails=emails), follow=True)
        assert len([said for said in messages(answer) if "It tells nobody" in said]) == count


def test_rules_are_switched_and_deleted_together(workspace: Workspace, editor: ApiClient) -> None:
    mine = [make_alert_rule(workspace), make_alert_rule(workspace)]
    foreign = make_alert_rule(make_workspace())
    chosen = {"_selected_action": [each.pk for each in (*mine, foreign)]}
    off = editor.django.post(RULES, chosen | {"action": "switch_all_off"}, follow=True)
    assert messages(off) == ["2 rules switched off."]
    foreign.refresh_from_db()
    assert foreign.is_active
    editor.django.post(RULES, chosen | {"action": "delete_selected", "post": "yes"})
    assert list(AlertRule.objects.filter(is_built_in=False)) == [foreign]


def test_of_several_rules_none_is_deleted_where_one_must_stay(
    workspace: Workspace, editor: ApiClient, root: ApiClient
) -> None:
    chosen = {"action": "delete_selected", "post": "yes"}
    mine, seen = make_alert_rule(workspace), make_alert_rule(make_workspace())
    make_member(seen.workspace, User.objects.get(memberships__workspace=workspace), "viewer")
    of_both = chosen | {"_selected_action": [mine.pk, seen.pk]}
    assert editor.django.post(RULES, of_both).status_code == 403
    with_built_in = chosen | {"_selected_action": [mine.pk, make_built_in_rule().pk]}
    assert root.django.post(RULES, with_built_in).status_code == 403
    assert AlertRule.objects.count() == 3


def test_a_rule_with_alerts_is_deleted_on_its_page(workspace: Workspace, editor: ApiClient) -> None:
    rule = make_alert_rule(workspace)
    rows.alert_delivery(rows.alert(rule))
    assert editor.django.post(f"{RULES}{rule.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not AlertRule.objects.filter(pk=rule.pk).exists()


def test_flowforges_own_rule_offers_no_deletion(root: ApiClient) -> None:
    page = f"{RULES}{make_built_in_rule().pk}/change/"
    assert "Delete alert rule" not in shown(root, page)
    assert "Switch off" in shown(root, page)
    other = make_alert_rule(None)
    assert "Delete alert rule" in shown(root, f"{RULES}{other.pk}/change/")


def test_alerts_and_what_was_told_of_them_are_shown(
    workspace: Workspace, operator: ApiClient
) -> None:
    alert = rows.alert(make_alert_rule(workspace))
    delivery = rows.alert_delivery(alert)
    AlertDelivery.objects.filter(pk=delivery.pk).update(answer="sent to ops@example.org")
    Alert.objects.update(text="<b>\nhttps://flowforge.test/admin/runs/run/7/change/\n")
    assert str(alert.pk) in shown(operator, f"{ALERTS}?state=open")
    assert str(alert.pk) not in shown(operator, f"{ALERTS}?state=resolved")
    page = shown(operator, f"{ALERTS}{alert.pk}/change/")
    assert "sent to ops@example.org" in page
    assert "1 run failed" in page
    assert '<a href="https://flowforge.test/admin/runs/run/7/change/"' in page
    assert "&lt;b&gt;" in page
    of_rule = f"{DELIVERIES}?rule__id__exact={alert.rule_id}"
    assert str(delivery.pk) in shown(operator, of_rule)


def test_a_delivery_is_sent_again(workspace: Workspace, operator: ApiClient) -> None:
    delivery = rows.alert_delivery(rows.alert(make_alert_rule(workspace)))
    path = reverse("admin:operations_alertdelivery_again", args=[delivery.pk])
    assert messages(press(operator, path)) == ["1 message on the way."]
    assert AlertDelivery.objects.filter(status="pending").count() == 1
    chosen = {"_selected_action": [delivery.pk], "action": "send_all_again"}
    operator.django.post(DELIVERIES, chosen)
    assert AlertDelivery.objects.filter(status="pending").count() == 2
    viewer = ApiClient(make_user(workspace, "viewer", is_staff=True))
    assert press(viewer, path).status_code == 403


# --- How much is asked of the database ------------------------------------------------------------

MOST_OF_LIST, MOST_OF_PAGE = 24, 30
MODELS = ["alertrule", "alert", "alertdelivery"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("is_super", [True, False])
def test_lists_ask_the_same_however_many_rows(
    workspace: Workspace, model: str, is_super: bool
) -> None:
    client = ApiClient(make_user(workspace, "operator", is_staff=True, is_superuser=is_super))
    shown(client, f"/admin/operations/{model}/")

    def count() -> int:
        for _ in range(3):
            rule = make_alert_rule(workspace, workflow=make_workflow(workspace))
            rows.alert_delivery(rows.alert(rule))
        with CaptureQueriesContext(connection) as asked:
            shown(client, f"/admin/operations/{model}/")
        return len(asked)

    first = count()
    assert count() == first <= MOST_OF_LIST


@pytest.mark.parametrize("model", MODELS)
def test_pages_ask_the_same_however_many_deliveries(workspace: Workspace, model: str) -> None:
    client = ApiClient(make_user(workspace, "operator", is_staff=True))
    shown(client, f"/admin/operations/{model}/")
    rule = make_alert_rule(workspace)
    alert = rows.alert(rule)
    row: Any = {"alertrule": rule, "alert": alert, "alertdelivery": rows.alert_delivery(alert)}

    def count() -> int:
        for channel in ("slack", "webhook"):
            AlertDelivery.objects.create(
                workspace=workspace, rule=rule, alert=alert, channel=channel, event="repeated",
                subject="again", give_up_at=timezone.now(),
            )  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            shown(client, f"/admin/operations/{model}/{row[model].pk}/change/")
        return len(asked)

    count()
    first = count()
    assert count() == first <= MOST_OF_PAGE
    assert Alert.objects.count() == 1


def test_nobody_spells_out_by_filters_what_no_page_shows(
    operator: ApiClient, workspace: Workspace
) -> None:
    make_alert_rule(workspace, name="Orders", webhook_url=SECRET_URL)
    for how in ("webhook_url__startswith", "webhook_url__gte", "webhook_url__regex"):
        asked = operator.django.get(RULES, {how: SECRET_URL[:40]}, follow=True)
        assert "Orders" not in asked.content.decode(), how
