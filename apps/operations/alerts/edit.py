"""Make, change, switch off and delete rules of alerts."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.engine.errors import Fault, FaultsError
from apps.operations.alerts.faults import CREDENTIALS, faults_of
from apps.operations.alerts.kinds import KINDS, NUMBERS
from apps.operations.models.alerts import AlertRule
from apps.workspaces.audit import lost, made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Principal

MOST = 100
"""Rules of a workspace: each is looked at every few seconds."""
_ROWS = ("workflow", *CREDENTIALS)
SETTINGS = (
    *("name", "workflow", *NUMBERS, "repeat_after_h", "is_active"),
    *("to_operators", "emails", "slack_credential", "slack_channel"),
    *("webhook_url", "webhook_credential", "webhook_secret"),
)
"""What may be set of a rule; rows by their ids."""
Settings = Mapping[str, Any]


def create_rule(
    workspace: Workspace | None, kind: str, settings: Settings, *, by: Principal | None
) -> AlertRule:
    """Have a condition looked at; None: in the whole installation. Raises FaultsError.

    Numbers that are not given are those that the kind has by default.
    """
    rule = AlertRule(workspace=workspace, kind=kind)
    for name, number in KINDS[kind].numbers.items():
        setattr(rule, name, number.default)
    _set(rule, settings)
    with transaction.atomic():
        if workspace is not None:
            # Held, so that two at once make not one too many.
            Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        if AlertRule.objects.filter(workspace=workspace).count() >= MOST:
            raise ConflictError("too_many_rules", f"There may be {MOST} rules at most.")
        _require_good(rule)
        rule.save(force_insert=True)
        told = {name: value for name, value in _told(rule).items() if value}
        record("alert_rule.create", rule, made(kind=kind, **told), by=by)
    return rule


def change_rule(
    rule: AlertRule, revision: int, settings: Settings, *, by: Principal | None
) -> AlertRule:
    """Change some settings of a rule, as it was seen at that revision. Raises FaultsError, and
    ConflictError where it was changed since."""
    with transaction.atomic():
        held = hold_rule(rule)
        if held.revision != revision:
            raise ConflictError(
                "stale_revision",
                f"The rule was changed meanwhile: it is at revision {held.revision}.",
                current={"revision": held.revision},
            )
        before, url, was_active = _told(held), held.webhook_url, held.is_active
        _set(held, settings)
        _require_good(held)
        after = _told(held)
        if held.webhook_url != url and after["webhook"] == before["webhook"]:
            after["webhook"] = f"{after['webhook']}, at another address"
        if after == before:
            return held
        if was_active and not held.is_active:
            _close_alerts(held)
        held.revision += 1
        held.save()
        changes = {name: (before[name], after[name]) for name in after}
        record("alert_rule.change", held, changes, by=by)
    return held


def switch_rule(rule: AlertRule, *, on: bool, by: Principal | None) -> None:
    """Have it looked at, or not; its open alerts are closed then, and nobody is told of them."""
    with transaction.atomic():
        held = hold_rule(rule)
        if held.is_active == on:
            return
        held.is_active = on
        held.revision += 1
        if not on:
            _close_alerts(held)
        held.save(update_fields=["is_active", "memory", "revision"])
        action = "alert_rule.switch_on" if on else "alert_rule.switch_off"
        record(action, held, {"is_active": (not on, on)}, by=by)


def delete_rule(rule: AlertRule, *, by: Principal | None) -> None:
    """Delete a rule with its alerts and what is known of their deliveries."""
    with transaction.atomic():
        held = hold_rule(rule)
        if held.is_built_in:
            raise ConflictError(
                "built_in",
                "This rule belongs to FlowForge: late schedules are looked for by it.",
                "Switch it off instead.",
            )
        told = {name: value for name, value in _told(held).items() if value}
        record("alert_rule.delete", held, lost(kind=held.kind, **told), by=by)
        held.delete()


def hold_rule(rule: AlertRule) -> AlertRule:
    """The rule as it is now, kept from changing, and from being looked at; for a transaction."""
    held: AlertRule = AlertRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    return held


def _set(rule: AlertRule, settings: Settings) -> None:
    for name, value in settings.items():
        if name not in SETTINGS:
            raise FaultsError([Fault(name, "unknown", f"A rule has no “{name}” to be set.")])
        setattr(rule, f"{name}_id" if name in _ROWS else name, value)


def _require_good(rule: AlertRule) -> None:
    if faults := faults_of(rule):
        raise FaultsError(faults)


def _close_alerts(rule: AlertRule) -> None:
    """What is not looked at is not known to last."""
    rule.memory = {}
    rule.alerts.filter(resolved_at=None).update(resolved_at=timezone.now())


def _told(rule: AlertRule) -> dict[str, Any]:
    """The settings of a rule as the audit trail tells them: of the webhook's URL its host."""
    names = (name for name in SETTINGS if name != "webhook_url")
    told = {name: getattr(rule, name) for name in names}
    rows = {name: str(told[name]) if told[name] else None for name in _ROWS}
    return told | rows | {"webhook": rule.webhook_host}


def faults_after(rule: AlertRule, settings: Settings) -> list[Fault]:
    """What would be wrong with a rule with these settings; for a transaction."""
    changed = copy(rule)
    _set(changed, settings)
    return faults_of(changed)
