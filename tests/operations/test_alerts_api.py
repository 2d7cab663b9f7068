"""Alerts over the API: rules, what fires, deliveries; those of the installation for superusers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.engine.events import write_time
from apps.operations.alerts import again
from apps.operations.models import AlertDelivery, AlertRule
from apps.workspaces.models import Workspace
from tests.api import rows
from tests.clients import ApiClient, faults
from tests.factories import (
    make_alert_rule,
    make_api_key,
    make_built_in_rule,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db
SECRET_URL = "https://hooks.test/services/T0p-s3cret-path?key=also-s3cret"


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def editor(workspace: Workspace) -> ApiClient:
    return ApiClient(make_user(workspace, "editor"))


@pytest.fixture
def root() -> ApiClient:
    return ApiClient(make_user(is_superuser=True))


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def test_a_rule_is_made_changed_and_deleted(editor: ApiClient) -> None:
    body = {"name": "Orders", "kind": "run_failed", "emails": ["ops@example.org"],
            "webhook_url": SECRET_URL}  # fmt: skip
    made = editor.post("alerts/rules", body)
    assert made.status_code == 201
    rule = made.json()
    assert (rule["threshold"], rule["window_s"], rule["revision"]) == (1, 600, 1)
    assert (rule["channels"], rule["webhook_host"]) == (["email", "webhook"], "hooks.test")
    assert "s3cret" not in made.content.decode()
    path = f"alerts/rules/{rule['id']}"
    changed = editor.patch(path, {"revision": 1, "threshold": 4, "is_active": False}).json()
    assert (changed["threshold"], changed["is_active"], changed["revision"]) == (4, False, 2)
    stale = editor.patch(path, {"revision": 1, "threshold": 5})
    assert (stale.status_code, stale.json()["revision"]) == (409, 2)
    assert "s3cret" not in editor.get(path).content.decode()
    assert editor.delete(path).status_code == 204
    assert editor.get(path).status_code == 404


def test_all_faults_of_a_rule_are_told_at_once(editor: ApiClient) -> None:
    body = {"kind": "run_failed", "threshold": 0, "emails": ["x"], "webhook_url": "ftp://s3cret"}
    refused = editor.post("alerts/rules", body)
    assert refused.status_code == 422
    assert faults(refused) == [
        ("name", "blank"),
        ("threshold", "out_of_range"),
        ("emails[0]", "invalid"),
        ("webhook_url", "invalid"),
    ]
    assert "s3cret" not in refused.content.decode()
    unknown = editor.post("alerts/rules", {"kind": "sun_shines", "colour": "red"})
    assert {path for path, _ in faults(unknown)} == {"kind", "colour"}
    assert not AlertRule.objects.filter(is_built_in=False).exists()


def test_rules_of_the_installation_are_for_superusers(
    workspace: Workspace, editor: ApiClient, root: ApiClient
) -> None:
    body = {"workspace": None, "name": "Workers", "kind": "worker_silent"}
    key = ApiClient(make_api_key(workspace, "admin")[1])
    for client in (editor, key, ApiClient(make_user(workspace, "admin"))):
        assert client.post("alerts/rules", body).status_code == 403
    made = root.post("alerts/rules", body)
    assert (made.status_code, made.json()["workspace"]) == (201, None)
    rule = AlertRule.objects.get(kind="worker_silent")
    alert = rows.alert(rule)
    delivery = rows.alert_delivery(alert)
    paths = [f"alerts/rules/{rule.pk}", f"alerts/{alert.pk}", f"alerts/deliveries/{delivery.pk}"]
    for path in paths:
        assert root.get(path).status_code == 200
        assert editor.get(path).status_code == key.get(path).status_code == 404
    for path in ("alerts/rules", "alerts", "alerts/deliveries"):
        assert len(ids(root.get(path))) >= 1
        assert ids(editor.get(path)) == ids(key.get(path)) == []


def test_flowforges_own_rule_is_not_deleted(root: ApiClient) -> None:
    rule = make_built_in_rule()
    refused = root.delete(f"alerts/rules/{rule.pk}")
    assert (refused.status_code, faults(refused)) == (409, [("", "built_in")])


def test_a_rule_is_silenced_tried_and_heard_again(workspace: Workspace) -> None:
    operator = ApiClient(make_user(workspace, "operator"))
    rule = make_alert_rule(workspace)
    path = f"alerts/rules/{rule.pk}"
    until = write_time(timezone.now() + timedelta(hours=8))
    silenced = operator.put(f"{path}/silence", {"until": until, "reason": "Moving house"}).json()
    assert (silenced["silenced_until"], silenced["silenced_because"]) == (until, "Moving house")
    wrong = operator.put(f"{path}/silence", {"until": "2020-01-01T00:00:00Z", "reason": ""})
    assert faults(wrong) == [("until", "out_of_range"), ("reason", "blank")]
    assert operator.delete(f"{path}/silence").status_code == 204
    assert operator.get(path).json()["silenced_until"] is None
    tested = operator.post(f"{path}/test")
    assert tested.status_code == 202
    assert [each["channel"] for each in tested.json()["deliveries"]] == ["email"]


def test_what_fires_is_listed_with_what_was_told_of_it(
    workspace: Workspace, editor: ApiClient
) -> None:
    rule = make_alert_rule(workspace)
    alert = rows.alert(rule)
    delivery = rows.alert_delivery(alert)
    assert editor.get(f"alerts/rules/{rule.pk}").json()["firing_since"] is not None
    assert ids(editor.get(f"alerts?state=open&rule={rule.pk}")) == [str(alert.pk)]
    assert ids(editor.get("alerts?state=resolved")) == []
    assert faults(editor.get("alerts?state=loud")) == [("state", "invalid_choice")]
    assert ids(editor.get(f"alerts/deliveries?alert={alert.pk}&status=sent&status=failed")) == [
        str(delivery.pk)
    ]
    assert ids(editor.get("alerts/deliveries?status=pending")) == []


def test_what_was_sent_is_sent_again_as_another_one(workspace: Workspace) -> None:
    operator = ApiClient(make_user(workspace, "operator"))
    delivery = rows.alert_delivery(rows.alert(make_alert_rule(workspace)))
    path = f"alerts/deliveries/{delivery.pk}/redeliver"
    answer = operator.post(path)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.json()["id"] != str(delivery.pk)
    AlertDelivery.objects.filter(pk=delivery.pk).update(channel="slack")
    refused = operator.post(path)
    assert (refused.status_code, faults(refused)) == (409, [("", "no_channel")])


def test_a_rule_is_tested_only_so_often_an_hour(
    workspace: Workspace, editor: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "MOST_OF_RULE", 1)
    rule, operator = make_alert_rule(workspace), ApiClient(make_user(workspace, "operator"))
    assert editor.post(f"alerts/rules/{rule.pk}/test").status_code == 202
    refused = operator.post(f"alerts/rules/{rule.pk}/test")
    assert (refused.status_code, faults(refused)) == (429, [("", "too_many_messages")])
    assert int(refused["Retry-After"]) > 0
    assert operator.post(f"alerts/rules/{make_alert_rule(workspace).pk}/test").status_code == 202


def test_one_person_has_messages_sent_again_only_so_often_an_hour(
    workspace: Workspace, editor: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "MOST_AN_HOUR", 2)
    delivery = rows.alert_delivery(rows.alert(make_alert_rule(workspace)))
    path = f"alerts/deliveries/{delivery.pk}/redeliver"
    answers = [editor.post(path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert ApiClient(make_user(workspace, "operator")).post(path).status_code == 202


@pytest.mark.parametrize("path", ["alerts/rules", "alerts", "alerts/deliveries"])
def test_lists_ask_the_same_however_many_rows(
    workspace: Workspace, editor: ApiClient, path: str
) -> None:
    def count() -> int:
        for _ in range(3):
            rows.alert_delivery(rows.alert(make_alert_rule(workspace)))
        with CaptureQueriesContext(connection) as asked:
            assert ids(editor.get(path))
        return len(asked)

    count()
    first = count()
    assert count() == first <= 6
