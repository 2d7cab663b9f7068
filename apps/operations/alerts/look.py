"""Rules are looked at, each every few seconds, by all who live in turn.

Whoever looks holds the rule's row meanwhile and notes when the next look is: however many look, no
look is doubled. Nothing is sent here.
"""

import logging
from datetime import timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from apps.operations.alerts.conditions import find
from apps.operations.alerts.follow import follow
from apps.operations.alerts.kinds import Kind
from apps.operations.alerts.late import look_at_schedules
from apps.operations.models.alerts import WATCHED, AlertRule
from apps.runs import sql
from apps.workspaces.querysets import TenantQuerySet

logger = logging.getLogger(__name__)

LOOK_S = 5.0
"""Between two looks at a rule, and between two turns of whoever looks."""
AT_ONCE = 500
"""So many rules are looked at in a turn; the next one goes on."""


def look() -> int:
    """Look at the rules whose turn it is; gives how many."""
    count = 0
    while count < AT_ONCE and _due().exists() and _look_at_next():
        count += 1
    return count


def _due() -> TenantQuerySet:
    return AlertRule.objects.filter(WATCHED, next_look_at__lte=Now())


def _look_at_next() -> bool:
    """Look at the next rule that nobody else is at; False where there is none."""
    with transaction.atomic():
        held = _due().select_for_update(of=("self",), skip_locked=True)
        rule = held.select_related("workspace").order_by("next_look_at").first()
        if rule is None:
            return False
        now = sql.database_now()
        rule.next_look_at, rule.looked_at = now + timedelta(seconds=LOOK_S), now
        try:
            with transaction.atomic():
                if rule.kind == Kind.SCHEDULE_LATE:
                    look_at_schedules(now)
                else:
                    follow(rule, find(rule, now), now)
        except (OperationalError, InterfaceError):
            raise  # the database is away: the next turn tries again
        except Exception:
            # A fault of ours, which must keep no other rule from being looked at.
            logger.exception("the alert rule %s could not be looked at", rule.pk)
        rule.save(update_fields=["next_look_at", "looked_at", "memory"])
    return True
