"""What became of slots is forgotten after a while: a schedule may have 86,400 a day."""

from datetime import datetime, timedelta

from apps.triggers.models import ScheduleFire

KEPT_FOR = timedelta(days=90)
AT_ONCE = 500


def delete_old_fires(now: datetime) -> int:
    """Forget the slots that fired, or were left out, long ago, some at a time; gives how many.

    What is queued stays until something has become of it.
    """
    old = ScheduleFire.objects.filter(fired_at__lt=now - KEPT_FOR).exclude(
        outcome=ScheduleFire.Outcome.QUEUED
    )
    count = 0
    while ids := list(old.order_by("fired_at").values_list("pk", flat=True)[:AT_ONCE]):
        count += ScheduleFire.objects.filter(pk__in=ids).delete()[0]
    return count
