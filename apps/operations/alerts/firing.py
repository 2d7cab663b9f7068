"""Which rules fire just now, and since when."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from apps.operations.models.alerts import Alert

OPEN = Alert.objects.filter(rule=OuterRef("pk"), resolved_at=None).order_by("opened_at")


def with_firing_since(rules: QuerySet[Any]) -> QuerySet[Any]:
    """The rules with `firing_since`: when the oldest of their open alerts was opened, or None."""
    return rules.annotate(firing_since=Subquery(OPEN.values("opened_at")[:1]))
