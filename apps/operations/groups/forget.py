"""Groups and counts that tell nobody anything any more are forgotten."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from apps.operations.models import ErrorGroup, ErrorGroupDay
from apps.runs.models import Run

KEPT_FOR = timedelta(days=90)
AT_ONCE = 500


def delete_old_groups(now: datetime) -> int:
    """Delete resolved groups that did not happen for long and whose runs are deleted, and the days
    of all that are long ago, some at a time; gives how many groups."""
    before = now - KEPT_FOR
    while days := list(
        ErrorGroupDay.objects.filter(day__lt=before.date())
        .order_by("day")
        .values_list("pk", flat=True)[:AT_ONCE]
    ):
        ErrorGroupDay.objects.filter(pk__in=days).delete()
    old = ErrorGroup.objects.filter(
        ~Exists(Run.objects.filter(error_group=OuterRef("pk"))),
        status=ErrorGroup.Status.RESOLVED,
        last_seen__lt=before,
    )
    count = 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        # Once more with what was asked: one may have come back meanwhile.
        count += old.filter(pk__in=ids).delete()[1].get(ErrorGroup._meta.label, 0)
    return count
