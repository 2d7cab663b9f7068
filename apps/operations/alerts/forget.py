"""What was told is forgotten after a while."""

from datetime import datetime, timedelta

from apps.operations.models.alerts import Alert, AlertDelivery
from apps.workspaces.querysets import TenantQuerySet

KEPT_FOR = timedelta(days=90)
AT_ONCE = 500


def delete_old_alerts(now: datetime) -> int:
    """Delete what ended, and what was sent, long ago, some at a time; gives how many alerts."""
    before = now - KEPT_FOR
    ended = AlertDelivery.objects.exclude(status=AlertDelivery.Status.PENDING)
    _delete(ended.filter(created_at__lt=before).order_by("created_at"))
    return _delete(Alert.objects.filter(resolved_at__lt=before).order_by("resolved_at"))


def _delete(rows: TenantQuerySet) -> int:
    count = 0
    while ids := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        count += len(ids)
    return count
