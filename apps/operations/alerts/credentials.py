"""Keeps the credentials that rules tell by: without them a rule would fall silent unseen."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from apps.credentials.models import Credential
from apps.credentials.uses import credential_deleting
from apps.engine.faults import quoted
from apps.operations.alerts.faults import CREDENTIALS
from apps.operations.models.alerts import AlertRule
from apps.workspaces.errors import ConflictError

NAMED = 5


@receiver(credential_deleting)
def refuse_while_rules_use_it(credential: Credential, **_: Any) -> None:
    """Raises ConflictError that names the rules; of those of the installation, that there are."""
    uses = Q()
    for name in CREDENTIALS:
        uses |= Q(**{name: credential})
    rules = list(AlertRule.objects.filter(uses).order_by("name")[: NAMED + 1])
    if not rules:
        return
    own = [rule for rule in rules if rule.workspace_id is not None]
    names = [quoted(rule.name) for rule in own[:NAMED]]
    names += ["others"] if len(own) > NAMED else []
    names += ["a rule of the installation"] if len(own) < len(rules) else []
    raise ConflictError(
        "credential_in_use",
        f"Alert rules tell by it: {', '.join(names)}.",
        "Choose another one there first.",
        current={"alert_rules": [{"id": str(rule.pk), "name": rule.name} for rule in own[:NAMED]]},
    )
