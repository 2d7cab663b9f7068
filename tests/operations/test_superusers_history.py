"""The history of rows whose pages superusers alone see: what the audit trail has of each."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model
from django.urls import reverse

from apps.operations.alerts.edit import switch_rule
from apps.runs.ask_drain import ask_to_drain
from apps.runs.holds import hold
from apps.workspaces.accounts import disable_user, enable_user
from apps.workspaces.audit import record
from apps.workspaces.models import User
from tests.clients import ApiClient
from tests.factories import make_alert_rule, make_user, make_workflow, make_workspace
from tests.runs.work import make_worker

pytestmark = pytest.mark.django_db
ENTRIES = "admin:workspaces_auditentry_changelist"


def drained_worker() -> Model:
    worker = make_worker()
    ask_to_drain(worker, by=None)
    return worker


def enabled_account() -> Model:
    user: User = make_user()
    disable_user(user, reason="Left.", by=None)
    enable_user(user, by=None)
    return user


def rule_of_the_installation() -> Model:
    rule = make_alert_rule(None)
    switch_rule(rule, on=False, by=None)
    return rule


ROWS: dict[str, Callable[[], Model]] = {
    "everything.hold": lambda: hold(None, "Upgrade", by=None),
    "workspace.hold": lambda: hold(make_workspace(), "Broken", by=None),
    "workflow.hold": lambda: hold(make_workflow(), "Broken", by=None),
    "worker.drain": drained_worker,
    "user.enable": enabled_account,
    "alert_rule.switch_off": rule_of_the_installation,
}
"""By what was done to them last, as the trail calls it."""


def page_of(row: Model, name: str) -> str:
    label = row._meta.label_lower.replace(".", "_")
    return reverse(f"admin:{label}_{name}", args=[row.pk])


def listed(page: str) -> str:
    found = re.search(r'id="result_list".*?</table>', page, re.DOTALL)
    return found.group() if found else ""


@pytest.mark.parametrize("action", ROWS)
def test_a_page_leads_superusers_to_the_entries_of_its_row_alone(action: str) -> None:
    row = ROWS[action]()
    record("workflow.rename", make_workflow(), by=None)
    client = ApiClient(make_user(is_staff=True, is_superuser=True))
    history = page_of(row, "history")
    assert f'href="{history}"' in client.get(page_of(row, "change")).content.decode()
    answer = client.get(history)
    assert answer["Location"] == f"{reverse(ENTRIES)}?of={row.pk}"
    told = listed(client.get(answer["Location"]).content.decode())
    assert action in told
    assert "workflow.rename" not in told


@pytest.mark.parametrize("action", ROWS)
def test_admins_of_a_workspace_are_not_led_there(action: str) -> None:
    row: Any = ROWS[action]()
    client = ApiClient(make_user(make_workspace(), "admin", is_staff=True))
    answer = client.get(page_of(row, "history"))
    is_sent_off = answer.status_code == 302 and answer["Location"] == "/admin/"
    assert answer.status_code == 403 or is_sent_off
