"""Have nobody told of a rule's alerts for a while. They are seen all the same, and told later if
they still last."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.engine.errors import Fault, FaultsError
from apps.operations.alerts.edit import hold_rule
from apps.operations.models.alerts import AlertRule
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal

LONGEST = timedelta(days=366)
LONGEST_REASON = 500


def silence_rule(rule: AlertRule, until: datetime, reason: str, *, by: Principal) -> None:
    """Silence a rule, or give its silence another end or reason. Raises FaultsError."""
    now = timezone.now()
    faults = []
    if not now < until <= now + LONGEST:
        told = "Must be in the future, and at most a year away."
        faults.append(Fault("until", "out_of_range", told))
    if not reason.strip():
        faults.append(Fault("reason", "blank", "Say why."))
    if len(reason) > LONGEST_REASON:
        told = f"Must have at most {LONGEST_REASON} characters."
        faults.append(Fault("reason", "too_long", told))
    if faults:
        raise FaultsError(faults)
    with transaction.atomic():
        held = hold_rule(rule)
        _silence(held, until, reason.strip(), "alert_rule.silence", by)


def lift_silence(rule: AlertRule, *, by: Principal) -> None:
    """Have its alerts told again; nothing where it is not silenced."""
    with transaction.atomic():
        held = hold_rule(rule)
        if held.is_silenced(timezone.now()):
            _silence(held, None, "", "alert_rule.lift_silence", by)


def _silence(
    rule: AlertRule, until: datetime | None, reason: str, action: str, by: Principal
) -> None:
    changes = {
        "silenced_until": (rule.silenced_until, until),
        "silenced_because": (rule.silenced_because, reason),
    }
    rule.silenced_until, rule.silenced_because = until, reason
    rule.save(update_fields=["silenced_until", "silenced_because"])
    record(action, rule, changes, by=by)
